//! EXIF: TIFF directories with texts. ComfyUI's WebP savers write `prompt:{…}` and `workflow:{…}` into any free tags, so the
//! tag does not matter; other programs use `UserComment`.

use crate::metadata::collector::Collector;
use crate::metadata::source::{Cursor, Source};
use crate::metadata::text::{decode, decode_utf16};

const EXIF_DIRECTORY: u64 = 0x8769;
const USER_COMMENT: u64 = 0x9286;
/// Title, comment, author, keywords and subject in the properties of Windows Explorer: UTF-16.
const WINDOWS: std::ops::RangeInclusive<u64> = 0x9c9b..=0x9c9f;

/// The types whose values are bytes: BYTE, ASCII, SBYTE, UNDEFINED, UTF-8. Pillow writes a `UserComment` as BYTE.
const BYTES: [u64; 5] = [1, 2, 6, 7, 129];

/// Reads a TIFF block, with or without `Exif\0\0` before it.
pub(super) fn read(source: &Source, mut block: Cursor<'_>, collector: &mut Collector) -> Option<()> {
    let bytes = block.rest();
    let bytes = bytes.strip_prefix(b"Exif\0\0").unwrap_or(bytes);
    let little = match bytes.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return Some(()),
    };
    let start = block.position() - bytes.len() as u64;
    let tiff = Tiff { block: source.cursor_over(bytes, start, "an EXIF entry"), little };
    let first = tiff.number(&mut tiff.at(4)?, 4)?;
    if let Some(exif) = tiff.directory(first, collector)? {
        tiff.directory(exif, collector)?;
    }
    Some(())
}

struct Tiff<'a> {
    block: Cursor<'a>,
    little: bool,
}

impl<'a> Tiff<'a> {
    fn at(&self, offset: u64) -> Option<Cursor<'a>> {
        let mut cursor = self.block.clone();
        cursor.take(offset)?;
        Some(cursor)
    }

    fn number(&self, cursor: &mut Cursor<'_>, size: usize) -> Option<u64> {
        if self.little { cursor.le(size) } else { cursor.be(size) }
    }

    /// Reads the texts of a directory and returns the offset of the EXIF directory, where it has one.
    fn directory(&self, offset: u64, collector: &mut Collector) -> Option<Option<u64>> {
        let mut entries = self.at(offset)?;
        let mut exif = None;
        for _ in 0..self.number(&mut entries, 2)? {
            let tag = self.number(&mut entries, 2)?;
            let kind = self.number(&mut entries, 2)?;
            let length = self.number(&mut entries, 4)?;
            let value = self.number(&mut entries, 4)?;
            if tag == EXIF_DIRECTORY {
                exif = Some(value);
            } else if BYTES.contains(&kind) && length > 4 {
                // Values of up to four bytes are in the entry itself. They are too short for a workflow.
                let text = self.at(value)?.take(length)?;
                if collector.count() {
                    self.text(tag, text, collector);
                }
            }
        }
        Some(exif)
    }

    fn text(&self, tag: u64, text: &[u8], collector: &mut Collector) {
        // `UserComment` begins with its character set.
        match text.split_at_checked(8) {
            Some((b"UNICODE\0", text)) => collector.take_keyed(&decode_utf16(text, is_big_endian(text))),
            Some((b"ASCII\0\0\0" | b"\0\0\0\0\0\0\0\0", text)) if tag == USER_COMMENT => {
                collector.take_keyed(&decode(text));
            }
            _ if WINDOWS.contains(&tag) => collector.take_keyed(&decode_utf16(text, false)),
            _ => collector.take_keyed(&decode(text)),
        }
    }
}

/// The byte order of a UTF-16 text without a mark. That of the TIFF block is often wrong, so it is guessed: the text begins
/// with an ASCII character.
fn is_big_endian(text: &[u8]) -> bool {
    text.first() == Some(&0)
}
