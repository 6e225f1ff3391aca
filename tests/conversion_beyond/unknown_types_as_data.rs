use super::*;

#[test]
fn are_data_with_their_packs_and_a_short_sentence() {
    let node = |id: usize, ty: &str| {
        json!({"id": id, "type": ty, "properties": {"cnr_id": "some-pack"},
            "outputs": [{"name": "x", "type": "IMAGE", "links": null}]})
    };
    let nodes: Vec<Value> = (1..=30).map(|id| node(id, &format!("Unknown{id}"))).collect();
    let error = try_convert(&workflow(json!(nodes), json!([])), &ConvertOptions::default()).unwrap_err();
    assert!(error.to_string().contains("and 27 more") && error.to_string().len() < 300, "{error}");
    let ConvertError::UnknownTypes(types) = error else { panic!("{error}") };
    assert_eq!((types.len(), types[0].pack.as_deref(), types[0].is_subgraph()), (30, Some("some-pack"), false));
    let uuid = "0a1b2c3d-0000-4000-8000-0123456789ab";
    let error = try_convert(&workflow(json!([node(1, uuid)]), json!([])), &ConvertOptions::default()).unwrap_err();
    let ConvertError::UnknownTypes(types) = error else { panic!("{error}") };
    assert!(types[0].is_subgraph());
    let mut core = node(1, "OfTomorrow");
    core["properties"]["cnr_id"] = json!("comfy-core");
    let error = try_convert(&workflow(json!([core]), json!([])), &ConvertOptions::default()).unwrap_err();
    let ConvertError::UnknownTypes(types) = error else { panic!("{error}") };
    assert!(types[0].is_core());
}
