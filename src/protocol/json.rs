//! JSON as Python writes it: `json.dumps` allows `NaN` and `Infinity`, which no JSON parser takes, and halves of
//! surrogate pairs (file names that are no UTF-8 have them), which this one does not take.

use std::borrow::Cow;

use std::fmt;

use serde::de::{Deserialize, DeserializeOwned, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// Parses JSON text; where that fails, once more as [`repaired`]. A leading byte order mark is skipped.
pub fn parse<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).or_else(|error| match repaired(text) {
        Some(clean) => serde_json::from_str(&clean),
        None => Err(error),
    })
}

/// The text with what Python allows and parsers do not replaced; `None` where there is nothing to replace.
pub fn repaired(text: &str) -> Option<String> {
    let numbers = without_nan(text);
    if let Cow::Owned(clean) = without_lone_surrogates(&numbers) {
        return Some(clean);
    }
    match numbers {
        Cow::Owned(clean) => Some(clean),
        Cow::Borrowed(_) => None,
    }
}

/// The JSON values that a text holds one after the other, as some proxies pack frames, up to where it is not JSON.
pub fn split(text: &str) -> Vec<&str> {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    let mut parts = Vec::new();
    let mut start = 0;
    while let Some(Ok(_)) = stream.next() {
        parts.push(text[start..stream.byte_offset()].trim());
        start = stream.byte_offset();
    }
    parts
}

/// The entries of an object, each value as its text: what is not looked at is not parsed, however deep it is.
#[derive(Debug, Default)]
pub struct Entries<'a>(pub Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'a> Entries<'a> {
    /// Reads an object; `None` where the text is none.
    pub fn read(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The last value of a key.
    pub fn get(&self, key: &str) -> Option<&'a str> {
        self.0.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value.get())
    }
}

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(key) = map.next_key::<Key>()? {
                    entries.push((key.0, map.next_value()?));
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// A key, borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

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

/// The same JSON text with escapes of halves of surrogate pairs replaced by `\\ufffd`; borrowed where there is none.
fn without_lone_surrogates(text: &str) -> Cow<'_, str> {
    let unit = |at: usize| -> Option<u32> {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
    };
    let bytes = text.as_bytes();
    let mut clean = String::new();
    let (mut copied, mut at) = (0, 0);
    // Outside of strings a backslash is no JSON, whatever follows.
    while let Some(found) = bytes[at..].iter().position(|byte| *byte == b'\\') {
        at += found;
        at = match (unit(at), unit(at + 6)) {
            (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => at + 12,
            (Some(0xd800..0xe000), _) => {
                clean.push_str(&text[copied..at]);
                clean.push_str("\\ufffd");
                copied = at + 6;
                copied
            }
            _ => (at + 2).min(bytes.len()),
        };
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
    fn halves_of_surrogate_pairs_lose_no_text() {
        let read = |text: &str| parse::<Value>(text).unwrap();
        assert_eq!(read(r#"["\ud83d\ude00", "a\udcff.png", "\ud800\ud83d\ude00", "\\ud800"]"#), {
            serde_json::json!(["😀", "a\u{fffd}.png", "\u{fffd}😀", "\\ud800"])
        });
        assert!(parse::<Value>(r#""\ud8"#).is_err());
        assert!(parse::<Value>(r#""\ud80é""#).is_err());
    }

    #[test]
    fn entries_are_read_however_deep_their_values_are() {
        let deep = format!(r#"{{"a": {}{}, "b": 1, "b": 2}}"#, "[".repeat(100_000), "]".repeat(100_000));
        let entries = Entries::read(&deep).unwrap();
        assert_eq!((entries.0.len(), entries.get("b"), entries.get("c")), (3, Some("2"), None));
        assert!(Entries::read("[]").is_none());
    }

    #[test]
    fn values_packed_into_one_text_are_taken_apart() {
        assert_eq!(split(r#"{"a":1}{"b":2} {"c":3}"#), [r#"{"a":1}"#, r#"{"b":2}"#, r#"{"c":3}"#]);
        assert_eq!(split(r#"{"a":1}{"b":2} {"c"#), [r#"{"a":1}"#, r#"{"b":2}"#]);
        assert!(split("<html>").is_empty() && split("").is_empty());
    }
}
