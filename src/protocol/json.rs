//! JSON as Python writes it: `json.dumps` allows `NaN` and `Infinity`, which no JSON parser takes.

use std::borrow::Cow;

use serde::de::DeserializeOwned;
use serde_json::Value;

/// Parses JSON text; where that fails and the text holds `NaN`, `Infinity` or `-Infinity` outside of strings, they are
/// read as `null`. A leading byte order mark is skipped.
pub fn parse<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).or_else(|error| match without_nan(text) {
        Cow::Owned(clean) => serde_json::from_str(&clean),
        Cow::Borrowed(_) => Err(error),
    })
}

/// Splits a text that holds several JSON values one after the other, as some proxies pack frames. `None` where the
/// text is not JSON. One value, the ordinary case, gives one slice.
pub fn split(text: &str) -> Option<Vec<&str>> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    let mut parts = Vec::new();
    let mut start = 0;
    while let Some(value) = stream.next() {
        value.ok()?;
        parts.push(text[start..stream.byte_offset()].trim());
        start = stream.byte_offset();
    }
    (!parts.is_empty()).then_some(parts)
}

/// The same JSON text with `NaN`, `Infinity` and `-Infinity` outside of strings replaced by `null`; borrowed where
/// there is none.
pub fn without_nan(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut clean = String::new();
    let (mut copied, mut at, mut in_string) = (0, 0, false);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => in_string = !in_string,
            b'\\' if in_string => at += 1,
            b'N' | b'I' | b'-' if !in_string => {
                let token = ["NaN", "Infinity", "-Infinity"].into_iter().find(|t| text[at..].starts_with(t));
                if let Some(token) = token {
                    clean.push_str(&text[copied..at]);
                    clean.push_str("null");
                    at += token.len();
                    copied = at;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    clean.push_str(&text[copied..]);
    Cow::Owned(clean)
}

/// A node id as text. Servers write ids as strings; a number is accepted.
pub fn id_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_and_infinity_are_read_as_null_outside_of_strings() {
        let value: Value = parse(r#"{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN \" Infinity"}"#).unwrap();
        assert_eq!(value, serde_json::json!({"a": null, "b": [null, null], "c": "NaN \" Infinity"}));
    }

    #[test]
    fn integers_up_to_64_bits_keep_every_digit() {
        let value: Value = parse("18446744073709551615").unwrap();
        assert_eq!(value.to_string(), "18446744073709551615");
    }

    #[test]
    fn text_without_nan_is_not_copied() {
        assert!(matches!(without_nan(r#"{"Name": "é", "x": -1}"#), Cow::Borrowed(_)));
    }

    #[test]
    fn values_packed_into_one_text_are_taken_apart() {
        assert_eq!(split(r#"{"a":1}{"b":2} {"c":3}"#).unwrap(), [r#"{"a":1}"#, r#"{"b":2}"#, r#"{"c":3}"#]);
        assert_eq!(split("<html>"), None);
        assert_eq!(split(""), None);
    }
}
