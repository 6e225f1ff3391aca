//! Reading a JSON text from its beginning to its end.

use std::borrow::Cow;

use crate::protocol::json::number::{is_number, to_f64};
use crate::protocol::json::raw::Raw;

/// Values inside of values that are looked into; deeper ones are refused before the stack is in danger. What is skipped
/// may be nested as deeply as it likes.
const MAX_DEPTH: u32 = 128;

/// Why a text is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What was expected or found.
    pub what: &'static str,
    /// Byte offset into the text.
    pub at: usize,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in bytes, counted from 1.
    pub column: usize,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at line {} column {}", self.what, self.line, self.column)
    }
}

/// What should be a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Text<'a> {
    /// Nothing there, or neither a text nor a whole number.
    #[default]
    Missing,
    /// An explicit `null`.
    Null,
    /// Text, borrowed where it has no escapes. Whole numbers are read as text: ids are strings on the wire, but some
    /// nodes send numbers.
    Is(Cow<'a, str>),
}

impl<'a> Text<'a> {
    /// The text, if there is any.
    pub fn is(self) -> Option<Cow<'a, str>> {
        match self {
            Text::Is(text) => Some(text),
            Text::Missing | Text::Null => None,
        }
    }
}

/// Reads values one after the other. Where the text is not JSON a method gives `None`, and so does whoever called it:
/// why is known to [`Reader::malformed`]. `NaN`, `Infinity` and halves of surrogate pairs are accepted.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
    what: &'static str,
    beyond_json: bool,
}

