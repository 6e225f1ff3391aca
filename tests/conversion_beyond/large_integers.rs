use super::*;

const SEED: &str = "18446744073709551557";

fn written(workflow: &str) -> String {
    let info = json!({
        "Sample": {"input": {"required": {"seed": ["INT", {"max": 0xffff_ffff_ffff_ffff_u64}]}}, "output": []},
        "Show": {"input": {"required": {"text": ["STRING", {"multiline": true}]}}, "output": []},
    });
    let info = ObjectInfo::parse(&info.to_string()).unwrap();
    convert(workflow, &info, &ConvertOptions::default()).unwrap().prompt.into_json()
}

#[test]
fn keep_their_digits_in_every_place_that_a_value_can_come_from() {
    let plain = format!(r#"{{"nodes": [{{"id": 1, "type": "Sample", "widgets_values": [{SEED}, "fixed"]}}]}}"#);
    let primitive = format!(
        r#"{{"nodes": [
            {{"id": 1, "type": "Sample", "inputs": [{{"name": "seed", "type": "INT", "link": 7, "widget": {{"name": "seed"}}}}],
              "widgets_values": [5, "fixed"]}},
            {{"id": 2, "type": "PrimitiveNode", "outputs": [{{"type": "INT", "links": [7]}}], "widgets_values": [{SEED}, "fixed"]}}],
          "links": [[7, 2, 0, 1, 0, "INT"]]}}"#
    );
    let promoted = format!(
        r#"{{"nodes": [{{"id": 1, "type": "definition-1", "inputs": [{{"name": "seed", "type": "INT", "widget": {{"name": "seed"}}}}],
            "widgets_values": [{SEED}]}}],
          "definitions": {{"subgraphs": [{{"id": "definition-1",
            "inputs": [{{"name": "seed", "type": "INT", "linkIds": [1]}}], "outputs": [],
            "nodes": [{{"id": 5, "type": "Sample", "inputs": [{{"name": "seed", "type": "INT", "link": 1, "widget": {{"name": "seed"}}}}],
              "widgets_values": [5, "fixed"]}}],
            "links": [{{"id": 1, "origin_id": -10, "origin_slot": 0, "target_id": 5, "target_slot": 0, "type": "INT"}}]}}]}}}}"#
    );
    let grouped = format!(
        r#"{{"nodes": [{{"id": 1, "type": "workflow>One", "widgets_values": [{SEED}, "fixed"]}}],
          "extra": {{"groupNodes": {{"One": {{"nodes": [{{"type": "Sample", "index": 0, "widgets_values": [5, "fixed"]}}],
            "links": [], "external": []}}}}}}}}"#
    );
    for workflow in [plain, primitive, promoted, grouped] {
        let prompt = written(&workflow);
        assert!(prompt.contains(&format!(r#""seed":{SEED}"#)), "{workflow}\n{prompt}");
    }
}

#[test]
fn that_a_primitive_clamps_lose_them() {
    let workflow = r#"{"nodes": [
        {"id": 1, "type": "Sample", "inputs": [{"name": "seed", "type": "INT", "link": 7, "widget": {"name": "seed"}}]},
        {"id": 2, "type": "PrimitiveNode", "outputs": [{"type": "INT", "links": [7]}], "widgets_values": [99999999999999999999, "fixed"]}],
      "links": [[7, 2, 0, 1, 0, "INT"]]}"#;
    assert!(written(workflow).contains(r#""seed":18446744073709552000"#));
}
