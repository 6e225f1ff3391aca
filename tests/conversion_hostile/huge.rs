use super::*;

#[test]
fn ten_thousand_nodes_in_a_row() {
    let prompt = converted(&chain(10_000, &json!({"type": "Blend", "widgets_values": [0.25]})));
    assert_eq!(prompt.as_object().unwrap().len(), 10_002);
    assert_eq!(prompt["10000"]["inputs"], json!({"a": ["9999", 0], "amount": 0.25}));
    assert_eq!(prompt["10001"]["inputs"]["image"], json!(["10000", 0]));
}

#[test]
fn ten_thousand_reroutes_in_a_row() {
    let prompt = converted(&chain(10_000, &json!({"type": "Reroute"})));
    assert_eq!(prompt.as_object().unwrap().len(), 2);
    assert_eq!(prompt["10001"]["inputs"]["image"], json!(["0", 0]));
}

#[test]
fn ten_thousand_bypassed_nodes_in_a_row() {
    let prompt = converted(&chain(10_000, &json!({"type": "Blend", "mode": 4})));
    assert_eq!(prompt.as_object().unwrap().len(), 2);
    assert_eq!(prompt["10001"]["inputs"]["image"], json!(["0", 0]));
}

#[test]
fn ten_thousand_consumers_of_one_long_bypass() {
    // Walking it anew for each would be a hundred million steps.
    let mut workflow = chain(10_000, &json!({"type": "Reroute"}));
    let links: Vec<usize> = (20_000..30_000).collect();
    workflow["nodes"][10_000]["outputs"][0]["links"] = json!(links);
    for at in &links {
        let show = json!({"id": at, "type": "Show", "inputs": [input("image", *at)]});
        workflow["nodes"].as_array_mut().unwrap().push(show);
        workflow["links"].as_array_mut().unwrap().push(json!([at, 10_000, 0, at, 0, "IMAGE"]));
    }
    let prompt = converted(&workflow);
    assert_eq!(prompt["29999"]["inputs"]["image"], json!(["0", 0]));
}

#[test]
fn ten_thousand_links_out_of_one_node_and_inputs_of_one() {
    let links: Vec<usize> = (0..10_000).collect();
    let shows = links.iter().map(|at| json!({"id": at + 1, "type": "Show", "inputs": [input("image", *at)]}));
    let mut nodes = vec![json!({"id": 0, "type": "Source", "outputs": [output("IMAGE", &links)]})];
    nodes.extend(shows);
    let inputs: Vec<Value> = links.iter().map(|at| input(&format!("more{at}"), at + 20_000)).collect();
    nodes.push(json!({"id": 20_000, "type": "Show", "inputs": inputs}));
    let to_shows = links.iter().map(|at| json!([at, 0, 0, at + 1, 0, "IMAGE"]));
    let to_one = links.iter().map(|at| json!([at + 20_000, 0, 0, 20_000, at, "IMAGE"]));
    let workflow = json!({"version": 0.4, "nodes": nodes, "links": to_shows.chain(to_one).collect::<Vec<_>>()});
    let prompt = converted(&workflow);
    assert_eq!(prompt["9999"]["inputs"]["image"], json!(["0", 0]));
}

#[test]
fn ten_thousand_nodes_of_the_same_id() {
    let nodes = vec![json!({"id": 1, "type": "Source"}); 10_000];
    assert_eq!(converted(&json!({"nodes": nodes})).as_object().unwrap().len(), 10_000);
}

#[test]
fn ten_thousand_primitives_setters_and_values() {
    let mut nodes: Vec<Value> = (0..5_000)
        .map(|at| json!({"id": at + 1, "type": "PrimitiveNode", "widgets_values": [at], "outputs": [output("INT", &[])]}))
        .collect();
    nodes.extend((5_000..10_000).map(|at| json!({"id": at + 1, "type": "SetNode", "widgets_values": ["same"]})));
    nodes.push(json!({"id": 20_000, "type": "Word", "widgets_values": vec![json!("x"); 10_000]}));
    assert_eq!(converted(&json!({"nodes": nodes}))["20000"]["inputs"]["text"], "x");
}

#[test]
fn ten_thousand_rows_or_promoted_widgets() {
    let rows = json!({"id": 1, "type": "Rows", "widgets_values": vec![json!(9_999_999); 10_000]});
    survives(&json!({"nodes": [rows]}).to_string(), &object_info());
    let mut workflow = nested(1, 1);
    workflow["nodes"][0]["properties"] = json!({"proxyWidgets": vec![json!(["1", "text"]); 10_000]});
    workflow["nodes"][0]["widgets_values"] = json!(vec!["x"; 10_000]);
    workflow["definitions"]["subgraphs"][0]["nodes"][0]["type"] = json!("Word");
    // The id inside is that of the instance, so it is given a new one.
    assert_eq!(converted(&workflow)["1:2"]["inputs"]["text"], "x");
}

#[test]
fn ten_thousand_instances_of_one_group_node() {
    let nodes: Vec<Value> = (1..=10_000).map(|id| json!({"id": id, "type": "workflow>One"})).collect();
    let group = json!({"nodes": [{"type": "Source", "index": 0}], "links": [], "external": []});
    let workflow = json!({"nodes": nodes, "extra": {"groupNodes": {"One": group}}});
    assert_eq!(converted(&workflow).as_object().unwrap().len(), 10_000);
}

#[test]
fn subgraphs_that_multiply_are_refused() {
    // 10 to the power of 9 nodes.
    assert!(matches!(refused(&nested(9, 10)), ConvertError::Subgraphs(_)));
    assert_eq!(converted(&nested(4, 10)).as_object().unwrap().len(), 10_000);
}

#[test]
fn numbers_of_any_size_stay_what_they_are() {
    let text = r#"{"nodes": [{"id": 1, "type": "PreviewAny"}, {"id": 1e300, "type": "Source"},
        {"id": -5, "type": "Source"}, {"id": 0.5, "type": "Source"}, {"id": 99999999999999999999, "type": "Source"}]}"#;
    let conversion = convert(text, &object_info(), &ConvertOptions::default()).unwrap();
    assert_eq!(conversion.prompt.len(), 5);
}
