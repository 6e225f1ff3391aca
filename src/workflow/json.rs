//! The JSON of workflows and object info, borrowed from its text.
//!
//! Not `serde_json::Value`: a conversion moves values from one text to another, so strings that hold no escape stay
//! slices, and numbers keep the digits they were written with (`18446744073709551615`, `0.30000000000000004`), which no
//! detour over a float can spoil. Objects are lists of pairs in the order of the text; where a key is repeated the last
//! one counts, as in JavaScript. `NaN` and `Infinity`, which Python writes, are read as `null`.

use std::borrow::Cow;

use super::arena::Pen;

/// Deeper nesting than any editor writes; a text that goes further is refused before the stack is in danger.
const MAX_DEPTH: u32 = 128;

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

/// Why a text is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What was expected or found.
    pub what: &'static str,
    /// Byte offset into the text.
    pub at: usize,
}

pub(crate) static NULL: Json<'static> = Json::Null;

impl<'a> Json<'a> {
    /// Parses a whole text.
    pub fn parse(text: &'a str, pen: &Pen<'a>) -> Result<Self, Malformed> {
        let mut reader = Reader::new(text);
        let value = reader.value(pen, 0)?;
        reader.end()?;
        Ok(value)
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

/// The value of digits in JSON's grammar. Exact for up to 15 digits and powers of ten up to 22, which is more than the
/// limits and steps of widgets have; nothing else is computed with.
pub(crate) fn to_f64(digits: &str) -> f64 {
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits),
    };
    let (mut value, mut power) = (0.0f64, 0i32);
    let mut bytes = digits.bytes();
    let mut in_fraction = false;
    for byte in bytes.by_ref() {
        match byte {
            b'0'..=b'9' => {
                value = value * 10.0 + f64::from(byte - b'0');
                power -= i32::from(in_fraction);
            }
            b'.' => in_fraction = true,
            _ => break,
        }
    }
    let mut exponent = 0i32;
    let mut down = false;
    for byte in bytes {
        match byte {
            b'-' => down = true,
            b'0'..=b'9' => exponent = exponent.saturating_mul(10).saturating_add(i32::from(byte - b'0')),
            _ => {}
        }
    }
    power = power.saturating_add(if down { -exponent } else { exponent });
    let mut scale = 1.0f64;
    for _ in 0..power.unsigned_abs().min(400) {
        scale *= 10.0;
    }
    value = if power < 0 { value / scale } else { value * scale };
    if negative { -value } else { value }
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
    if value == value.trunc() && value.abs() < 9e15 {
        return (value as i64).to_string();
    }
    serde_json::Number::from_f64(value).map_or_else(|| "null".to_owned(), |number| number.to_string())
}

