//! Writing JSON strings.

use crate::protocol::json::scan::next_special;

/// Appends a text as a JSON string, with quotes and escapes.
pub fn write_string(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    let mut start = 0;
    out.push('"');
    loop {
        let at = next_special(bytes, start);
        out.push_str(text.get(start..at).unwrap_or_default());
        let Some(byte) = bytes.get(at) else { break };
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

/// A text as a JSON string.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_string(text, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_text_reads_back() {
        for text in ["", "é \u{1}\u{1f}\"\\/\n\r\t", "\u{7f}😀"] {
            assert_eq!(serde_json::from_str::<String>(&quoted(text)).unwrap(), text);
        }
    }
}
