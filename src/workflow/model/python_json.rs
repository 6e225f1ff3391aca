//! JSON text as Python writes it, with `NaN`, infinities and halves of surrogate pairs.

use crate::workflow::model::reader::{self, Read};

/// Reads a text as it is and, only where `serde_json` refuses it, once more repaired; `keep` holds the repaired text.
pub(crate) fn read<'d, T: Read<'d> + Default>(
    text: &'d str,
    mut keep: impl FnMut(String) -> &'d str,
) -> serde_json::Result<T> {
    let mut value = T::default();
    read_into(text, &mut value, &mut keep).map(|()| value)
}

fn read_into<'d>(
    text: &'d str,
    value: &mut dyn Read<'d>,
    keep: &mut dyn FnMut(String) -> &'d str,
) -> serde_json::Result<()> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    reader::read(text, value.place()).or_else(|error| match repaired(text) {
        Some(repaired) => {
            reader::reset(value.place());
            reader::read(keep(repaired), value.place())
        }
        None => Err(error),
    })
}

/// What Python's `json.dumps` writes beyond JSON, made JSON: `NaN` and infinities become `null`, halves of surrogate
/// pairs the replacement character. `None` where there is none of it.
pub(crate) fn repaired(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut clean = String::new();
    let (mut copied, mut at, mut in_string) = (0, 0, false);
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at..];
        let (length, replacement) = match byte {
            b'"' => {
                in_string = !in_string;
                (1, None)
            }
            b'\\' if in_string => match (surrogate(rest), rest.get(6..).and_then(surrogate)) {
                (Some(0xd800..0xdc00), Some(0xdc00..0xe000)) => (12, None),
                (Some(_), _) => (6, Some("\\ufffd")),
                (None, _) => (2, None),
            },
            b'N' | b'I' | b'-' if !in_string => {
                let word = ["NaN", "Infinity", "-Infinity"].iter().find(|word| rest.starts_with(word.as_bytes()));
                word.map_or((1, None), |word| (word.len(), Some("null")))
            }
            _ => (1, None),
        };
        if let Some(replacement) = replacement {
            clean.push_str(text.get(copied..at)?);
            clean.push_str(replacement);
            copied = at + length;
        }
        at += length;
    }
    clean.push_str(text.get(copied..)?);
    (copied > 0).then_some(clean)
}

/// The surrogate that an escape at the beginning of these bytes stands for.
fn surrogate(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    let code = digits.iter().try_fold(0, |code, digit| Some(code << 4 | char::from(*digit).to_digit(16)?))?;
    (0xd800..0xe000).contains(&code).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_writes_beyond_json_is_repaired() {
        let text = r#"{"a": NaN, "b": [-Infinity, Infinity, -1], "c": "NaN \" Infinity"}"#;
        let clean = r#"{"a": null, "b": [null, null, -1], "c": "NaN \" Infinity"}"#;
        assert_eq!(repaired(text).as_deref(), Some(clean));
        let text = r#"["\ud83d\ude00 a\udcff.png \ud800\ud83d\ude00 \\ud800 \ud800", "\ud800"]"#;
        let clean = r#"["\ud83d\ude00 a\ufffd.png \ufffd\ud83d\ude00 \\ud800 \ufffd", "\ufffd"]"#;
        assert_eq!(repaired(text).as_deref(), Some(clean));
        assert_eq!(repaired(r#"{"Name": "é", "x": -1}"#), None);
    }
}