/// Appends a string with quotes and escapes.
pub(crate) fn write_string(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    let mut start = 0;
    out.push('"');
    loop {
        let at = next_special(bytes, start);
        out.push_str(text.get(start..at).unwrap_or(""));
        let Some(byte) = bytes.get(at) else {
            break;
        };
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

fn keep<'a>(text: Cow<'a, str>, pen: &Pen<'a>) -> &'a str {
    match text {
        Cow::Borrowed(text) => text,
        Cow::Owned(text) => pen.keep(text),
    }
}

/// Takes a key, and reads its value.
type ReadPair<'r, 'a> = dyn FnMut(&mut Reader<'a>, Cow<'a, str>) -> Result<(), Malformed> + 'r;

/// Reads values one after the other from a text.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// Of the lists and objects that are being read, the innermost last: each is made once its length is known.
    items: Vec<Json<'a>>,
    pairs: Vec<(&'a str, Json<'a>)>,
}

impl<'a> Reader<'a> {
    pub fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Reader { text, at, items: Vec::new(), pairs: Vec::new() }
    }

    /// Nothing but white space may follow.
    pub fn end(&mut self) -> Result<(), Malformed> {
        if self.peek() == 0 && self.at == self.text.len() { Ok(()) } else { self.fail("nothing more was expected") }
    }

    fn fail<T>(&self, what: &'static str) -> Result<T, Malformed> {
        Err(Malformed { what, at: self.at })
    }

    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or("")
    }

    /// The next byte that is not white space; 0 at the end.
    #[inline(always)]
    fn peek(&mut self) -> u8 {
        match self.text.as_bytes().get(self.at) {
            Some(byte) if *byte > b' ' => *byte,
            _ => self.peek_further(),
        }
    }

    fn peek_further(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                _ => return *byte,
            }
            // Indentation.
            while word(bytes, self.at) == Some(EACH * 0x20) {
                self.at += 8;
            }
        }
        0
    }

    fn value(&mut self, pen: &Pen<'a>, depth: u32) -> Result<Json<'a>, Malformed> {
        match self.peek() {
            b'"' => Ok(Json::String(keep(self.string()?, pen))),
            b'{' => {
                let start = self.pairs.len();
                self.object(depth, &mut |reader, key| {
                    let value = reader.value(pen, depth + 1)?;
                    reader.pairs.push((keep(key, pen), value));
                    Ok(())
                })?;
                Ok(Json::Object(self.pairs.split_off(start)))
            }
            b'[' => {
                let start = self.items.len();
                self.array(depth, &mut |reader| {
                    let value = reader.value(pen, depth + 1)?;
                    reader.items.push(value);
                    Ok(())
                })?;
                Ok(Json::Array(self.items.split_off(start)))
            }
            _ => self.scalar(),
        }
    }

    /// Reads an object, handing each key to `pair`, which reads the value.
    pub fn object(&mut self, depth: u32, pair: &mut ReadPair<'_, 'a>) -> Result<(), Malformed> {
        if self.peek() != b'{' {
            return self.fail("an object was expected");
        }
        self.enter(depth)?;
        if self.peek() == b'}' {
            self.at += 1;
            return Ok(());
        }
        loop {
            if self.peek() != b'"' {
                return self.fail("a key was expected");
            }
            let key = self.string()?;
            if self.peek() != b':' {
                return self.fail("a colon was expected");
            }
            self.at += 1;
            pair(self, key)?;
            if self.leave(b'}')? {
                return Ok(());
            }
        }
    }

    fn array(&mut self, depth: u32, item: &mut dyn FnMut(&mut Self) -> Result<(), Malformed>) -> Result<(), Malformed> {
        self.enter(depth)?;
        if self.peek() == b']' {
            self.at += 1;
            return Ok(());
        }
        loop {
            item(self)?;
            if self.leave(b']')? {
                return Ok(());
            }
        }
    }

    fn enter(&mut self, depth: u32) -> Result<(), Malformed> {
        if depth >= MAX_DEPTH {
            return self.fail("it is nested too deeply");
        }
        self.at += 1;
        Ok(())
    }

    /// After an element: true at the end of the container, false after a comma.
    fn leave(&mut self, close: u8) -> Result<bool, Malformed> {
        let byte = self.peek();
        if byte != close && byte != b',' {
            return self.fail(if byte == 0 { "it ends too early" } else { "a comma was expected" });
        }
        self.at += 1;
        Ok(byte == close)
    }

    fn scalar(&mut self) -> Result<Json<'a>, Malformed> {
        let bytes = self.text.as_bytes();
        let start = self.at;
        // Whole numbers that do not begin with 0 are checked as they are read.
        let mut is_whole = true;
        while let Some(byte @ (b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'+' | b'.')) = bytes.get(self.at) {
            is_whole &= byte.is_ascii_digit() && (*byte != b'0' || self.at > start);
            self.at += 1;
        }
        let word = self.slice(start, self.at);
        if is_whole && self.at > start {
            return Ok(Json::Number(word));
        }
        match word {
            "null" | "NaN" | "Infinity" | "-Infinity" => Ok(Json::Null),
            "true" => Ok(Json::Bool(true)),
            "false" => Ok(Json::Bool(false)),
            _ if is_number(word) => Ok(Json::Number(word)),
            _ => {
                self.at = start;
                self.fail(if start == self.text.len() { "it ends too early" } else { "a value was expected" })
            }
        }
    }

    fn string(&mut self) -> Result<Cow<'a, str>, Malformed> {
        let bytes = self.text.as_bytes();
        let mut start = self.at + 1;
        let mut at = start;
        let mut owned: Option<String> = None;
        loop {
            at = next_special(bytes, at);
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    let text = owned.get_or_insert_with(String::new);
                    text.push_str(self.slice(start, at));
                    let (character, next) = escape(bytes, at + 1).ok_or(Malformed { what: "a bad escape", at })?;
                    text.push(character);
                    at = next;
                    start = at;
                }
                Some(_) => return Err(Malformed { what: "a control character in a string", at }),
                None => return Err(Malformed { what: "it ends inside a string", at }),
            }
        }
        self.at = at + 1;
        let rest = self.slice(start, at);
        Ok(match owned {
            Some(mut text) => {
                text.push_str(rest);
                Cow::Owned(text)
            }
            None => Cow::Borrowed(rest),
        })
    }

    /// Passes over one value and gives its text.
    pub fn skip(&mut self, depth: u32) -> Result<&'a str, Malformed> {
        let first = self.peek();
        let start = self.at;
        match first {
            b'{' => self.object(depth, &mut |reader, _| reader.skip(depth + 1).map(drop))?,
            b'[' => self.array(depth, &mut |reader| reader.skip(depth + 1).map(drop))?,
            b'"' => drop(self.string()?),
            _ => drop(self.scalar()?),
        }
        Ok(self.slice(start, self.at))
    }
}

