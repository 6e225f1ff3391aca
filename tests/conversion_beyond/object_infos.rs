use super::*;

#[test]
fn may_hold_what_json_may_not() {
    // ComfyUI writes them with Python's json, which has NaN and Infinity.
    let text = r#"{"A": {"input": {"required": {"f": ["FLOAT", {"default": NaN, "max": Infinity}]}}, "output": []}}"#;
    let object_info = ObjectInfo::parse(text).unwrap();
    assert!(object_info.has("A") && object_info.len() == 1);
    let conversion =
        convert(r#"{"nodes": [{"id": 1, "type": "A", "widgets_values": [2.5]}]}"#, &object_info, &Default::default());
    assert_eq!(prompt(&conversion.unwrap())["1"]["inputs"], json!({"f": 2.5}));
}

#[test]
fn that_are_something_else_are_an_error() {
    for text in ["", "[]", "{\"A\":", "<html>", "null"] {
        let error = ObjectInfo::parse(text).err().unwrap();
        assert!(matches!(error, ConvertError::ObjectInfo(_)), "{text}: {error}");
    }
}
