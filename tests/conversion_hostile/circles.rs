use super::*;

#[test]
fn of_plain_nodes_are_left_for_the_server_to_refuse() {
    let node = |id: u32, from: usize, to: usize| json!({"id": id, "type": "Blend", "inputs": [input("a", from)], "outputs": [output("IMAGE", &[to])]});
    let workflow = json!({"version": 0.4, "nodes": [node(1, 8, 7), node(2, 7, 8)],
        "links": [[7, 1, 0, 2, 0, "IMAGE"], [8, 2, 0, 1, 0, "IMAGE"]]});
    let prompt = converted(&workflow);
    assert_eq!(prompt["1"]["inputs"]["a"], json!(["2", 0]));
    assert_eq!(prompt["2"]["inputs"]["a"], json!(["1", 0]));
}

#[test]
fn of_bypassed_nodes_are_an_error() {
    let node = |id: u32, from: usize, to: &[usize]| {
        json!({"id": id, "type": "Blend", "mode": 4, "inputs": [input("a", from)],
            "outputs": [output("IMAGE", to)]})
    };
    let show = json!({"id": 3, "type": "Show", "inputs": [input("image", 9)]});
    let workflow = json!({"version": 0.4, "nodes": [node(1, 8, &[7]), node(2, 7, &[8, 9]), show],
        "links": [[7, 1, 0, 2, 0, "IMAGE"], [8, 2, 0, 1, 0, "IMAGE"], [9, 2, 0, 3, 0, "IMAGE"]]});
    assert!(matches!(refused(&workflow), ConvertError::BadLink { .. }));
}

#[test]
fn of_setters_and_getters_are_an_error() {
    let workflow = json!({"version": 0.4, "nodes": [
        {"id": 1, "type": "GetNode", "widgets_values": ["x"], "outputs": [output("IMAGE", &[7, 8])]},
        {"id": 2, "type": "SetNode", "widgets_values": ["x"], "inputs": [input("IMAGE", 7)]},
        {"id": 3, "type": "Show", "inputs": [input("image", 8)]},
    ], "links": [[7, 1, 0, 2, 0, "IMAGE"], [8, 1, 0, 3, 0, "IMAGE"]]});
    assert!(matches!(refused(&workflow), ConvertError::BadLink { .. }));
}

#[test]
fn of_definitions_are_an_error() {
    let definition =
        |id: &str, holds: &str| json!({"id": id, "nodes": [{"id": 1, "type": holds}], "links": [], "inputs": []});
    let workflow = json!({"nodes": [{"id": 1, "type": "a-a"}],
        "definitions": {"subgraphs": [definition("a-a", "b-b"), definition("b-b", "a-a")]}});
    assert!(matches!(refused(&workflow), ConvertError::Subgraphs(_)));
}