/// One in each of the eight bytes of a word.
const EACH: u64 = 0x0101_0101_0101_0101;

/// The next eight bytes, the first one lowest: strings and indentation are most of a text.
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

/// The high bits of bytes that are less than `limit`; only the lowest that is set can be relied on.
fn below(word: u64, limit: u64) -> u64 {
    word.wrapping_sub(EACH * limit) & !word & (EACH << 7)
}

/// Where the next byte is that a string cannot hold as it is (quote, backslash, control character), or the end.
fn next_special(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = word(bytes, at) {
        let found = below(word, 0x20) | below(word ^ (EACH * 0x22), 1) | below(word ^ (EACH * 0x5c), 1);
        at += found.trailing_zeros() as usize / 8;
        if found != 0 {
            return at;
        }
    }
    while bytes.get(at).is_some_and(|byte| *byte >= 0x20 && *byte != b'"' && *byte != b'\\') {
        at += 1;
    }
    at
}

/// The character after a backslash, and where the text goes on. A lone surrogate becomes the replacement character.
fn escape(bytes: &[u8], at: usize) -> Option<(char, usize)> {
    let character = match bytes.get(at)? {
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'u' => {
            let high = hex4(bytes, at + 1)?;
            if (0xd800..0xdc00).contains(&high) && bytes.get(at + 5..at + 7) == Some(b"\\u") {
                let low = hex4(bytes, at + 7)?;
                if (0xdc00..0xe000).contains(&low) {
                    let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                    return Some((char::from_u32(code)?, at + 11));
                }
            }
            return Some((char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), at + 5));
        }
        byte @ (b'"' | b'\\' | b'/') => char::from(*byte),
        _ => return None,
    };
    Some((character, at + 1))
}

fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.iter().try_fold(0, |code, byte| Some(code << 4 | char::from(*byte).to_digit(16)?))
}

/// JSON's grammar of numbers.
pub(crate) fn is_number(word: &str) -> bool {
    let bytes = word.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    let mut at = usize::from(is(0, b"-"));
    let whole = digits(at);
    if whole == 0 || (whole > 1 && is(at, b"0")) {
        return false;
    }
    at += whole;
    if is(at, b".") {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return false;
        }
        at += 1 + fraction;
    }
    if is(at, b"eE") {
        at += 1 + usize::from(is(at + 1, b"+-"));
        let exponent = digits(at);
        if exponent == 0 {
            return false;
        }
        at += exponent;
    }
    at == bytes.len()
}

#[cfg(test)]
mod tests {
    use super::super::arena::Arena;
    use super::*;

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
    fn escapes_are_resolved() {
        assert_eq!(round_trip("\"é{x}\""), "\"é{x}\"");
        assert_eq!(round_trip(r#""a\"\\\/\n\u0001\u00e9\ud83d\ude00""#), "\"a\\\"\\\\/\\n\\u0001é😀\"");
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
        for (text, at) in [("", 0), ("{\"a\":1", 6), ("[1 2]", 3), ("{a:1}", 1), ("[01]", 1), ("\"a", 2), ("1 1", 2)] {
            assert_eq!(error(text).at, at, "{text}");
        }
        assert_eq!(error(&"[".repeat(100_000)).what, "it is nested too deeply");
        assert_eq!(Reader::new(&"[".repeat(100_000)).skip(0).unwrap_err().what, "it is nested too deeply");
    }

    #[test]
    fn digits_have_their_value() {
        for text in ["0", "-0.5", "0.1", "2048", "1e21", "12.5e-3", "9007199254740991", "-1e+2", "0.001"] {
            assert_eq!(to_f64(text), text.parse::<f64>().unwrap(), "{text}");
        }
        assert_eq!(
            (to_index("7"), to_index("7.0"), to_index("7.5"), to_index("-1"), to_index("x")),
            (Some(7), Some(7), None, None, None)
        );
        assert_eq!((from_f64(3.0), from_f64(0.25), from_f64(f64::NAN)), ("3".into(), "0.25".into(), "null".into()));
    }

    #[test]
    fn skipping_gives_the_text_of_the_value() {
        let mut reader = Reader::new(r#" {"a": [1, {"b": "}"}]} "#);
        assert_eq!(reader.skip(0).unwrap(), r#"{"a": [1, {"b": "}"}]}"#);
        assert!(reader.end().is_ok());
    }
}
