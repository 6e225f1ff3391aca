use super::*;

fn saver(id: usize, name: &str) -> Value {
    json!({"id": id, "type": "SaveImage", "widgets_values": [name]})
}

#[test]
fn a_file_name_that_repeats_a_long_value_is_refused() {
    let info = json!({
        "SaveImage": {"input": {"required": {"filename_prefix": ["STRING", {}]}}, "output": []},
        "Word": {"input": {"required": {"text": ["STRING", {}]}}, "output": []},
    });
    let info = ObjectInfo::parse(&info.to_string()).unwrap();
    let workflow = |times: usize| {
        let word = json!({"id": 1, "type": "Word", "widgets_values": ["x".repeat(100_000)]});
        json!({"nodes": [word, saver(2, &"%Word.text%".repeat(times))]}).to_string()
    };
    assert!(convert(&workflow(9), &info, &ConvertOptions::default()).is_ok());
    let error = convert(&workflow(20_000), &info, &ConvertOptions::default()).unwrap_err();
    assert!(matches!(error, ConvertError::BadValue { .. }), "{error}");
    assert!(error.to_string().contains("1 MB"), "{error}");
}

#[test]
fn subgraphs_that_repeat_a_long_value_are_refused() {
    let mut workflow = nested(2, 30);
    let words = json!({"id": 1, "type": "Word", "widgets_values": ["x".repeat(100_000)]});
    workflow["definitions"]["subgraphs"][1]["nodes"] = json!(vec![words; 30]);
    for (at, node) in workflow["definitions"]["subgraphs"][1]["nodes"].as_array_mut().unwrap().iter_mut().enumerate() {
        node["id"] = json!(at + 100);
    }
    assert!(matches!(refused(&workflow), ConvertError::TooLarge(_)));
}

#[test]
fn comments_without_an_end_are_read_once() {
    // Looking for each end anew would be 10,000,000,000 steps.
    let text = "/* ".repeat(100_000);
    let workflow = json!({"nodes": [{"id": 1, "type": "Prompt", "widgets_values": [text]}]});
    assert_eq!(converted(&workflow)["1"]["inputs"]["text"], text);
}

fn too_large(workflow: &Value) {
    let error = refused(workflow);
    assert!(matches!(error, ConvertError::TooLarge(_)), "{error}");
}

#[test]
fn subgraphs_that_double_at_each_level_are_refused() {
    // 2 to the power of 40 nodes.
    assert!(matches!(refused(&nested(40, 2)), ConvertError::Subgraphs(_)));
}

#[test]
fn instances_that_repeat_long_titles_are_refused() {
    let mut workflow = nested(2, 300);
    workflow["definitions"]["subgraphs"][1]["nodes"][0]["title"] = json!("x".repeat(1_000_000));
    too_large(&workflow);
}

#[test]
fn instances_that_repeat_long_types_are_refused() {
    let mut workflow = nested(2, 300);
    let node = &mut workflow["definitions"]["subgraphs"][1]["nodes"][0];
    node["type"] = json!("x".repeat(1_000_000));
    node["mode"] = json!(2);
    too_large(&workflow);
}

#[test]
fn long_ids_are_refused() {
    too_large(&json!({"nodes": [{"id": "x".repeat(300), "type": "Source"}]}));
    let mut workflow = nested(3, 55);
    for level in 0..2 {
        let nodes = workflow["definitions"]["subgraphs"][level]["nodes"].as_array_mut().unwrap();
        nodes.iter_mut().enumerate().for_each(|(at, node)| node["id"] = json!(format!("{level}{at:0249}")));
    }
    too_large(&workflow);
}

#[test]
fn inputs_of_a_definition_times_its_instances_are_refused() {
    let inputs: Vec<Value> = (0..3_000).map(|at| json!({"name": format!("i{at}"), "type": "IMAGE"})).collect();
    let nodes: Vec<Value> = (1..=3_000).map(|id| json!({"id": id, "type": "d"})).collect();
    let definition = json!({"id": "d", "inputs": inputs, "outputs": [], "links": [], "nodes": []});
    too_large(&json!({"nodes": nodes, "definitions": {"subgraphs": [definition]}}));
}

#[test]
fn group_nodes_that_multiply_are_refused() {
    let inside = vec![json!({"type": "Word", "widgets_values": vec![0; 1_000]}); 100];
    let nodes: Vec<Value> = (1..=300).map(|id| json!({"id": id, "type": "workflow>G"})).collect();
    let group = json!({"nodes": inside, "links": [], "external": []});
    too_large(&json!({"nodes": nodes, "links": [], "extra": {"groupNodes": {"G": group}}}));
}

#[test]
fn warnings_of_many_instances_end_with_one_that_says_so() {
    let get = json!({"id": 1, "type": "GetNode", "widgets_values": ["x"], "outputs": [output("IMAGE", &[1])]});
    let inputs: Vec<Value> =
        (1..=100).map(|at| json!({"name": format!("i{at}"), "type": "IMAGE", "link": at})).collect();
    let show = json!({"id": 2, "type": "Show", "inputs": inputs});
    let links: Vec<Value> = (1..=100)
        .map(|at| json!({"id": at, "origin_id": 1, "origin_slot": 0, "target_id": 2, "target_slot": at}))
        .collect();
    let nodes: Vec<Value> = (10..2_000).map(|id| json!({"id": id, "type": "d"})).collect();
    let definition = json!({"id": "d", "inputs": [], "outputs": [], "links": links, "nodes": [get, show]});
    let workflow = json!({"nodes": nodes, "definitions": {"subgraphs": [definition]}});
    let warnings = try_convert(&workflow, &ConvertOptions::default()).unwrap().warnings;
    assert!(warnings.len() < 100_000, "{}", warnings.len());
    assert_eq!(warnings.last().unwrap().rule, "more");
}