impl<'a> Reader<'a> {
    /// At the beginning of a text, behind its byte order mark if it has one.
    pub fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Reader { text, at, depth: 0, what: "it cannot be read", beyond_json: false }
    }

    /// Why a method gave `None`.
    pub fn malformed(&self) -> Malformed {
        let before = &self.text.as_bytes()[..self.at.min(self.text.len())];
        let line = before.split(|byte| *byte == b'\n');
        let column = line.clone().next_back().map_or(0, <[u8]>::len) + 1;
        Malformed { what: self.what, at: self.at, line: line.count(), column }
    }

    /// Whether something was read that only Python takes for JSON: the text is nothing for JavaScript.
    pub fn is_beyond_json(&self) -> bool {
        self.beyond_json
    }

    /// What has not been read yet, from the next value on.
    pub fn rest(&mut self) -> &'a str {
        self.peek();
        self.slice(self.at, self.text.len())
    }

    /// Nothing but white space may follow.
    pub fn end(&mut self) -> Option<()> {
        if self.peek() == 0 && self.at == self.text.len() { Some(()) } else { self.fail("nothing more was expected") }
    }

    /// Stops with a reason.
    pub fn fail<T>(&mut self, what: &'static str) -> Option<T> {
        self.what = what;
        None
    }

    fn fail_at<T>(&mut self, at: usize, what: &'static str) -> Option<T> {
        self.at = at;
        self.fail(what)
    }

    #[inline(always)]
    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The next byte that is not white space; 0 at the end.
    #[inline(always)]
    pub fn peek(&mut self) -> u8 {
        match self.text.as_bytes().get(self.at) {
            Some(byte) if *byte > b' ' => *byte,
            _ => self.peek_further(),
        }
    }

    #[inline(never)]
    fn peek_further(&mut self) -> u8 {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                _ => return *byte,
            }
            // Indentation.
            while eight(bytes, self.at) == Some(EACH * 0x20) {
                self.at += 8;
            }
        }
        0
    }

    /// Reads an object, handing each key to `pair`, which reads the value.
    pub fn object(&mut self, pair: &mut dyn FnMut(&mut Self, Cow<'a, str>) -> Option<()>) -> Option<()> {
        if self.peek() != b'{' {
            return self.fail("an object was expected");
        }
        self.enter()?;
        if self.closes(b'}') {
            return Some(());
        }
        loop {
            let key = self.key()?;
            pair(self, key)?;
            if self.leave(b'}')? {
                self.depth -= 1;
                return Some(());
            }
        }
    }

    /// Like [`Reader::object`]; anything else than an object is skipped.
    pub fn fields(&mut self, pair: &mut dyn FnMut(&mut Self, Cow<'a, str>) -> Option<()>) -> Option<()> {
        if self.peek() == b'{' { self.object(pair) } else { self.skip().map(drop) }
    }

    /// Reads a list, calling `item` to read each element.
    pub fn array(&mut self, item: &mut dyn FnMut(&mut Self) -> Option<()>) -> Option<()> {
        if self.peek() != b'[' {
            return self.fail("a list was expected");
        }
        self.enter()?;
        if self.closes(b']') {
            return Some(());
        }
        loop {
            item(self)?;
            if self.leave(b']')? {
                self.depth -= 1;
                return Some(());
            }
        }
    }

    fn enter(&mut self) -> Option<()> {
        if self.depth >= MAX_DEPTH {
            return self.fail("it is nested too deeply");
        }
        self.depth += 1;
        self.at += 1;
        Some(())
    }

    /// Whether the container that was just entered is empty.
    fn closes(&mut self, close: u8) -> bool {
        let empty = self.peek() == close;
        if empty {
            self.at += 1;
            self.depth -= 1;
        }
        empty
    }

    fn key(&mut self) -> Option<Cow<'a, str>> {
        if self.peek() != b'"' {
            return self.fail("a key was expected");
        }
        let key = self.string()?;
        self.colon()?;
        Some(key)
    }

    #[inline(always)]
    fn colon(&mut self) -> Option<()> {
        if self.peek() != b':' {
            return self.fail("a colon was expected");
        }
        self.at += 1;
        Some(())
    }

    /// After an element: true at the end of the container, false after a comma.
    #[inline(always)]
    fn leave(&mut self, close: u8) -> Option<bool> {
        let byte = self.peek();
        if byte != close && byte != b',' {
            return self.fail(if byte == 0 { "it ends too early" } else { "a comma was expected" });
        }
        self.at += 1;
        Some(byte == close)
    }

    /// Reads a number, `true`, `false` or `null`, as its text; what Python writes beyond JSON is `null`.
    pub fn word(&mut self) -> Option<&'a str> {
        self.peek();
        let start = self.at;
        // Whole numbers that do not begin with 0 are checked as they are read.
        let mut is_whole = true;
        while let Some(byte @ (b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'+' | b'.')) =
            self.text.as_bytes().get(self.at)
        {
            is_whole &= byte.is_ascii_digit() && (*byte != b'0' || self.at > start);
            self.at += 1;
        }
        if is_whole && self.at > start {
            return Some(self.slice(start, self.at));
        }
        match self.slice(start, self.at) {
            "NaN" | "Infinity" | "-Infinity" => {
                self.beyond_json = true;
                Some("null")
            }
            word @ ("null" | "true" | "false") => Some(word),
            word if is_number(word) => Some(word),
            _ => {
                let at_end = start == self.text.len();
                self.fail_at(start, if at_end { "it ends too early" } else { "a value was expected" })
            }
        }
    }

    /// Reads a string.
    pub fn string(&mut self) -> Option<Cow<'a, str>> {
        let start = self.at + 1;
        let at = next_special(self.text.as_bytes(), start);
        if self.text.as_bytes().get(at) == Some(&b'"') {
            self.at = at + 1;
            return Some(Cow::Borrowed(self.slice(start, at)));
        }
        let mut text = String::new();
        self.unescape(at, &mut |part| text.push_str(part))?;
        Some(Cow::Owned(text))
    }

    /// Passes over a string.
    #[inline(always)]
    fn pass_string(&mut self) -> Option<()> {
        let at = next_special(self.text.as_bytes(), self.at + 1);
        if self.text.as_bytes().get(at) == Some(&b'"') {
            self.at = at + 1;
            return Some(());
        }
        self.unescape(at, &mut |_| ())
    }

    /// Reads a string that is not just what stands between its quotes, part by part. `at`: what it cannot hold as it is.
    fn unescape(&mut self, mut at: usize, part: &mut dyn FnMut(&str)) -> Option<()> {
        let bytes = self.text.as_bytes();
        let mut start = self.at + 1;
        loop {
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    let Some((character, next)) = escape(bytes, at + 1) else {
                        return self.fail_at(at, "a bad escape");
                    };
                    part(self.slice(start, at));
                    part(character.encode_utf8(&mut [0; 4]));
                    start = next;
                    at = next_special(bytes, next);
                }
                Some(_) => return self.fail_at(at, "a control character in a string"),
                None => return self.fail_at(at, "it ends inside a string"),
            }
        }
        part(self.slice(start, at));
        self.at = at + 1;
        Some(())
    }

    /// Reads what should be a text, whatever it is.
    pub fn text(&mut self) -> Option<Text<'a>> {
        match self.peek() {
            b'"' => self.string().map(Text::Is),
            b'{' | b'[' => self.skip().map(|_| Text::Missing),
            _ => Some(match self.word()? {
                "null" => Text::Null,
                word if word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => Text::Is(Cow::Borrowed(word)),
                _ => Text::Missing,
            }),
        }
    }

    /// Reads what should be a number, whatever it is: anything else is 0.
    pub fn number(&mut self) -> Option<f64> {
        match self.peek() {
            b'"' | b'{' | b'[' => self.skip().map(|_| 0.0),
            b'0'..=b'9' | b'-' => {
                let word = self.word()?;
                Some(if word == "null" { 0.0 } else { to_f64(word) })
            }
            _ => self.word().map(|_| 0.0),
        }
    }

    /// Passes over one value, to look into it later.
    pub fn value(&mut self) -> Option<Raw<'a>> {
        self.skip().map(Raw)
    }

    /// Passes over one value, however deep it is, and gives its text.
    pub fn skip(&mut self) -> Option<&'a str> {
        self.peek();
        let start = self.at;
        // What closes each container that is open.
        let mut open = Vec::new();
        loop {
            let close = match self.peek() {
                b'{' => b'}',
                b'[' => b']',
                b'"' => {
                    self.pass_string()?;
                    0
                }
                _ => {
                    self.word()?;
                    0
                }
            };
            let mut ended = true;
            if close != 0 {
                self.at += 1;
                ended = self.peek() == close;
                match ended {
                    true => self.at += 1,
                    false => open.push(close),
                }
            }
            // Behind a value: on to the next one of what is open.
            while ended {
                let Some(close) = open.last() else { return Some(self.slice(start, self.at)) };
                ended = self.leave(*close)?;
                if ended {
                    open.pop();
                }
            }
            if open.last() == Some(&b'}') {
                if self.peek() != b'"' {
                    return self.fail("a key was expected");
                }
                self.pass_string()?;
                self.colon()?;
            }
        }
    }
}

