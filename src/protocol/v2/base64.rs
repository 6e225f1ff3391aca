//! Base64, the encoding of previews in server-sent events.

/// Appends the decoded bytes; `None` where the text is not base64. Accepts both alphabets, line breaks, and missing padding.
pub fn decode(text: &str, bytes: &mut Vec<u8>) -> Option<()> {
    bytes.reserve(text.len() / 4 * 3);
    let (mut bits, mut count) = (0u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' | b'\r' | b'\n' => continue,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Option<Vec<u8>> {
        let mut bytes = vec![9];
        decode(text, &mut bytes).map(|()| bytes)
    }

    #[test]
    fn bytes_of_any_length_are_appended() {
        for (text, bytes) in [("", &[9][..]), ("/w==", &[9, 255]), ("/wA=", &[9, 255, 0]), ("/wAQ", &[9, 255, 0, 16])] {
            assert_eq!(decoded(text).as_deref(), Some(bytes), "{text}");
            assert_eq!(decoded(text.trim_end_matches('=')).as_deref(), Some(bytes), "{text} without padding");
        }
        assert_eq!(decoded("_-\n8=").as_deref(), Some(&[9, 255, 239][..]));
    }

    #[test]
    fn other_characters_are_refused() {
        assert_eq!(decoded("a b"), None);
        assert_eq!(decoded("ä"), None);
    }
}
