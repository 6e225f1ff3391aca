use super::*;

#[test]
fn truncated_anywhere() {
    let object_info = object_info();
    for name in ["group_node_two", "sub_linked_widgets", "widget_texts"] {
        let path = format!("{}/tests/conversion/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let text = text.trim_end();
        for (end, _) in text.char_indices() {
            let error = convert(&text[..end], &object_info, &ConvertOptions::default()).unwrap_err();
            assert!(matches!(error, ConvertError::Workflow(_)), "{name} up to {end}: {error}");
        }
    }
}

#[test]
fn the_error_says_where() {
    let error = convert("{\"nodes\": [}", &object_info(), &ConvertOptions::default()).unwrap_err();
    let ConvertError::Workflow(malformed) = &error else { panic!("{error}") };
    assert_eq!((malformed.line, malformed.column), (1, 12));
    assert!(error.to_string().contains("at line 1 column 12"), "{error}");
}

#[test]
fn any_value_replaced_by_another() {
    let object_info = object_info();
    let other = [
        json!(null),
        json!(true),
        json!(-1),
        json!(1e308),
        json!("🜲"),
        json!([]),
        json!({}),
        json!({"id": {"id": []}}),
        json!(u64::MAX),
        json!([null, -7, "x", {}, 2, 0.5]),
    ];
    for name in ["group_node_two", "sub_linked_widgets", "grow_pairs"] {
        let path = format!("{}/tests/conversion/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let workflow: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let mut pointers = Vec::new();
        list_pointers(&workflow, String::new(), &mut pointers);
        assert!(pointers.len() > 50);
        for pointer in pointers {
            for value in &other {
                let mut changed = workflow.clone();
                *changed.pointer_mut(&pointer).unwrap() = value.clone();
                survives(&changed.to_string(), &object_info);
            }
        }
    }
}

fn list_pointers(value: &Value, at: String, pointers: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, item)| list_pointers(item, format!("{at}/{i}"), pointers));
        }
        Value::Object(entries) => entries.iter().for_each(|(key, item)| {
            let key = key.replace('~', "~0").replace('/', "~1");
            list_pointers(item, format!("{at}/{key}"), pointers);
        }),
        _ => {}
    }
    pointers.push(at);
}

#[test]
fn things_in_lists_that_do_not_belong_there() {
    let strange = json!([null, 7, "x", [], {}, [[]], true, {"id": {}}, {"type": []}, [1, 2], [1, 2, 3, 4, 5, 6, 7]]);
    for key in ["nodes", "links", "groups", "definitions", "extra", "reroutes", "state", "last_node_id"] {
        let mut workflow = json!({"version": 0.4, "links": [],
            "nodes": [{"id": 1, "type": "Sample", "inputs": [{"name": "model", "type": "MODEL", "link": 1}]}]});
        workflow[key] = strange.clone();
        survives(&workflow.to_string(), &object_info());
    }
    for key in ["inputs", "outputs", "widgets_values", "properties", "mode", "type", "id"] {
        let mut workflow = json!({"version": 0.4, "links": [], "nodes": [{"id": 1, "type": "Sample"}]});
        workflow["nodes"][0][key] = strange.clone();
        survives(&workflow.to_string(), &object_info());
    }
}

#[test]
fn an_object_info_that_is_not_one() {
    let workflow = json!({"nodes": [{"id": 1, "type": "A", "widgets_values": [1, 2, 3]}]}).to_string();
    let strange = [
        json!(null),
        json!(7),
        json!([]),
        json!({"input": null}),
        json!({"input": {"required": []}}),
        json!({"input": {"required": {"x": null, "y": [], "z": [[]], "": [null, null], "w": ["INT", 7]}}}),
        json!({"input": {"required": {"x": ["COMBO", {"options": 7}], "y": [{"a": 1}], "z": ["INT", {"min": "x"}]}}}),
        json!({"input": {"required": {"x": ["INT", {"min": 5, "max": -5, "step": 0}]}}}),
        json!({"input": {"required": {"x": ["INT", {"min": -1e308, "max": 1e308, "step": 1e-320}]}}}),
        json!({"input": {"required": {"x": ["COMFY_AUTOGROW_V3", {"template": {"min": 1e9, "max": 1e300,
            "prefix": "p", "input": {"required": {"i": ["IMAGE"]}}}}]}}}),
        json!({"input": {"required": {"x": ["COMFY_DYNAMICGROUP_V3", {"template": {"required": {"i": ["INT"]}},
            "min": 1e9, "max": 1e300}]}}}),
        json!({"input": {"required": {"x": ["COMFY_DYNAMICCOMBO_V3", {"options": [7, {"key": []}, {"key": 1}]}]}}}),
        json!({"input": {}, "output": {"a": 1}, "input_order": [1, 2], "output_matchtypes": 7}),
    ];
    for class in strange {
        let object_info = ObjectInfo::parse(&json!({"A": class}).to_string()).unwrap();
        survives(&workflow, &object_info);
    }
}
