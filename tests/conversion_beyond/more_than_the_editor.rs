use super::*;

#[test]
fn an_object_of_values_is_a_list_only_with_as_many_entries_as_the_class_has_widgets() {
    let amount = |values: Value| {
        let nodes = json!([{"id": 1, "type": "Blend", "widgets_values": values}]);
        prompt(&converted(workflow(nodes, json!([]))))["1"]["inputs"].clone()
    };
    assert_eq!(amount(json!({"amount": 0.25, "videopreview": {"hidden": false}})), json!({"amount": 0.5}));
    assert_eq!(amount(json!({"whatever": 0.25})), json!({"amount": 0.25}));
}

#[test]
fn a_file_without_a_version_keeps_its_links() {
    let nodes = json!([source(1, &[7]), show(2, 7)]);
    let conversion = converted(json!({"nodes": nodes, "links": [[7, 1, 0, 2, 0, "IMAGE"]]}));
    assert_eq!(prompt(&conversion)["2"]["inputs"]["image"], json!(["1", 0]));
}

#[test]
fn an_id_may_be_any_text() {
    let text = r#"{"version": 0.4, "links": [[7, "__proto__", 0, "constructor", 0, "IMAGE"]], "nodes": [
        {"id": "__proto__", "type": "Source", "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [7]}]},
        {"id": "constructor", "type": "Show", "inputs": [{"name": "image", "type": "IMAGE", "link": 7}],
         "__proto__": {"mode": 2}}]}"#;
    let conversion = convert(text, &object_info(), &ConvertOptions::default()).unwrap();
    assert_eq!(prompt(&conversion)["constructor"]["inputs"]["image"], json!(["__proto__", 0]));
    assert_eq!(prompt(&conversion)["__proto__"]["class_type"], "Source");
}

#[test]
fn a_circle_of_definitions_that_nothing_uses_does_no_harm() {
    let mut workflow = workflow(json!([source(1, &[])]), json!([]));
    let definition = |id: &str, holds: &str| json!({"id": id, "nodes": [{"id": 1, "type": holds}], "links": []});
    workflow["definitions"] = json!({"subgraphs": [definition("a-a", "b-b"), definition("b-b", "a-a")]});
    assert_eq!(converted(workflow).prompt.len(), 1);
}

#[test]
fn promoted_values_may_be_lists_and_objects() {
    let mut workflow = workflow(
        json!([{"id": 2, "type": "definition-1", "inputs": [], "outputs": [],
            "properties": {"proxyWidgets": [["5", "box"], ["6", "colours"]]},
            "widgets_values": [{"x": 5, "y": 6, "width": 7, "height": 8}, ["#abc", "#def"]]}]),
        json!([]),
    );
    workflow["definitions"] = json!({"subgraphs": [{"id": "definition-1", "name": "Inside", "inputs": [],
        "outputs": [], "links": [], "nodes": [{"id": 5, "type": "Boxes"}, {"id": 6, "type": "Shapes"}]}]});
    let prompt = prompt(&converted(workflow));
    assert_eq!(prompt["2:5"]["inputs"]["box"], json!({"x": 5, "y": 6, "width": 7, "height": 8}));
    assert_eq!(prompt["2:6"]["inputs"]["colours"], json!({"__value__": ["#abc", "#def"]}));
}
