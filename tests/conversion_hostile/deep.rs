use super::*;

fn deep(open: &str, close: &str, levels: usize) -> String {
    format!(
        "{{\"nodes\": [{{\"id\": 1, \"type\": \"Word\", \"widgets_values\": [{}1{}]}}]}}",
        open.repeat(levels),
        close.repeat(levels)
    )
}

#[test]
fn nesting_of_the_json_is_an_error_not_a_crash() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":[", "]}]")] {
        let error = convert(&deep(open, close, 100_000), &object_info(), &ConvertOptions::default()).unwrap_err();
        assert!(matches!(error, ConvertError::Workflow(_)), "{error}");
        assert!(ObjectInfo::parse(&format!("{{\"A\": {}", open.repeat(100_000))).is_err());
    }
    assert!(convert(&"[".repeat(1_000_000), &object_info(), &ConvertOptions::default()).is_err());
}

#[test]
fn nesting_as_far_as_people_go_is_fine() {
    assert!(convert(&deep("[", "]", 50), &object_info(), &ConvertOptions::default()).is_ok());
}

#[test]
fn subgraphs_in_subgraphs_have_a_limit() {
    assert_eq!(converted(&nested(60, 1)).as_object().unwrap().len(), 1);
    assert!(matches!(refused(&nested(100, 1)), ConvertError::Subgraphs(_)));
    assert!(matches!(refused(&nested(20_000, 1)), ConvertError::Subgraphs(_)));
}

#[test]
fn options_in_options_of_a_class_have_a_limit() {
    let mut input = json!(["INT", {}]);
    for _ in 0..60 {
        input = json!(["COMFY_DYNAMICCOMBO_V3", {"options": [{"key": "k", "inputs": {"required": {"x": input}}}]}]);
    }
    let class = json!({"A": {"input": {"required": {"x": input}}, "output": []}}).to_string();
    let workflow = json!({"nodes": [{"id": 1, "type": "A", "widgets_values": vec!["k"; 100]}]}).to_string();
    if let Ok(object_info) = ObjectInfo::parse(&class) {
        survives(&workflow, &object_info);
    }
}
