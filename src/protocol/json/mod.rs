//! JSON as servers write it: Python's `json.dumps` allows `NaN` and `Infinity`, and halves of surrogate pairs (file names
//! that are no UTF-8 have them).
//!
//! Own code instead of `serde_json`, which costs 40 kB of wasm, 13 kB of them compressed, for what is needed here: to
//! walk through a text once ([`Reader`]), or to look into it here and there ([`Raw`]). What is not looked at stays text.

mod number;
mod raw;
mod reader;

pub use number::{is_number, to_f64};
pub use raw::Raw;
pub use reader::{Malformed, Reader, Text};

use std::borrow::Cow;

/// The JSON values that a text holds one after the other, as some proxies pack frames, up to where it is not JSON.
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

/// The same JSON text with `NaN`, `Infinity` and `-Infinity` outside of strings replaced by `null`; borrowed where
/// there is none.
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

/// Appends a string with quotes and escapes.
pub fn write_string(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    let mut start = 0;
    out.push('"');
    loop {
        let at = reader::next_special(bytes, start);
        out.push_str(text.get(start..at).unwrap_or_default());
        let Some(byte) = bytes.get(at) else { break };
        start = at + 1;
        out.push('\\');
        match byte {
            b'"' | b'\\' => out.push(char::from(*byte)),
            b'\n' => out.push('n'),
            b'\r' => out.push('r'),
            b'\t' => out.push('t'),
            _ => {
                out.push_str(if *byte >= 0x10 { "u001" } else { "u000" });
                out.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
            }
        }
    }
    out.push('"');
}

/// A text as JSON.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_string(text, &mut out);
    out
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

    #[test]
    fn a_quoted_text_reads_back() {
        for text in ["", "é \u{1}\u{1f}\"\\/\n\r\t", "\u{7f}😀"] {
            assert_eq!(serde_json::from_str::<String>(&quoted(text)).unwrap(), text);
        }
    }
}
