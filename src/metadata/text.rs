//! Text encodings.

use std::borrow::Cow;

use crate::text::work;

/// UTF-8, or Latin-1 where the bytes are not UTF-8: the encoding of PNG's `tEXt`.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    work::count(bytes.len());
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| *byte as char).collect()),
    }
}

/// UTF-16 in the byte order of its mark, else in the given one. Lone surrogates become U+FFFD.
pub(super) fn decode_utf16(bytes: &[u8], big_endian: bool) -> String {
    work::count(bytes.len());
    let (bytes, big_endian) = match bytes.split_at_checked(2) {
        Some((b"\xff\xfe", rest)) => (rest, false),
        Some((b"\xfe\xff", rest)) => (rest, true),
        _ => (bytes, big_endian),
    };
    let unit = |pair: &[u8]| match big_endian {
        true => u16::from_be_bytes([pair[0], pair[1]]),
        false => u16::from_le_bytes([pair[0], pair[1]]),
    };
    char::decode_utf16(bytes.chunks_exact(2).map(unit)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
