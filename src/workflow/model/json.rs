//! The JSON of workflows and object info, borrowed from its text.
//!
//! Not `serde_json::Value`: a conversion moves values from one text to another, so strings that hold no escape stay
//! slices, and numbers keep the digits they were written with (`18446744073709551615`, `0.30000000000000004`), which no
//! detour over a float can spoil. Objects are lists of pairs in the order of the text; where a key is repeated the last
//! one counts, as in JavaScript. `NaN` and `Infinity`, which Python writes, are read as `null`.

use std::borrow::Cow;

pub use crate::protocol::json::Malformed;
pub(crate) use crate::protocol::json::{Reader, is_number, to_f64, write_string};
use crate::text::number::shortest;
use crate::workflow::model::arena::Pen;

/// One JSON value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json<'a> {
    Null,
    Bool(bool),
    /// The digits as written.
    Number(&'a str),
    String(&'a str),
    Array(Vec<Json<'a>>),
    /// The pairs in the order of the text.
    Object(Vec<(&'a str, Json<'a>)>),
}

pub(crate) static NULL: Json<'static> = Json::Null;

impl<'a> Json<'a> {
    /// Parses a whole text.
    pub fn parse(text: &'a str, pen: &Pen<'a>) -> Result<Self, Malformed> {
        let mut reader = Reader::new(text);
        let mut builder = Builder { pen, items: Vec::new(), pairs: Vec::new() };
        let value = builder.value(&mut reader).filter(|_| reader.end().is_some());
        value.ok_or_else(|| reader.malformed())
    }

    /// The value under a key; `Null` where there is none, or where this is not an object.
    pub fn get(&self, key: &str) -> &Json<'a> {
        // The first letter tells most keys of the same length apart.
        let first = key.as_bytes().first();
        let is = |name: &str| name.len() == key.len() && name.as_bytes().first() == first && *name == *key;
        for (name, value) in self.pairs().iter().rev() {
            if is(name) {
                return value;
            }
        }
        &NULL
    }

    /// Whether an object has the key at all.
    pub fn has(&self, key: &str) -> bool {
        self.pairs().iter().any(|(name, _)| *name == key)
    }

    /// The elements of a list; none where this is no list.
    pub fn items(&self) -> &[Json<'a>] {
        match self {
            Json::Array(items) => items,
            _ => &[],
        }
    }

    /// The elements under a key.
    pub fn list(&self, key: &str) -> &[Json<'a>] {
        self.get(key).items()
    }

    /// The pairs of an object; none where this is no object.
    pub fn pairs(&self) -> &[(&'a str, Json<'a>)] {
        match self {
            Json::Object(pairs) => pairs,
            _ => &[],
        }
    }

    /// The text of a string.
    pub fn str(&self) -> Option<&'a str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text of the string under a key.
    pub fn str_at(&self, key: &str) -> Option<&'a str> {
        self.get(key).str()
    }

    /// The value of a number.
    pub fn number(&self) -> Option<f64> {
        match self {
            Json::Number(digits) => Some(to_f64(digits)),
            _ => None,
        }
    }

    /// A number, or a string that holds one, as an index of a slot.
    pub fn index(&self) -> Option<usize> {
        match self {
            Json::Number(text) | Json::String(text) => to_index(text),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    pub fn is_true(&self) -> bool {
        matches!(self, Json::Bool(true))
    }

    /// Whether JavaScript takes the value for true.
    pub fn truthy(&self) -> bool {
        match self {
            Json::Null | Json::Bool(false) => false,
            Json::Number(digits) => to_f64(digits) != 0.0,
            Json::String(text) => !text.is_empty(),
            _ => true,
        }
    }

    /// What JavaScript's `String(value)` gives: the text of strings, lists joined by commas.
    pub fn text(&self, pen: &Pen<'a>) -> &'a str {
        match self {
            Json::String(text) | Json::Number(text) => text,
            Json::Null => "null",
            Json::Bool(true) => "true",
            Json::Bool(false) => "false",
            Json::Object(_) => "[object Object]",
            Json::Array(items) => {
                let texts: Vec<&str> =
                    items.iter().map(|item| if item.is_null() { "" } else { item.text(pen) }).collect();
                pen.keep(texts.join(","))
            }
        }
    }

    /// Appends the value as JSON text.
    pub fn write(&self, out: &mut String) {
        match self {
            Json::Null => out.push_str("null"),
            Json::Bool(true) => out.push_str("true"),
            Json::Bool(false) => out.push_str("false"),
            Json::Number(digits) => out.push_str(digits),
            Json::String(text) => write_string(text, out),
            Json::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Json::Object(pairs) => {
                out.push('{');
                for (index, (key, value)) in pairs.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_string(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// Makes values of what a reader reads.
struct Builder<'p, 'a> {
    pen: &'p Pen<'a>,
    /// Of the lists and objects that are being read, the innermost last: each is made once its length is known.
    items: Vec<Json<'a>>,
    pairs: Vec<(&'a str, Json<'a>)>,
}

impl<'a> Builder<'_, 'a> {
    fn value(&mut self, reader: &mut Reader<'a>) -> Option<Json<'a>> {
        Some(match reader.peek() {
            b'"' => Json::String(keep(reader.string()?, self.pen)),
            b'{' => {
                let start = self.pairs.len();
                reader.object(&mut |reader, key| {
                    let value = self.value(reader)?;
                    self.pairs.push((keep(key, self.pen), value));
                    Some(())
                })?;
                Json::Object(self.pairs.split_off(start))
            }
            b'[' => {
                let start = self.items.len();
                reader.array(&mut |reader| {
                    let value = self.value(reader)?;
                    self.items.push(value);
                    Some(())
                })?;
                Json::Array(self.items.split_off(start))
            }
            _ => match reader.word()? {
                "null" => Json::Null,
                "true" => Json::Bool(true),
                "false" => Json::Bool(false),
                digits => Json::Number(digits),
            },
        })
    }
}

/// Digits as an index.
pub(crate) fn to_index(digits: &str) -> Option<usize> {
    match digits.parse() {
        Ok(index) => Some(index),
        Err(_) if is_number(digits) => {
            let value = to_f64(digits);
            ((0.0..1e9).contains(&value) && value == value.trunc()).then_some(value as usize)
        }
        Err(_) => None,
    }
}

/// A number that a computation gave as JSON; what JSON cannot hold becomes `null`, as in JavaScript.
pub(crate) fn from_f64(value: f64) -> String {
    if value.is_finite() { shortest(value) } else { "null".to_owned() }
}

fn keep<'a>(text: Cow<'a, str>, pen: &Pen<'a>) -> &'a str {
    match text {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => pen.keep(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::model::arena::Arena;

    fn round_trip(text: &str) -> String {
        let arena = Arena::default();
        let mut out = String::new();
        Json::parse(text, &arena.pen()).unwrap().write(&mut out);
        out
    }

    fn error(text: &str) -> Malformed {
        Json::parse(text, &Arena::default().pen()).unwrap_err()
    }

    #[test]
    fn numbers_keep_their_digits() {
        let text = "[18446744073709551615,0.30000000000000004,5.0,-1e+21,0]";
        assert_eq!(round_trip(text), text);
    }

    #[test]
    fn the_last_of_repeated_keys_counts_and_proto_is_a_key_like_any_other() {
        let arena = Arena::default();
        let value = Json::parse(r#"{"__proto__": 1, "a": 2, "a": 3}"#, &arena.pen()).unwrap();
        assert_eq!(value.get("__proto__").number(), Some(1.0));
        assert_eq!(value.get("a").number(), Some(3.0));
        assert!(value.get("toString").is_null());
    }

    #[test]
    fn what_python_writes_beyond_json_is_null() {
        assert_eq!(round_trip("\u{feff}{\"a\": [NaN, -Infinity, Infinity]}"), r#"{"a":[null,null,null]}"#);
    }

    #[test]
    fn malformed_texts_say_where_they_break() {
        assert_eq!(error("[1 2]").at, 3);
        assert_eq!(error(&"[".repeat(100_000)).what, "it is nested too deeply");
    }

    #[test]
    fn digits_are_indices_and_numbers_are_digits() {
        assert_eq!(
            (to_index("7"), to_index("7.0"), to_index("7.5"), to_index("-1"), to_index("x")),
            (Some(7), Some(7), None, None, None)
        );
        assert_eq!((from_f64(3.0), from_f64(0.25), from_f64(f64::NAN)), ("3".into(), "0.25".into(), "null".into()));
    }
}
