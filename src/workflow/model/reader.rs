//! The loop that reads JSON into the types of `lenient`, `saved` and `json`.
//!
//! `serde_json` parses; this file decides where each value goes. A type says so through [`Place`], behind trait objects:
//! with a type parameter instead, every type would get copies of the functions of `serde_json`.
//!
//! A cursor follows `serde_json` through the text, because `serde_json` hands out the digits of a number in no other way
//! than as the text of a whole value, and does not say beforehand that a number comes. With the cursor at the beginning
//! of a value, the first byte tells what it is: a number is checked by `serde_json` and taken from the text.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::workflow::model::json::Json;

/// Nesting that is followed, of open-ended values and of what is around them.
const MAX_DEPTH: u32 = 128;

/// Where a value is put. What has another form than the place takes is skipped.
pub(crate) enum Place<'p, 'de> {
    Ignored,
    /// Any value.
    Json(&'p mut Json<'de>),
    /// A string.
    Text(&'p mut Option<Cow<'de, str>>),
    /// The text of any value.
    Raw(&'p mut Option<&'de str>),
    /// An object with known keys.
    Fields(&'p mut dyn Fields<'de>),
    /// A list.
    Items(&'p mut dyn Items<'de>),
    /// An object with any keys.
    Pairs(&'p mut dyn Pairs<'de>),
}

/// What can be read.
pub(crate) trait Read<'de> {
    fn place(&mut self) -> Place<'_, 'de>;
}

/// The fields of an object.
pub(crate) trait Fields<'de> {
    fn keys(&self) -> &'static [&'static str];

    /// Whether a list gives the fields by their positions.
    fn is_list(&self) -> bool;

    /// The place of the value under one of the keys.
    fn field(&mut self, at: usize) -> Place<'_, 'de>;
}

/// A list of values of one type.
pub(crate) trait Items<'de> {
    /// Makes it an empty list, or a missing one.
    fn set(&mut self, is_there: bool);

    /// The place of a new element.
    fn add(&mut self) -> Place<'_, 'de>;
}

/// The pairs of an object, with values of one type.
pub(crate) trait Pairs<'de> {
    /// Makes it an empty object, or a missing one.
    fn set(&mut self, is_there: bool);

    /// The place of the value of a new pair.
    fn add(&mut self, key: Cow<'de, str>) -> Place<'_, 'de>;
}

impl<'de> Read<'de> for Json<'de> {
    fn place(&mut self) -> Place<'_, 'de> {
        Place::Json(self)
    }
}

impl<'de> Items<'de> for Json<'de> {
    fn set(&mut self, is_there: bool) {
        *self = if is_there { Json::Array(Vec::new()) } else { Json::Null };
    }

    fn add(&mut self) -> Place<'_, 'de> {
        let Json::Array(items) = self else { return Place::Ignored };
        items.push(Json::Null);
        items.last_mut().map_or(Place::Ignored, Place::Json)
    }
}

impl<'de> Pairs<'de> for Json<'de> {
    fn set(&mut self, is_there: bool) {
        *self = if is_there { Json::Object(Vec::new()) } else { Json::Null };
    }

    fn add(&mut self, key: Cow<'de, str>) -> Place<'_, 'de> {
        let Json::Object(pairs) = self else { return Place::Ignored };
        pairs.push((key, Json::Null));
        pairs.last_mut().map_or(Place::Ignored, |(_, value)| Place::Json(value))
    }
}

/// Reads a text into a place that holds its default.
pub(crate) fn read<'de>(text: &'de str, place: Place<'_, 'de>) -> serde_json::Result<()> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    // The limits here are per value; that of `serde_json` would be for the whole text.
    deserializer.disable_recursion_limit();
    let mut cursor = Cursor { text, at: 0, depth: 0, open_ended_depth: 0 };
    Value { cursor: &mut cursor, target: Target::Place(place) }.deserialize(&mut deserializer)?;
    deserializer.end()
}

/// Puts back what a place held before it was read into.
pub(crate) fn reset(place: Place) {
    match place {
        Place::Ignored => {}
        Place::Json(json) => *json = Json::Null,
        Place::Text(text) => *text = None,
        Place::Raw(raw) => *raw = None,
        Place::Items(items) => items.set(false),
        Place::Pairs(pairs) => pairs.set(false),
        Place::Fields(fields) => (0..fields.keys().len()).for_each(|at| reset(fields.field(at))),
    }
}

/// Where in the text `serde_json` is.
struct Cursor<'de> {
    text: &'de str,
    at: usize,
    /// How many lists and objects are open.
    depth: u32,
    /// How many of an open-ended value are.
    open_ended_depth: u32,
}

impl<'de> Cursor<'de> {
    fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or_default()
    }

    /// Goes on to the next value or key and gives its first byte.
    fn next(&mut self) -> u8 {
        while matches!(self.byte(), b' ' | b'\n' | b'\r' | b'\t' | b',' | b':' | b']' | b'}') {
            self.at += 1;
        }
        self.byte()
    }

    /// Passes the number that is here.
    fn digits(&mut self) -> &'de str {
        let start = self.at;
        while matches!(self.byte(), b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E') {
            self.at += 1;
        }
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Goes on past a part of the text.
    fn pass(&mut self, part: &'de str) {
        self.at = (part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize) + part.len();
    }

    /// Goes on past the next string, which has escapes.
    fn pass_escaped(&mut self) {
        self.next();
        self.at += 1;
        while !matches!(self.byte(), b'"' | 0) {
            self.at += if self.byte() == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
    }

    /// Goes on past a string that has this text and no escapes.
    fn pass_string(&mut self, text: &'de str) {
        self.pass(text);
        self.at += 1;
    }
}

