use super::*;

fn setter(id: u32, name: &str, link: u32) -> Value {
    json!({"id": id, "type": "SetNode", "widgets_values": [name],
        "inputs": [{"name": "IMAGE", "type": "IMAGE", "link": link}],
        "outputs": [{"name": "*", "type": "*", "links": null}]})
}

fn getter(id: u32, name: &str, links: &[u32]) -> Value {
    json!({"id": id, "type": "GetNode", "widgets_values": [name],
        "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": links}]})
}

#[test]
fn hand_on_what_the_setter_of_the_same_name_gets() {
    let conversion = converted(workflow(
        json!([source(1, &[7]), setter(2, "picture", 7), getter(3, "picture", &[8]), show(4, 8)]),
        json!([[7, 1, 0, 2, 0, "IMAGE"], [8, 3, 0, 4, 0, "IMAGE"]]),
    ));
    assert_eq!(prompt(&conversion)["4"]["inputs"]["image"], json!(["1", 0]));
    assert_eq!(conversion.prompt.len(), 2);
}

#[test]
fn without_a_setter_give_nothing() {
    let conversion = converted(workflow(
        json!([source(1, &[7]), setter(2, "picture", 7), getter(3, "other", &[8]), show(4, 8)]),
        json!([[7, 1, 0, 2, 0, "IMAGE"], [8, 3, 0, 4, 0, "IMAGE"]]),
    ));
    assert_eq!(prompt(&conversion)["4"]["inputs"], json!({}));
    let rules: Vec<&str> = conversion.warnings.iter().map(|warning| warning.rule).collect();
    assert_eq!(rules, ["setter"]);
}

#[test]
fn reach_into_subgraphs() {
    let mut workflow = with_instance(0);
    workflow["nodes"][1]["inputs"] = json!([]);
    workflow["nodes"].as_array_mut().unwrap().push(setter(3, "picture", 7));
    workflow["links"] = json!([[7, 1, 0, 3, 0, "IMAGE"]]);
    let definition = &mut workflow["definitions"]["subgraphs"][0];
    definition["inputs"] = json!([]);
    definition["nodes"] = json!([show(5, 1), getter(6, "picture", &[1])]);
    definition["links"][0]["origin_id"] = json!(6);
    assert_eq!(prompt(&converted(workflow))["2:5"]["inputs"]["image"], json!(["1", 0]));
}
