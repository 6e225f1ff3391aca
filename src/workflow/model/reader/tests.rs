use super::*;
use crate::workflow::model::lenient::{self, List, Raw, Text, fields};

fields! {
    /// A place of each kind.
    Example {
        "text" => text: Text<'a>,
        "json" => json: Json<'a>,
        "raw" => raw: Raw<'a>,
        "row" => row: Row<'a>,
        "inner" => inner: Inner<'a>,
        "list" => list: List<Inner<'a>>,
        "values" => values: List<Json<'a>>,
        "entries" => entries: lenient::Entries<'a, Json<'a>>,
        "tree" => tree: Tree<'a>,
    }
}

fields! {
    Row list { "a" => a: Text<'a>, "b" => b: Json<'a>, }
}

fields! {
    Inner { "a" => a: Text<'a>, "b" => b: Json<'a>, "list" => list: List<Text<'a>>, }
}

fields! {
    Tree { "name" => _name: Text<'a>, "trees" => trees: List<Tree<'a>>, }
}

fn try_read<'d, T: Read<'d> + Default>(text: &'d str) -> serde_json::Result<T> {
    let mut value = T::default();
    read(text, value.place()).map(|()| value)
}

fn example(text: &str) -> Example<'_> {
    try_read(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// A value as text again.
fn text(value: &Json) -> String {
    let mut text = String::new();
    value.write(&mut text);
    text
}

/// Which places of an example are not as they are by default.
fn filled(example: &Example) -> Vec<&'static str> {
    let inner = |inner: &Inner| inner.a.0.is_some() || !inner.b.is_null() || inner.list.0.is_some();
    let filled = [
        ("text", example.text.0.is_some()),
        ("json", !example.json.is_null()),
        ("raw", example.raw.0.is_some()),
        ("row", example.row.a.0.is_some() || !example.row.b.is_null()),
        ("inner", inner(&example.inner)),
        ("list", example.list.0.is_some()),
        ("values", example.values.0.is_some()),
        ("entries", example.entries.0.is_some()),
        ("tree", example.tree.trees.0.is_some()),
    ];
    filled.into_iter().filter(|(_, is_filled)| *is_filled).map(|(name, _)| name).collect()
}

const KEYS: [&str; 9] = ["text", "json", "raw", "row", "inner", "list", "values", "entries", "tree"];

/// Values of every form, and the places besides `json` and `raw` that they fill.
const FORMS: [(&str, &[&str]); 14] = [
    ("null", &[]),
    ("true", &[]),
    ("false", &[]),
    ("0", &[]),
    ("-1.5e-7", &[]),
    ("1e999", &[]),
    ("18446744073709551616", &[]),
    (r#""a""#, &["text"]),
    (r#""\u0061\"\\""#, &["text"]),
    ("[]", &["list", "values"]),
    (r#"["1", 2, [3, "]", "\"", {"}": 4}], {"a": 5}]"#, &["row", "list", "values"]),
    ("{}", &["entries"]),
    (r#"{"x": [{}, "}"], "a": "1", "trees": [], "b": {"c": [2]}}"#, &["row", "inner", "entries", "tree"]),
    (r#"{"\u0061": "1", "t\u0072ees": [[], {}, 3]}"#, &["row", "inner", "entries", "tree"]),
];

#[test]
fn a_value_of_another_form_counts_as_missing_and_what_follows_is_read() {
    for key in KEYS {
        for (form, fills) in FORMS {
            let text = format!("{{ \"{key}\"\n:\t{form} , \"after\": {{}}, \"json\" :-12.50 }}");
            let example = example(&text);
            assert_eq!(example.json, Json::Number("-12.50"), "{text}");
            let is_filled = filled(&example).contains(&key);
            assert_eq!(is_filled, matches!(key, "json" | "raw") || fills.contains(&key), "{text}");
            if key == "raw" {
                assert_eq!(example.raw.0, Some(form));
            }
        }
    }
}

#[test]
fn of_a_repeated_key_only_the_last_value_counts() {
    for key in KEYS {
        for (first, _) in FORMS {
            for (last, _) in FORMS {
                let repeated = format!("{{\"{key}\": {first}, \"{key}\": {last}}}");
                let alone = format!("{{\"{key}\": {last}}}");
                assert_eq!(format!("{:?}", example(&repeated)), format!("{:?}", example(&alone)), "{repeated}");
            }
        }
    }
    let nested = example(r#"{"inner": {"a": "1", "b": 2, "list": ["3"]}, "x": 4, "inner": {"b": 5, "b": null}}"#);
    assert!(filled(&nested).is_empty(), "{nested:?}");
}

#[test]
fn digits_stay_as_they_are_written_in_every_place() {
    let digits = ["0", "-0", "5.0", "1e999", "-1E+21", "18446744073709551615", "0.30000000000000004", "9e-1"];
    let [a, b, c, d, e, f, g, h] = digits;
    let text_of = format!(
        r#"{{"x": {a}, "values": [ {a},{b} , {c}
        ], "row": [{{"x": {b}}}, {d}], "text": {a}, "\u0065ntries": {{"\"": {e}, "k": [[{f}]]}}, "json": {{"a":{g}}},
        "list": [{{"a": {a}, "b": {h}}}]}}"#
    );
    let example = example(&text_of);
    assert_eq!(example.values[..], [a, b, c].map(Json::Number));
    assert_eq!((&example.row.b, &example.list[0].b), (&Json::Number(d), &Json::Number(h)));
    let entries = &example.entries;
    assert_eq!((text(&entries[0].1), text(&entries[1].1)), (e.to_owned(), format!("[[{f}]]")));
    assert_eq!(text(&example.json), format!("{{\"a\":{g}}}"));
    for digits in digits {
        assert_eq!(try_read::<Json>(digits).unwrap(), Json::Number(digits));
    }
}

#[test]
fn strings_and_keys_without_escapes_are_borrowed() {
    let example = example(r#"{"text": "é", "json": {"ü": ["a", "\n"]}, "entries": {"k": "v", "\u006b": 1}}"#);
    let is_borrowed = |text: &Cow<str>| matches!(text, Cow::Borrowed(_));
    assert!(example.text.0.as_ref().is_some_and(is_borrowed));
    let (key, value) = &example.json.pairs()[0];
    let [Json::String(plain), Json::String(escaped)] = value.items() else { panic!("{value:?}") };
    assert!(is_borrowed(key) && is_borrowed(plain) && !is_borrowed(escaped));
    assert_eq!(example.entries.iter().map(|(key, _)| is_borrowed(key)).collect::<Vec<_>>(), [true, false]);
    assert_eq!(example.entries.get("k"), Some(&Json::Number("1")));
}

#[test]
fn nesting_is_limited_in_every_place_that_follows_it() {
    let nested = |levels: usize| [&"[".repeat(levels), &*"]".repeat(levels)].concat();
    let objects = |levels: usize| [&r#"{"a":"#.repeat(levels), "1", &*"}".repeat(levels)].concat();
    let is_nested_too_deeply = |text: &str| match try_read::<Example>(text) {
        Ok(_) => false,
        Err(error) if error.to_string().starts_with("it is nested too deeply at line 1 column ") => true,
        Err(error) => panic!("{error}"),
    };
    for (before, after) in [
        (r#"{"json":"#, "}"),
        (r#"{"values":[[],"#, "]}"),
        (r#"{"entries":{"a":{},"a":"#, "}}"),
        (r#"{"row":["","#, "]}"),
        (r#"{"list":[{"b":[]},{"b":"#, "}]}"),
    ] {
        for nested in [nested, objects] {
            assert!(!is_nested_too_deeply(&[before, &nested(128), after].concat()), "{before}");
            assert!(is_nested_too_deeply(&[before, &nested(129), after].concat()), "{before}");
            assert!(is_nested_too_deeply(&[before, &nested(100_000), after].concat()), "{before}");
        }
    }
    for key in ["text", "raw", "inner", "unknown"] {
        assert!(!is_nested_too_deeply(&format!("{{\"{key}\":{}}}", nested(100_000))), "{key}");
    }
    // The example itself and its tree are two levels, each further tree two more.
    let trees = |count: usize| {
        let (open, close) = (r#"{"trees":["#.repeat(count), "]}".repeat(count));
        ["{\"tree\":{\"trees\":[", &open, &close, "]}}"].concat()
    };
    assert!(!is_nested_too_deeply(&trees(62)));
    assert!(is_nested_too_deeply(&trees(63)));
    assert!(is_nested_too_deeply(&trees(50_000)));
}

#[test]
fn what_serde_json_refuses_is_refused_with_its_position() {
    let error = try_read::<Example>("{\"text\": \"a\",\n \"json\": [1, {\"b\": tru}]}").unwrap_err();
    assert_eq!(error.to_string(), "expected ident at line 2 column 23");
    for value in [
        "",
        "-",
        "01",
        "1.",
        "1-2",
        "1e",
        "+1",
        "nul",
        "truex",
        "\"",
        "\"\\x\"",
        "\"\n\"",
        "[1 2]",
        "[1,]",
        "[,1]",
        "[1",
        "[1}",
        "{\"a\" 1}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{1: 2}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":1]",
        "[] []",
        ":1",
        "]",
        "}",
        "\u{a0}1",
        "[\u{feff}]",
    ] {
        for before in ["", "\"json\": 1, ", "\"unknown\": {\"a\": [\"\\n\"]}, "] {
            for key in KEYS.into_iter().chain(["unknown"]) {
                let text = format!("{{{before}\"{key}\": {value}}}");
                assert!(try_read::<Example>(&text).is_err(), "{text}");
            }
        }
        assert!(try_read::<Json>(value).is_err(), "{value}");
        assert!(try_read::<Raw>(value).is_err(), "{value}");
    }
    let text = r#"{"values": [1, "é\u00e9", {"a": [null, true, false]}], "row": ["a", -2.5], "unknown": {"b": []}}"#;
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        assert!(try_read::<Example>(&text[..end]).is_err(), "{}", &text[..end]);
    }
    assert!(try_read::<Example>(text).is_ok());
}

/// Numbers from 0 below a limit that look random.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn space(&mut self, out: &mut String) {
        for _ in 0..self.below(12).saturating_sub(8) {
            out.push([' ', '\n', '\t', '\r'][self.below(4) as usize]);
        }
    }

    /// Writes a string, some of it escaped, and gives what it says.
    fn string(&mut self, out: &mut String) -> String {
        let parts =
            [("a", "a"), ("é", "é"), ("]}", "]}"), (",:", ",:"), (r#"\""#, "\""), (r"\\", "\\"), (r"\u0041", "A")];
        let mut text = String::new();
        out.push('"');
        for _ in 0..self.below(4) {
            let (written, meant) = parts[self.below(7) as usize];
            out.push_str(written);
            text.push_str(meant);
        }
        out.push('"');
        text
    }

    /// Writes a value and gives it.
    fn value(&mut self, depth: u32, out: &mut String) -> Json<'static> {
        self.space(out);
        let value = match self.below(if depth > 4 { 5 } else { 7 }) {
            0 => Json::Null,
            1 => Json::Bool(self.below(2) == 0),
            2 | 3 => {
                Json::Number(["0", "-12", "5.0", "1e999", "18446744073709551615", "-1.5E-3"][self.below(6) as usize])
            }
            4 => Json::String(self.string(out).into()),
            5 => {
                out.push('[');
                let mut items = Vec::new();
                for at in 0..self.below(5) {
                    out.push_str(if at > 0 { "," } else { "" });
                    items.push(self.value(depth + 1, out));
                }
                out.push(']');
                Json::Array(items)
            }
            _ => {
                out.push('{');
                let mut pairs = Vec::new();
                for at in 0..self.below(5) {
                    out.push_str(if at > 0 { "," } else { "" });
                    self.space(out);
                    let key = self.string(out);
                    self.space(out);
                    out.push(':');
                    pairs.push((key.into(), self.value(depth + 1, out)));
                }
                out.push('}');
                Json::Object(pairs)
            }
        };
        if !matches!(value, Json::String(_) | Json::Array(_) | Json::Object(_)) {
            value.write(out);
        }
        self.space(out);
        value
    }
}

#[test]
fn open_ended_values_are_read_as_they_are_written_whatever_stands_before_them() {
    for seed in 0..3000 {
        let mut random = Random(seed);
        let mut written = String::from("{");
        for key in KEYS.into_iter().chain(["unknown"]) {
            written.push_str(&format!("\"{key}\":"));
            random.value(0, &mut written);
            written.push(',');
        }
        written.push_str("\"json\":");
        let expected = random.value(0, &mut written);
        written.push('}');
        assert_eq!(example(&written).json, expected, "seed {seed}: {written}");
        let mut alone = String::new();
        let expected = random.value(0, &mut alone);
        assert_eq!(try_read::<Json>(&alone).unwrap(), expected, "seed {seed}: {alone}");
    }
}
