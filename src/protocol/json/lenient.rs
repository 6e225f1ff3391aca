//! Texts that are not one valid JSON value: `NaN` and `Infinity` of Python's `json.dumps`, several values in one text.

use std::borrow::Cow;

use crate::protocol::json::reader::Reader;

/// Splits a text that holds several JSON values, as some proxies pack frames. Stops at the first syntax error.
pub fn split(text: &str) -> Vec<&str> {
    let mut reader = Reader::new(text);
    let mut parts = Vec::new();
    while reader.peek() != 0
        && let Some(part) = reader.skip()
    {
        parts.push(part);
    }
    parts
}

/// Replaces `NaN`, `Infinity` and `-Infinity` outside of strings by `null`; borrows the text where there are none.
pub fn without_nan(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut clean = String::new();
    let (mut copied, mut at, mut in_string) = (0, 0, false);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string => at += 1,
            b'N' | b'I' | b'-' if !in_string => {
                let token =
                    ["NaN", "Infinity", "-Infinity"].into_iter().find(|t| bytes[at..].starts_with(t.as_bytes()));
                if let Some(token) = token {
                    clean.push_str(text.get(copied..at).unwrap_or_default());
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
    clean.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(clean)
}

/// The text without white space, zeros and byte order marks at its ends, which savers leave around JSON.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(['\0', ' ', '\t', '\r', '\n', '\u{feff}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nan_and_infinity_are_null_outside_of_strings() {
        let text = r#"{"a": NaN, "b": [-Infinity, Infinity], "c": "NaN \" Infinity"}"#;
        assert_eq!(without_nan(text), r#"{"a": null, "b": [null, null], "c": "NaN \" Infinity"}"#);
    }

    #[test]
    fn text_without_nan_is_not_copied() {
        assert!(matches!(without_nan(r#"{"Name": "é", "x": -1}"#), Cow::Borrowed(_)));
    }

    #[test]
    fn values_packed_into_one_text_are_taken_apart() {
        assert_eq!(split(r#"{"a":1}{"b":2} {"c":3}"#), [r#"{"a":1}"#, r#"{"b":2}"#, r#"{"c":3}"#]);
        assert_eq!(split(r#"{"a":1}{"b":2} {"c"#), [r#"{"a":1}"#, r#"{"b":2}"#]);
        assert!(split("<html>").is_empty() && split("").is_empty());
    }
}
