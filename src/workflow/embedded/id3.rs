//! MP3: ID3v2 texts that the user named, `TXXX`, and comments. FFmpeg writes ID3v2.4 for ComfyUI; others write 2.3,
//! often in UTF-16.

use super::error::Stop;
use super::flac;
use super::found::{Found, decode, decode_utf16};
use super::source::{Fields, Source};
use std::borrow::Cow;

const HEADER: u64 = 10;

pub(super) fn read(source: &Source, found: &mut Found) -> Result<(), Stop> {
    let mut header = source.fields(0, HEADER, "the ID3 header")?;
    header.take(3)?;
    let (version, _, flags) = (header.u8()?, header.u8()?, header.u8()?);
    let length = syncsafe(header.be(4)?);
    let body = source.get(HEADER, length, "the ID3 tag")?;
    let unsynchronised = flags & 0x80 != 0;
    let body = if unsynchronised && version < 4 { Cow::Owned(resynchronise(body)) } else { Cow::Borrowed(body) };
    let mut tag = Fields::of(&body, HEADER, "the ID3 tag");
    if flags & 0x40 != 0 && version > 2 {
        let size = tag.be(4)?;
        // 2.4 counts the four bytes of the size, 2.3 does not.
        let rest = if version > 3 { syncsafe(size).saturating_sub(4) } else { size };
        tag.take(rest as usize)?;
    }
    frames(tag, version, found)?;
    // FLAC that somebody put such a tag in front of.
    let behind = HEADER + length;
    if behind + 4 <= source.length() && source.get(behind, 4, "the sound")? == b"fLaC" {
        return flac::blocks(source, behind + 4, found);
    }
    Ok(())
}

fn frames(mut tag: Fields<'_>, version: u8, found: &mut Found) -> Result<(), Stop> {
    let (name_size, size_size) = if version < 3 { (3, 3) } else { (4, 4) };
    while tag.left() > name_size + size_size {
        let name = tag.take(name_size)?;
        if name[0] == 0 {
            // Padding.
            return Ok(());
        }
        let size = tag.be(size_size)?;
        let size = if version > 3 { syncsafe(size) } else { size };
        let flags = if version > 2 { tag.be(2)? } else { 0 };
        let mut frame = tag.inner(size as usize, "a frame")?;
        let (compressed_or_encrypted, data_length, unsynchronised) = match version {
            0..=3 => (flags & 0xc0 != 0, false, false),
            _ => (flags & 0x0c != 0, flags & 1 != 0, flags & 2 != 0),
        };
        if compressed_or_encrypted || !matches!(name, b"TXXX" | b"TXX" | b"COMM" | b"COM") {
            continue;
        }
        if data_length {
            frame.take(4)?;
        }
        let bytes = frame.rest();
        let bytes = if unsynchronised { Cow::Owned(resynchronise(bytes)) } else { Cow::Borrowed(bytes) };
        text_frame(&bytes, name.starts_with(b"COM"), found);
    }
    Ok(())
}

/// Encoding, in a comment its language, a description that ends in zero, a text.
fn text_frame(frame: &[u8], is_comment: bool, found: &mut Found) {
    let Some((encoding, mut rest)) = frame.split_first() else { return };
    if is_comment {
        rest = rest.get(3..).unwrap_or_default();
    }
    let (description, text) = match encoding {
        1 | 2 => {
            let end = rest.chunks_exact(2).position(|pair| pair == [0, 0]).map_or(rest.len(), |end| end * 2);
            let text = rest.get(end + 2..).unwrap_or_default();
            (Cow::Owned(utf16(&rest[..end], *encoding)), Cow::Owned(utf16(text, *encoding)))
        }
        _ => {
            let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
            (decode(&rest[..end]), decode(rest.get(end + 1..).unwrap_or_default()))
        }
    };
    let key = if is_comment { "comment" } else { description.as_ref() };
    found.take(key, text.as_bytes());
}

/// Encoding 1 begins with a byte order mark, encoding 2 is big-endian.
fn utf16(bytes: &[u8], encoding: u8) -> String {
    match bytes.split_at_checked(2) {
        Some((b"\xff\xfe", rest)) => decode_utf16(rest, false),
        Some((b"\xfe\xff", rest)) => decode_utf16(rest, true),
        _ => decode_utf16(bytes, encoding == 2),
    }
}

/// Four bytes of seven bits each.
fn syncsafe(number: u64) -> u64 {
    (0..4).fold(0, |value, place| value | (number >> (8 * place) & 0x7f) << (7 * place))
}

/// Takes out the zero that was put behind each 0xff, so that no sound seemed to begin.
fn resynchronise(bytes: &[u8]) -> Vec<u8> {
    let kept = |(index, byte): &(usize, &u8)| **byte != 0 || *index == 0 || bytes[index - 1] != 0xff;
    bytes.iter().enumerate().filter(kept).map(|(_, byte)| *byte).collect()
}
