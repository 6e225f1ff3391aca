//! MP3: ID3v2 texts that the user named, `TXXX`, and comments. FFmpeg writes ID3v2.4 for ComfyUI; others write 2.3,
//! often in UTF-16.

use crate::metadata::flac;
use crate::metadata::found::{Found, decode, decode_utf16};
use crate::metadata::source::{Fields, Source};
use std::borrow::Cow;

const HEADER: u64 = 10;

pub(super) fn read(source: &Source, found: &mut Found) -> Option<()> {
    let mut header = source.fields(3, HEADER - 3, "the ID3 header")?;
    let version = header.be(2)? >> 8;
    let flags = header.u8()?;
    let length = syncsafe(header.be(4)?);
    let mut body = Cow::Borrowed(source.get(HEADER, length, "the ID3 tag")?);
    if flags & 0x80 != 0 && version < 4 {
        body = Cow::Owned(resynchronise(&body));
    }
    let mut tag = source.fields_of(&body, HEADER, "an ID3 frame");
    if flags & 0x40 != 0 && version > 2 {
        let size = tag.be(4)?;
        // 2.4 counts the four bytes of the size, 2.3 does not.
        tag.take(if version > 3 { syncsafe(size).saturating_sub(4) } else { size })?;
    }
    frames(tag, version, found)?;
    // FLAC that somebody put such a tag in front of.
    let behind = HEADER + length;
    if behind + 4 <= source.length() && source.get(behind, 4, "the sound")? == b"fLaC" {
        return flac::blocks(source, behind + 4, found);
    }
    Some(())
}

fn frames(mut tag: Fields<'_>, version: u64, found: &mut Found) -> Option<()> {
    let size = if version < 3 { 3 } else { 4 };
    while tag.left() > 10 {
        let name = tag.take(size)?;
        if name[0] == 0 {
            // Padding.
            return Some(());
        }
        let length = tag.be(size as usize)?;
        let flags = if version > 2 { tag.be(2)? } else { 0 };
        let frame = tag.inner(if version > 3 { syncsafe(length) } else { length })?;
        // `COMM` has a language before the description.
        let is_comment = name.starts_with(b"COM");
        let compressed_or_encrypted = if version > 3 { flags & 0x0c } else { flags & 0xc0 };
        if compressed_or_encrypted == 0 && (is_comment || name.starts_with(b"TXX")) {
            text_frame(frame, if version > 3 { flags } else { 0 }, is_comment, found)?;
        }
    }
    Some(())
}

/// Encoding, in a comment its language, a description that ends in zero, a text.
fn text_frame(mut frame: Fields<'_>, flags: u64, is_comment: bool, found: &mut Found) -> Option<()> {
    if flags & 1 != 0 {
        // The length that the text had before it was changed for the frame.
        frame.be(4)?;
    }
    let mut bytes = Cow::Borrowed(frame.rest());
    if flags & 2 != 0 {
        bytes = Cow::Owned(resynchronise(&bytes));
    }
    let (encoding, text) = bytes.split_first()?;
    let text = text.get(if is_comment { 3 } else { 0 }..)?;
    let both = match encoding {
        1 | 2 => utf16(text, *encoding == 2),
        _ => decode(text).into_owned(),
    };
    let (description, text) = both.split_once('\0')?;
    // A mark stands before the text too.
    let text = text.trim_start_matches('\u{feff}');
    found.take(if is_comment { b"comment" } else { description.as_bytes() }, text);
    Some(())
}

/// Encoding 1 begins with a byte order mark, encoding 2 is big-endian.
fn utf16(bytes: &[u8], big_endian: bool) -> String {
    match bytes.split_at_checked(2) {
        Some((b"\xff\xfe", rest)) => decode_utf16(rest, false),
        Some((b"\xfe\xff", rest)) => decode_utf16(rest, true),
        _ => decode_utf16(bytes, big_endian),
    }
}

/// Four bytes of seven bits each.
fn syncsafe(number: u64) -> u64 {
    number & 0x7f | (number & 0x7f00) >> 1 | (number & 0x7f_0000) >> 2 | (number & 0x7f00_0000) >> 3
}

/// Takes out the zero that was put behind each 0xff, so that no sound seemed to begin.
fn resynchronise(bytes: &[u8]) -> Vec<u8> {
    let mut before = 0;
    let mut kept = bytes.to_vec();
    kept.retain(|byte| {
        let inserted = *byte == 0 && before == 0xff;
        before = *byte;
        !inserted
    });
    kept
}
