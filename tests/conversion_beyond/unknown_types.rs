use super::*;

fn three_unknown() -> Value {
    workflow(
        json!([
            {"id": 1, "type": "From Elsewhere", "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [7]}]},
            show(2, 7),
            {"id": 3, "type": "Other", "inputs": [{"name": "x", "type": "IMAGE", "link": null}]},
            {"id": 4, "type": "From Elsewhere", "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": []}]},
            {"id": 5, "type": "Muted Elsewhere", "mode": 2},
        ]),
        json!([[7, 1, 0, 2, 0, "IMAGE"]]),
    )
}

#[test]
fn are_one_error_that_lists_all_of_them() {
    let error = try_convert(&three_unknown(), &ConvertOptions::default()).unwrap_err();
    let unknown = |class_type: &str, nodes: &[&str]| UnknownType {
        class_type: class_type.to_owned(),
        pack: None,
        nodes: nodes.iter().map(|id| (*id).to_owned()).collect(),
    };
    let message = error.to_string();
    let ConvertError::UnknownTypes(mut types) = error else { panic!("{error}") };
    types.sort_by(|a, b| a.class_type.cmp(&b.class_type));
    assert_eq!(types, [unknown("From Elsewhere", &["1", "4"]), unknown("Other", &["3"])]);
    assert!(message.contains("From Elsewhere (node 1, 4)") && message.contains("Other (node 3)"), "{message}");
}

#[test]
fn of_muted_nodes_do_not_matter() {
    let nodes = json!([source(1, &[]), {"id": 5, "type": "Elsewhere", "mode": 2}]);
    let conversion = converted(workflow(nodes, json!([])));
    assert_eq!(dropped(&conversion), [("5", "Elsewhere", Reason::Muted)]);
}

#[test]
fn are_left_out_where_that_is_allowed() {
    let options = ConvertOptions { allow_unknown: true, ..Default::default() };
    let conversion = try_convert(&three_unknown(), &options).unwrap();
    let prompt = prompt(&conversion);
    assert_eq!(prompt.as_object().unwrap().keys().collect::<Vec<_>>(), ["2"]);
    assert_eq!(prompt["2"]["inputs"], json!({}));
    assert_eq!(warnings(&conversion), [("2", "image", "unknown_type")]);
    assert!(dropped(&conversion).contains(&("1", "From Elsewhere", Reason::UnknownType)));
}

#[test]
fn without_inputs_and_outputs_are_labels() {
    let label = json!({"id": 9, "pos": [0, 0], "type": "Label (somewhere)", "inputs": [], "outputs": [], "properties": {"cnr_id": "labels"}});
    let conversion =
        converted(workflow(json!([source(1, &[7]), show(2, 7), label]), json!([[7, 1, 0, 2, 0, "IMAGE"]])));
    assert_eq!(dropped(&conversion), [("9", "Label (somewhere)", Reason::Virtual)]);
    assert_eq!(conversion.dropped[0].pack.as_deref(), Some("labels"));
    // What is inside of these is not known.
    for class_type in ["0a1b2c3d-0000-4000-8000-0123456789ab", "workflow>Gone", "workflow/Gone"] {
        let nodes = json!([{"id": 1, "pos": [0, 0], "type": class_type}]);
        let error = try_convert(&workflow(nodes, json!([])), &ConvertOptions::default()).unwrap_err();
        assert!(matches!(error, ConvertError::UnknownTypes(_)), "{class_type}");
    }
}

#[test]
fn inside_of_subgraphs_have_the_ids_that_their_nodes_would_have() {
    let mut workflow = with_instance(0);
    let outputs = json!([{"name": "IMAGE", "type": "IMAGE", "links": []}]);
    workflow["definitions"]["subgraphs"][0]["nodes"][1] = json!({"id": 6, "type": "Elsewhere", "outputs": outputs});
    let error = try_convert(&workflow, &ConvertOptions::default()).unwrap_err();
    let ConvertError::UnknownTypes(types) = error else { panic!("{error}") };
    assert_eq!(types[0].nodes, ["2:6"]);
}

#[test]
fn inside_of_group_nodes_are_named_themselves() {
    let mut workflow = workflow(json!([{"id": 3, "type": "workflow>Pair"}]), json!([]));
    workflow["extra"] = json!({"groupNodes": {"Pair": {
        "nodes": [{"type": "Source", "index": 0}, {"type": "Elsewhere", "index": 1}], "links": [], "external": [],
    }}});
    let error = try_convert(&workflow, &ConvertOptions::default()).unwrap_err();
    let ConvertError::UnknownTypes(types) = error else { panic!("{error}") };
    assert_eq!(types[0].class_type, "Elsewhere");
    assert_eq!(types[0].nodes, ["3"]);
}
