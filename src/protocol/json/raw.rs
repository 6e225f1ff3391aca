//! Lookups in a JSON text.

use std::borrow::Cow;

use crate::protocol::json::decimal::to_f64;
use crate::protocol::json::malformed::Malformed;
use crate::protocol::json::reader::Reader;

/// A JSON value as its text, like serde_json's `RawValue`. Each lookup scans the text of the value again, so look up each
/// field once and use [`Raw::entries`] or [`Reader`] in loops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raw<'a>(&'a str);

impl<'a> Raw<'a> {
    /// `null`, also the result of lookups that find nothing.
    pub const NULL: Raw<'static> = Raw("null");

    /// Validates a text.
    pub fn read(text: &'a str) -> Result<Self, Malformed> {
        let mut reader = Reader::new(text);
        match reader.skip().filter(|_| reader.end().is_some()) {
            Some(value) => Ok(Raw(value)),
            None => Err(reader.malformed()),
        }
    }

    /// The value's own text.
    pub fn text(self) -> &'a str {
        self.0
    }

    /// Whether it is an object.
    pub fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    /// Whether it is a list.
    pub fn is_list(self) -> bool {
        self.0.starts_with('[')
    }

    /// Whether it is a string.
    pub fn is_string(self) -> bool {
        self.0.starts_with('"')
    }

    /// Whether it is `null`, or `NaN` or `Infinity`, which count as `null`.
    pub fn is_null(self) -> bool {
        self.0.starts_with(['n', 'N', 'I']) || self.0 == "-Infinity"
    }

    /// The value under a key of an object; the last one where the key is repeated.
    pub fn find(self, key: &str) -> Option<Raw<'a>> {
        let mut found = None;
        Reader::new(self.0).fields(&mut |reader, name| {
            let value = reader.value()?;
            if name == key {
                found = Some(value);
            }
            Some(())
        });
        found
    }

    /// The value under a key of an object, `null` where there is none.
    pub fn get(self, key: &str) -> Raw<'a> {
        self.find(key).unwrap_or(Raw::NULL)
    }

    /// The keys and values of an object in the order of the text; none where this is not an object.
    pub fn entries(self) -> Vec<(Cow<'a, str>, Raw<'a>)> {
        let mut entries = Vec::new();
        Reader::new(self.0).fields(&mut |reader, key| {
            entries.push((key, reader.value()?));
            Some(())
        });
        entries
    }

    /// Calls `take` with each key and value of an object, without a list of them, until it returns false. Returns whether it
    /// never did.
    pub fn each_entry(self, take: &mut dyn FnMut(Cow<'a, str>, Raw<'a>) -> bool) -> bool {
        let mut all = true;
        Reader::new(self.0).fields(&mut |reader, key| {
            let value = reader.value()?;
            all = take(key, value);
            all.then_some(())
        });
        all
    }

    /// The elements of a list; none where this is not a list.
    pub fn items(self) -> Vec<Raw<'a>> {
        let mut items = Vec::new();
        Reader::new(self.0).array(&mut |reader| {
            items.push(reader.value()?);
            Some(())
        });
        items
    }

    /// The content of a string.
    pub fn string(self) -> Option<Cow<'a, str>> {
        if self.is_string() { Reader::new(self.0).string() } else { None }
    }

    /// The content of the string under a key; empty where there is none.
    pub fn string_at(self, key: &str) -> Cow<'a, str> {
        self.get(key).string().unwrap_or_default()
    }

    /// An id: the content of a string, or the digits of a whole number.
    pub fn id(self) -> Option<Cow<'a, str>> {
        Reader::new(self.0).text()?.is()
    }

    /// The value of a number.
    pub fn number(self) -> Option<f64> {
        self.is_number().then(|| to_f64(self.0))
    }

    /// Whether it is a number.
    pub fn is_number(self) -> bool {
        self.0.starts_with(|c: char| c.is_ascii_digit() || c == '-') && !self.is_null()
    }
}

impl<'a> Reader<'a> {
    /// Skips one value and returns it for lookups.
    pub fn value(&mut self) -> Option<Raw<'a>> {
        self.skip().map(Raw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_their_keys_and_places() {
        let text = r#" {"a": {"b": [1, "two\n", null]}, "n": -1.5, "x": 1, "x": 2} "#;
        let value = Raw::read(text).unwrap();
        let items = value.get("a").get("b").items();
        assert_eq!((items.len(), items[1].string().unwrap(), items[2].is_null()), (3, "two\n".into(), true));
        assert_eq!((value.get("n").number(), value.get("x").number()), (Some(-1.5), Some(2.0)));
        assert_eq!((value.find("y"), value.get("y"), value.text()), (None, Raw::NULL, text.trim()));
        assert_eq!(value.entries().len(), 4);
    }

    #[test]
    fn asking_for_what_it_is_not_gives_nothing() {
        let value = Raw::read(r#"["x", NaN]"#).unwrap();
        assert!(value.entries().is_empty() && value.find("x").is_none() && value.string().is_none());
        assert!(value.number().is_none() && value.id().is_none() && value.items()[1].is_null());
        assert!(value.items()[0].items().is_empty());
        assert_eq!(Raw::read("[1").unwrap_err().at, 2);
    }

    #[test]
    fn values_may_be_deep_where_nobody_looks() {
        let deep = format!(r#"{{"a": {}{}, "b": 1}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(Raw::read(&deep).unwrap().get("b").number(), Some(1.0));
    }
}