/// One in each of eight bytes.
const EACH: u64 = 0x0101_0101_0101_0101;

/// The next eight bytes, the first one lowest: strings and indentation are most of a text.
#[inline(always)]
fn eight(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

/// The high bits of bytes that are less than `limit`; only the lowest that is set can be relied on.
#[inline(always)]
fn below(word: u64, limit: u64) -> u64 {
    word.wrapping_sub(EACH * limit) & !word & (EACH << 7)
}

/// Where the next byte is that a string cannot hold as it is (quote, backslash, control character), or the end.
#[inline(always)]
pub(super) fn next_special(bytes: &[u8], at: usize) -> usize {
    // Most keys and ids end within the first eight bytes.
    match eight(bytes, at).map(special) {
        Some(found) if found != 0 => at + found.trailing_zeros() as usize / 8,
        _ => further_special(bytes, at),
    }
}

/// The high bits of special bytes; only the lowest that is set can be relied on.
#[inline(always)]
fn special(word: u64) -> u64 {
    below(word, 0x20) | below(word ^ (EACH * 0x22), 1) | below(word ^ (EACH * 0x5c), 1)
}

#[inline(never)]
fn further_special(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = eight(bytes, at) {
        let found = special(word);
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

/// The character after a backslash, and where the text goes on. Half of a surrogate pair becomes the replacement
/// character.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> Option<Malformed> {
        let mut reader = Reader::new(text);
        reader.skip().and_then(|_| reader.end()).is_none().then(|| reader.malformed())
    }

    #[test]
    fn malformed_texts_say_where_they_break() {
        for (text, at) in [
            ("", 0),
            ("{\"a\":1", 6),
            ("[1 2]", 3),
            ("{a:1}", 1),
            ("{\"a\" 1}", 5),
            ("{\"a\":1,}", 7),
            ("[1,]", 3),
            ("[01]", 1),
            ("\"a", 2),
            ("\"a\u{1}\"", 2),
            ("1 1", 2),
            ("[}", 1),
            ("[1}", 2),
            (r#""\x""#, 1),
            (r#""\ud8""#, 1),
            (r#""\ud80é""#, 1),
        ] {
            assert_eq!(error(text).map(|error| error.at), Some(at), "{text}");
        }
    }

    #[test]
    fn malformed_texts_say_their_line() {
        let error = error("{\"nodes\": [\n  {\"id\": 1,}\n]}").unwrap();
        assert_eq!(error.to_string(), "a key was expected at line 2 column 12");
    }

    #[test]
    fn skipping_gives_the_text_of_the_value() {
        let text = " {\"a\": [1, {\"b\": \"}\"}, [], {}, -1.5e3], \"c\": null } ";
        let mut reader = Reader::new(text);
        assert_eq!(reader.skip(), Some(text.trim()));
        assert!(reader.end().is_some());
    }

    #[test]
    fn what_is_skipped_may_be_deep_and_what_is_read_may_not() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(error(&deep), None);
        fn enter(reader: &mut Reader) -> Option<()> {
            reader.array(&mut enter)
        }
        let mut reader = Reader::new(&deep);
        assert!(enter(&mut reader).is_none());
        assert_eq!(reader.malformed().what, "it is nested too deeply");
    }

    #[test]
    fn escapes_are_resolved_and_halves_of_surrogate_pairs_lose_no_text() {
        let read = |text: &'static str| Reader::new(text).string().unwrap();
        assert_eq!(read(r#""a\"\\\/\b\f\n\r\t\u00e9""#), "a\"\\/\u{8}\u{c}\n\r\té");
        assert_eq!(
            read(r#""\ud83d\ude00 a\udcff.png \ud800\ud83d\ude00 \\ud800""#),
            "😀 a\u{fffd}.png \u{fffd}😀 \\ud800"
        );
        assert!(matches!(read(r#""é{x}""#), Cow::Borrowed("é{x}")));
    }

    #[test]
    fn what_python_writes_beyond_json_is_null() {
        for text in ["NaN", " Infinity", "-Infinity"] {
            let mut reader = Reader::new(text);
            assert_eq!((reader.word(), reader.is_beyond_json()), (Some("null"), true), "{text}");
        }
        assert_eq!(error("\u{feff}{\"a\": [NaN]}"), None);
    }

    #[test]
    fn whole_numbers_are_texts_too() {
        let read = |text| Reader::new(text).text().unwrap();
        assert_eq!((read("-7"), read("\"a\"")), (Text::Is("-7".into()), Text::Is("a".into())));
        assert_eq!((read("null"), read("1.5"), read("[1]"), read("true")).0, Text::Null);
        for text in ["1.5", "[1]", "true", "{}"] {
            assert_eq!(read(text), Text::Missing, "{text}");
        }
    }
}
