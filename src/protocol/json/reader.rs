//! A pull parser: reads a JSON text once, from its beginning to its end.

use std::borrow::Cow;

use crate::protocol::json::decimal::{is_number, to_f64};
use crate::protocol::json::malformed::Malformed;
use crate::protocol::json::scan::{EACH, eight, escape, next_special};
use crate::text::work;

/// Nesting limit of values that are read, because reading recurses. Values that are skipped may be nested to any depth.
const MAX_DEPTH: u32 = 128;

/// The value of a field that should be a string.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Text<'a> {
    /// No such field, or a value that is neither a string nor a whole number.
    #[default]
    Missing,
    /// An explicit `null`.
    Null,
    /// The string, borrowed where it has no escapes. Whole numbers count as strings: ids are strings on the wire, but
    /// some custom nodes send numbers.
    Is(Cow<'a, str>),
}

impl<'a> Text<'a> {
    /// The string, where there is one.
    pub fn is(self) -> Option<Cow<'a, str>> {
        match self {
            Text::Is(text) => Some(text),
            Text::Missing | Text::Null => None,
        }
    }
}

/// Reads one value after the other. At a syntax error a method returns `None`, its callers pass that on, and
/// [`Reader::malformed`] has the error. Accepts what Python's `json.dumps` writes beyond JSON: `NaN`, `Infinity` and lone
/// surrogates.
#[derive(Debug)]
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: u32,
    what: &'static str,
    beyond_json: bool,
}

impl<'a> Reader<'a> {
    /// A reader at the beginning of a text; a byte order mark there is skipped.
    pub fn new(text: &'a str) -> Self {
        let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
        Reader { text, at, depth: 0, what: "it cannot be read", beyond_json: false }
    }

    /// The syntax error because of which a method returned `None`.
    pub fn malformed(&self) -> Malformed {
        let before = &self.text.as_bytes()[..self.at.min(self.text.len())];
        let line = before.split(|byte| *byte == b'\n');
        let column = line.clone().next_back().map_or(0, <[u8]>::len) + 1;
        Malformed { what: self.what, at: self.at, line: line.count(), column }
    }

    /// Whether `NaN` or `Infinity` was read: `JSON.parse` refuses such a text.
    pub fn is_beyond_json(&self) -> bool {
        self.beyond_json
    }

    /// The text that has not been read, from the next value on.
    pub fn rest(&mut self) -> &'a str {
        self.peek();
        self.slice(self.at, self.text.len())
    }

    /// Fails unless only white space follows.
    pub fn end(&mut self) -> Option<()> {
        if self.peek() == 0 && self.at == self.text.len() { Some(()) } else { self.fail("nothing more was expected") }
    }

    /// Fails at the current position; `what` becomes [`Malformed::what`].
    pub fn fail<T>(&mut self, what: &'static str) -> Option<T> {
        work::count(self.at);
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

    /// The next byte that is not white space, without reading it; 0 at the end.
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
            // Indentation is long in texts that people format.
            while eight(bytes, self.at) == Some(EACH * 0x20) {
                self.at += 8;
            }
        }
        0
    }

    /// Reads an object. Calls `pair` with each key; it must read the value.
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

    /// As [`Reader::object`], but skips a value that is not an object.
    pub fn fields(&mut self, pair: &mut dyn FnMut(&mut Self, Cow<'a, str>) -> Option<()>) -> Option<()> {
        if self.peek() == b'{' { self.object(pair) } else { self.skip().map(drop) }
    }

    /// Reads a list. Calls `item` for each element; it must read it.
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

    /// Whether the container that was just entered is empty; leaves it if so.
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

    /// Reads what follows an element: true at the end of the container, false after a comma.
    #[inline(always)]
    fn leave(&mut self, close: u8) -> Option<bool> {
        let byte = self.peek();
        if byte != close && byte != b',' {
            return self.fail(if byte == 0 { "it ends too early" } else { "a comma was expected" });
        }
        self.at += 1;
        Some(byte == close)
    }

    /// Reads a number, `true`, `false` or `null` and returns its text; `null` for `NaN` and `Infinity`.
    pub fn word(&mut self) -> Option<&'a str> {
        self.peek();
        let start = self.at;
        // The common case, whole numbers without a leading 0, is validated in the same pass.
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
        work::count(at - self.at);
        if self.text.as_bytes().get(at) == Some(&b'"') {
            self.at = at + 1;
            return Some(Cow::Borrowed(self.slice(start, at)));
        }
        let mut text = String::new();
        self.unescape(at, &mut |part| text.push_str(part))?;
        Some(Cow::Owned(text))
    }

    /// Skips a string.
    #[inline(always)]
    fn pass_string(&mut self) -> Option<()> {
        let at = next_special(self.text.as_bytes(), self.at + 1);
        if self.text.as_bytes().get(at) == Some(&b'"') {
            self.at = at + 1;
            return Some(());
        }
        self.unescape(at, &mut |_| ())
    }

    /// Reads a string with escapes and hands its parts to `part`. `at`: offset of the first special byte.
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

    /// Reads a value that should be a string or an id; skips any other.
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

    /// Reads a value that should be a number; any other is skipped and counts as 0.
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

    /// Skips one value, however deeply it is nested, and returns its text.
    pub fn skip(&mut self) -> Option<&'a str> {
        self.peek();
        let start = self.at;
        // The closing byte of each open container.
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
            // After a value: go to the next one, or close containers that end here.
            while ended {
                let Some(close) = open.last() else {
                    work::count(self.at - start);
                    return Some(self.slice(start, self.at));
                };
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

#[cfg(test)]
mod tests;