/// Where a value goes.
enum Target<'p, 'de> {
    Place(Place<'p, 'de>),
    /// A new element, made only when there is one.
    Item(&'p mut dyn Items<'de>),
}

/// Reads a value.
struct Value<'c, 'p, 'de> {
    cursor: &'c mut Cursor<'de>,
    target: Target<'p, 'de>,
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let cursor = self.cursor;
        let place = match self.target {
            Target::Place(place) => place,
            Target::Item(items) => items.add(),
        };
        let first = cursor.next();
        let is_taken = match (first, &place) {
            (_, Place::Ignored | Place::Raw(_)) => false,
            (b'-' | b'0'..=b'9', _) => {
                IgnoredAny::deserialize(deserializer)?;
                let digits = cursor.digits();
                if let Place::Json(json) = place {
                    *json = Json::Number(digits);
                }
                return Ok(());
            }
            (_, Place::Json(_)) => true,
            (b'"', Place::Text(_)) | (b'{', Place::Fields(_) | Place::Pairs(_)) | (b'[', Place::Items(_)) => true,
            (b'[', Place::Fields(fields)) => fields.is_list(),
            _ => false,
        };
        if !is_taken {
            let text = <&RawValue>::deserialize(deserializer)?.get();
            cursor.pass(text);
            if let Place::Raw(raw) = place {
                *raw = Some(text);
            }
            return Ok(());
        }
        if !matches!(first, b'{' | b'[') {
            return deserializer.deserialize_any(Inside { cursor, place });
        }
        let is_open_ended = matches!(place, Place::Json(_));
        let depth = if is_open_ended { &mut cursor.open_ended_depth } else { &mut cursor.depth };
        if *depth >= MAX_DEPTH {
            return Err(D::Error::custom("it is nested too deeply"));
        }
        *depth += 1;
        deserializer.deserialize_any(Inside { cursor, place })?;
        let depth = if is_open_ended { &mut cursor.open_ended_depth } else { &mut cursor.depth };
        *depth -= 1;
        Ok(())
    }
}

/// Takes a value that has the form of its place.
struct Inside<'c, 'p, 'de> {
    cursor: &'c mut Cursor<'de>,
    place: Place<'p, 'de>,
}

impl<'de> Inside<'_, '_, 'de> {
    fn string(self, text: Cow<'de, str>) {
        match self.place {
            Place::Json(json) => *json = Json::String(text),
            Place::Text(place) => *place = Some(text),
            _ => {}
        }
    }
}

impl<'de> Visitor<'de> for Inside<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.cursor.at += "null".len();
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.cursor.at += if value { "true".len() } else { "false".len() };
        if let Place::Json(json) = self.place {
            *json = Json::Bool(value);
        }
        Ok(())
    }

    // Numbers come another way. serde's own refusals write the value, and the standard library's formatting of floats is
    // 7 kB compressed.
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<(), E> {
        self.cursor.pass_string(text);
        self.string(Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.cursor.pass_escaped();
        self.string(Cow::Owned(text.to_owned()));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Inside { cursor, mut place } = self;
        cursor.at += 1;
        match &mut place {
            Place::Json(json) => **json = Json::Array(Vec::new()),
            Place::Items(items) => items.set(true),
            _ => {}
        }
        let mut at = 0;
        loop {
            let target = match &mut place {
                Place::Json(json) => Target::Item(&mut **json),
                Place::Items(items) => Target::Item(&mut **items),
                Place::Fields(fields) => Target::Place(fields.field(at)),
                _ => Target::Place(Place::Ignored),
            };
            if list.next_element_seed(Value { cursor, target })?.is_none() {
                return Ok(());
            }
            at += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let Inside { cursor, mut place } = self;
        cursor.at += 1;
        match &mut place {
            Place::Json(json) => **json = Json::Object(Vec::new()),
            Place::Pairs(pairs) => pairs.set(true),
            _ => {}
        }
        let mut seen = 0_u32;
        while let Some(key) = object.next_key_seed(Key { cursor })? {
            let target = match &mut place {
                Place::Json(json) => Pairs::add(&mut **json, key),
                Place::Pairs(pairs) => pairs.add(key),
                Place::Fields(fields) => match fields.keys().iter().position(|name| *name == key) {
                    Some(at) => {
                        if seen & 1 << at != 0 {
                            reset(fields.field(at));
                        }
                        seen |= 1 << at;
                        fields.field(at)
                    }
                    None => Place::Ignored,
                },
                _ => Place::Ignored,
            };
            object.next_value_seed(Value { cursor, target: Target::Place(target) })?;
        }
        Ok(())
    }
}

/// Reads a key, borrowed where it has no escapes.
struct Key<'c, 'de> {
    cursor: &'c mut Cursor<'de>,
}

impl<'de> DeserializeSeed<'de> for Key<'_, 'de> {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_, 'de> {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Cow<'de, str>, E> {
        self.cursor.pass_string(key);
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Cow<'de, str>, E> {
        self.cursor.pass_escaped();
        Ok(Cow::Owned(key.to_owned()))
    }
}

#[cfg(test)]
mod tests;
