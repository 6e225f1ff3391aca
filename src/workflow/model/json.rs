//! Open-ended JSON of workflows and object info: values of widgets, properties, options of inputs.
//!
//! What has a fixed form is read into the types of `saved`; this type is for the rest. It differs from
//! `serde_json::Value` in that numbers keep the digits they were written with (`18446744073709551615`,
//! `0.30000000000000004`), which a conversion to a float and back would not. Objects are lists of pairs in the order of
//! the text; of a repeated key the last one counts, as in JavaScript.

use std::borrow::Cow;

pub(crate) use crate::protocol::json::{is_number, to_f64, write_string};
use crate::text::work;
use crate::workflow::model::arena::Arena;

/// One JSON value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Json<'a> {
    #[default]
    Null,
    Bool(bool),
    /// The digits as written.
    Number(&'a str),
    String(Cow<'a, str>),
    Array(Vec<Json<'a>>),
    /// The pairs in the order of the text.
    Object(Vec<(Cow<'a, str>, Json<'a>)>),
}

pub(crate) static NULL: Json<'static> = Json::Null;

impl<'a> Json<'a> {
    /// The value under a key; `Null` where there is none, or where this is not an object.
    pub fn get(&self, key: &str) -> &Json<'a> {
        // Most keys of the same length differ in the first letter.
        let first = key.as_bytes().first();
        work::count(self.pairs().len());
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
        work::count(self.pairs().len());
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
    pub fn pairs(&self) -> &[(Cow<'a, str>, Json<'a>)] {
        match self {
            Json::Object(pairs) => pairs,
            _ => &[],
        }
    }

    /// The text of a string.
    pub fn str(&self) -> Option<&str> {
        match self {
            Json::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text of the string under a key.
    pub fn str_at(&self, key: &str) -> Option<&str> {
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
            Json::Number(text) => to_index(text),
            Json::String(text) => to_index(text),
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
    pub fn text(&'a self, arena: &'a Arena) -> &'a str {
        match self {
            Json::Number(text) => text,
            Json::String(text) => text,
            Json::Null => "null",
            Json::Bool(true) => "true",
            Json::Bool(false) => "false",
            Json::Object(_) => "[object Object]",
            Json::Array(items) => {
                let texts: Vec<&str> =
                    items.iter().map(|item| if item.is_null() { "" } else { item.text(arena) }).collect();
                arena.keep(texts.join(","))
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

/// A number as JSON the way JavaScript writes it; what JSON cannot hold becomes `null`.
pub(crate) fn from_f64(value: f64) -> String {
    if value.is_finite() { crate::text::number::shortest(value) } else { "null".to_owned() }
}

#[cfg(test)]
mod tests;
