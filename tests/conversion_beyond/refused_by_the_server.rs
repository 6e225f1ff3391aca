use super::*;

/// The warnings of a node with these values, and links of `Source` to these inputs: input, rule and message.
fn of(class: &str, values: Value, links: &[&str], output_node: bool) -> Vec<(String, &'static str, String)> {
    let classes = json!({
        "Source": {"input": {}, "output": ["IMAGE"]},
        "Sink": {"input": {"required": {
            "image": ["IMAGE"], "steps": ["INT", {"min": 1, "max": 100}], "cfg": ["FLOAT", {"min": 0, "max": 10}],
            "on": ["BOOLEAN", {}], "mode": [["fast", "slow"]], "factor": [[0.5, 1.0, 2.0]],
            "file": [["a.safetensors", "b.safetensors"]], "text": ["STRING", {}]},
            "optional": {"mask": ["MASK"], "forced": ["STRING", {"forceInput": true}]}},
            "output": [], "output_node": output_node},
        "Load3D": {"input": {"required": {"model_file": [[]], "image": ["LOAD_3D", {}]}}, "output": [], "output_node": true},
        "Result": {"input": {"optional": {"image": ["IMAGE"]}}, "output": [], "output_node": true},
    });
    let inputs: Vec<Value> =
        links.iter().enumerate().map(|(at, name)| json!({"name": name, "type": "IMAGE", "link": at})).collect();
    let all: Vec<Value> = (0..links.len()).map(|at| json!([at, 1, 0, 2, at, "IMAGE"])).collect();
    let nodes = json!([source(1, &[]), {"id": 2, "type": class, "inputs": inputs, "widgets_values": values},
        {"id": 3, "type": "Result"}]);
    let info = ObjectInfo::parse(&classes.to_string()).unwrap();
    let conversion = convert(&workflow(nodes, json!(all)).to_string(), &info, &ConvertOptions::default()).unwrap();
    conversion.warnings.into_iter().map(|warning| (warning.input, warning.rule, warning.message)).collect()
}

fn sink(values: Value) -> Vec<(String, &'static str, String)> {
    of("Sink", values, &["image"], true)
}

#[test]
fn values_that_fit_are_no_warning() {
    assert_eq!(sink(json!([20, 7.5, true, "fast", 1, "a.safetensors", "x"])), []);
    // Python reads numbers out of texts, a list of files differs from server to server.
    assert_eq!(sink(json!(["20", " 7.5 ", 1, "slow", 0.5, "other.safetensors", 7])), []);
    assert_eq!(sink(json!([20, 7, "True", "fast", 2.0, "sub/model", ""])), []);
}

#[test]
fn values_after_a_shift_are_each_a_warning() {
    let warnings = sink(json!(["fast", [1], "Alpha", false, 3, "a.safetensors", "x"]));
    let messages: Vec<(&str, &str, &str)> =
        warnings.iter().map(|(input, rule, message)| (input.as_str(), *rule, message.as_str())).collect();
    assert_eq!(
        messages,
        [
            ("steps", "value", "\"fast\" is no whole number"),
            ("cfg", "value", "[1] is no number"),
            ("on", "value", "\"Alpha\" is neither true nor false"),
            ("mode", "value", "false is none of its options"),
            ("factor", "value", "3 is none of its options"),
        ]
    );
}

#[test]
fn numbers_beyond_their_limits_are_a_warning() {
    let warnings = sink(json!([0, 10.5, true, "fast", 1, "a.safetensors", "x"]));
    let messages: Vec<&str> = warnings.iter().map(|(.., message)| message.as_str()).collect();
    assert_eq!(messages, ["0 is less than 1, the least that it takes", "10.5 is more than 10, the most that it takes"]);
}

#[test]
fn a_required_socket_without_a_link_is_a_warning() {
    let warnings = of("Sink", json!([20, 7.5, true, "fast", 1, "a.safetensors", "x"]), &[], true);
    assert_eq!(warnings, [("image".into(), "required", "nothing is linked to it, and the server wants it".into())]);
}

#[test]
fn a_value_that_only_the_editor_makes_is_a_warning() {
    let warnings = of("Load3D", json!(["a.glb", ""]), &[], true);
    let rules: Vec<(&str, &str)> = warnings.iter().map(|(input, rule, _)| (input.as_str(), *rule)).collect();
    assert_eq!(rules, [("image", "editor")]);
}

#[test]
fn nodes_that_no_result_depends_on_are_not_looked_at() {
    assert_eq!(of("Sink", json!(["fast"]), &[], false), []);
}

#[test]
fn an_optional_input_behind_a_bypassed_node_is_switched_off() {
    let mut source = source(1, &[7, 8]);
    source["mode"] = json!(4);
    let show = json!({"id": 2, "type": "Show", "inputs": [
        {"name": "image", "type": "IMAGE", "link": 7}, {"name": "extra", "type": "IMAGE", "link": 8}]});
    let links = json!([[7, 1, 0, 2, 0, "IMAGE"], [8, 1, 0, 2, 1, "IMAGE"]]);
    assert_eq!(warnings(&converted(workflow(json!([source, show]), links))), [("2", "image", "link")]);
}
