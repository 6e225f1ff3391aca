use crate::protocol::json::malformed::Malformed;
use crate::protocol::json::reader::{Reader, Text};
use std::borrow::Cow;

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
    assert_eq!(read(r#""\ud83d\ude00 a\udcff.png \ud800\ud83d\ude00 \\ud800""#), "😀 a\u{fffd}.png \u{fffd}😀 \\ud800");
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
