//! MP3: user-defined texts (`TXXX`) and comments (`COMM`) of ID3v2. FFmpeg writes ID3v2.4 for ComfyUI; other programs
//! write 2.3, often in UTF-16.

use crate::metadata::collector::Collector;
use crate::metadata::flac;
use crate::metadata::source::{Cursor, Source};
use crate::metadata::text::{decode, decode_utf16};
use std::borrow::Cow;

const HEADER: u64 = 10;

pub(super) fn read(source: &Source, collector: &mut Collector) -> Option<()> {
    let mut header = source.cursor(3, HEADER - 3, "the ID3 header")?;
    let version = header.be(2)? >> 8;
    let flags = header.u8()?;
    let length = syncsafe(header.be(4)?);
    let mut body = Cow::Borrowed(source.get(HEADER, length, "the ID3 tag")?);
    if flags & 0x80 != 0 && version < 4 {
        body = Cow::Owned(resynchronise(&body));
    }
    let mut tag = source.cursor_over(&body, HEADER, "an ID3 frame");
    if flags & 0x40 != 0 && version > 2 {
        let size = tag.be(4)?;
        // The size includes its own four bytes in 2.4, but not in 2.3.
        tag.take(if version > 3 { syncsafe(size).saturating_sub(4) } else { size })?;
    }
    frames(tag, version, collector)?;
    // A FLAC file with an ID3 tag before it.
    let after = HEADER + length;
    if after + 4 <= source.length() && source.get(after, 4, "the audio")? == b"fLaC" {
        return flac::blocks(source, after + 4, collector);
    }
    Some(())
}

fn frames(mut tag: Cursor<'_>, version: u64, collector: &mut Collector) -> Option<()> {
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
            text_frame(frame, if version > 3 { flags } else { 0 }, is_comment, collector)?;
        }
    }
    Some(())
}

/// Reads a text frame: encoding, language (of comments only), description, zero, text.
fn text_frame(mut frame: Cursor<'_>, flags: u64, is_comment: bool, collector: &mut Collector) -> Option<()> {
    if flags & 1 != 0 {
        // The length before unsynchronisation.
        frame.be(4)?;
    }
    let mut bytes = Cow::Borrowed(frame.rest());
    if flags & 2 != 0 {
        bytes = Cow::Owned(resynchronise(&bytes));
    }
    let (encoding, text) = bytes.split_first()?;
    let text = text.get(if is_comment { 3 } else { 0 }..)?;
    let both = match encoding {
        // 1 begins with a byte order mark, 2 is big-endian.
        1 | 2 => decode_utf16(text, *encoding == 2),
        _ => decode(text).into_owned(),
    };
    let (description, text) = both.split_once('\0')?;
    collector.take(if is_comment { b"comment" } else { description.as_bytes() }, text);
    Some(())
}

/// Decodes a size of four bytes with seven bits each.
fn syncsafe(number: u64) -> u64 {
    number & 0x7f | (number & 0x7f00) >> 1 | (number & 0x7f_0000) >> 2 | (number & 0x7f00_0000) >> 3
}

/// Reverts unsynchronisation: removes the zero after each 0xff, which keeps decoders from seeing audio in the tag.
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
