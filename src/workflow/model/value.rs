//! The value of a widget, and what JavaScript would make of it.

use crate::workflow::model::arena::Arena;
use crate::workflow::model::json::{self, Json};
use crate::workflow::model::reader::{self, Place};

/// A value: from the file, from the object info, or made on the way.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Value<'d> {
    /// JavaScript's `undefined`, which JSON leaves out.
    Undefined,
    /// A value of the file.
    Json(&'d Json<'d>),
    /// A string.
    Text(&'d str),
    /// Any other value as JSON text.
    Raw(&'d str),
}

/// A value that outlives the text that it was read from.
#[derive(Debug)]
pub(crate) enum OwnedValue {
    Nothing,
    Text(Box<str>),
    Raw(Box<str>),
}

impl OwnedValue {
    pub fn of(value: &Json) -> OwnedValue {
        match value {
            Json::Null => OwnedValue::Nothing,
            Json::String(text) => OwnedValue::Text((&**text).into()),
            other => {
                let mut text = String::new();
                other.write(&mut text);
                OwnedValue::Raw(text.into())
            }
        }
    }

    pub fn value(&self) -> Value<'_> {
        match self {
            OwnedValue::Nothing => Value::Undefined,
            OwnedValue::Text(text) => Value::Text(text),
            OwnedValue::Raw(text) => Value::Raw(text),
        }
    }
}

impl<'d> Value<'d> {
    /// The text of a string.
    pub fn str(self) -> Option<&'d str> {
        match self {
            Value::Json(value) => value.str(),
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The digits of a number.
    fn digits(self) -> Option<&'d str> {
        match self {
            Value::Json(Json::Number(digits)) => Some(digits),
            Value::Raw(text) if text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) => Some(text),
            _ => None,
        }
    }

    pub fn number(self) -> Option<f64> {
        self.digits().map(json::to_f64)
    }

    /// Whether it is an integer with more digits than a float holds, whose nearest float is this one: the digits of a seed
    /// stay as they are where JavaScript would only take it for a number.
    pub fn is_large_integer(self, float: f64) -> bool {
        let is_long = |digits: &&str| digits.len() >= 16 && digits.bytes().all(|byte| byte.is_ascii_digit());
        self.digits().filter(is_long).is_some_and(|digits| json::to_f64(digits) == float)
    }

    /// A number, or a string that holds one, as the index of a slot.
    pub fn index(self) -> Option<usize> {
        self.digits().or(self.str()).and_then(json::to_index)
    }

    /// `null` or `undefined`.
    pub fn is_nothing(self) -> bool {
        matches!(self, Value::Undefined | Value::Json(Json::Null) | Value::Raw("null"))
    }

    pub fn is_true(self) -> bool {
        matches!(self, Value::Json(Json::Bool(true)) | Value::Raw("true"))
    }

    pub fn is_list(self) -> bool {
        match self {
            Value::Json(value) => matches!(value, Json::Array(_)),
            Value::Raw(text) => text.starts_with('['),
            _ => false,
        }
    }

    pub fn truthy(self) -> bool {
        if let Some(text) = self.str() {
            return !text.is_empty();
        }
        match self.number() {
            Some(number) => number != 0.0,
            None => !self.is_nothing() && !matches!(self, Value::Json(Json::Bool(false)) | Value::Raw("false")),
        }
    }

    /// What JavaScript's `String(value)` gives.
    pub fn text(self, arena: &'d Arena) -> &'d str {
        match self {
            Value::Undefined => "undefined",
            Value::Json(value) => value.text(arena),
            Value::Text(text) => text,
            Value::Raw(text) if text.starts_with('{') => "[object Object]",
            Value::Raw(text) => text,
        }
    }

    /// What JavaScript's arithmetic takes a value for.
    pub fn arithmetic(self) -> f64 {
        match (self.number(), self.str()) {
            (Some(number), _) => number,
            (None, Some(text)) if text.trim_ascii().is_empty() => 0.0,
            (None, Some(text)) if json::is_number(text.trim_ascii()) => json::to_f64(text.trim_ascii()),
            (None, Some(_)) => f64::NAN,
            (None, None) => match self {
                Value::Json(Json::Null | Json::Bool(false)) | Value::Raw("false" | "null") => 0.0,
                Value::Json(Json::Bool(true)) | Value::Raw("true") => 1.0,
                _ => f64::NAN,
            },
        }
    }

    /// A copy that may live longer than the value.
    pub fn copy<'c>(self, arena: &'c Arena) -> Json<'c> {
        let mut text = String::new();
        self.write(&mut text);
        let mut copy = Json::Null;
        // What was written here can be read.
        let _ = reader::read(arena.keep(text), Place::Json(&mut copy));
        copy
    }

    /// Whether both are written alike.
    pub fn same(self, other: Value) -> bool {
        let text = |value: Value| {
            let mut text = String::new();
            value.write(&mut text);
            text
        };
        match (self.str(), other.str()) {
            (None, None) => text(self) == text(other),
            (a, b) => a == b,
        }
    }

    /// Appends the value as JSON text.
    pub fn write(self, out: &mut String) {
        match self {
            Value::Undefined => out.push_str("null"),
            Value::Json(value) => value.write(out),
            Value::Text(text) => json::write_string(text, out),
            Value::Raw(text) => out.push_str(text),
        }
    }
}
