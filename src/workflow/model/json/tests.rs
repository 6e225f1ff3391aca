use super::*;
use crate::workflow::model::reader::{self, Place};

fn parse(text: &str) -> Json<'_> {
    read(text).unwrap()
}

fn read(text: &str) -> serde_json::Result<Json<'_>> {
    let mut json = Json::Null;
    reader::read(text, Place::Json(&mut json)).map(|()| json)
}

#[test]
fn numbers_keep_their_digits() {
    let text = r#"[18446744073709551615,99999999999999999999,0.30000000000000004,5.0,-1e+21,0,{"a":1e999}]"#;
    let mut out = String::new();
    parse(text).write(&mut out);
    assert_eq!(out, text);
}

#[test]
fn the_last_of_repeated_keys_counts_and_proto_is_a_key_like_any_other() {
    let value = parse(r#"{"__proto__": 1, "a": 2, "\u0061": 3}"#);
    assert_eq!(value.get("__proto__").number(), Some(1.0));
    assert_eq!(value.get("a").number(), Some(3.0));
    assert!(value.get("toString").is_null());
}

#[test]
fn nesting_has_a_limit() {
    let nested = |levels: usize| [&"[".repeat(levels), &*"]".repeat(levels)].concat();
    assert!(read(&nested(128)).is_ok());
    for levels in [129, 100_000] {
        let text = nested(levels);
        let error = read(&text).unwrap_err();
        assert!(error.to_string().contains("nested too deeply"), "{error}");
    }
}

#[test]
fn numbers_are_written_as_javascript_writes_them() {
    for (value, expected) in [
        (3.0, "3"),
        (-0.0, "0"),
        (0.25, "0.25"),
        (4_953_987_774_104_674.0 / 8.0, "619248471763084.2"),
        (1e21, "1e+21"),
        (1e-7, "1e-7"),
        (f64::NAN, "null"),
    ] {
        assert_eq!(from_f64(value), expected);
    }
}

#[test]
fn digits_are_indices() {
    assert_eq!(
        (to_index("7"), to_index("7.0"), to_index("7.5"), to_index("-1"), to_index("x")),
        (Some(7), Some(7), None, None, None)
    );
}
