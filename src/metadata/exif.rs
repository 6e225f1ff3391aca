//! EXIF: a TIFF directory of texts. ComfyUI's WebP savers put `prompt:{…}` and `workflow:{…}` into whichever tags are
//! free, so the tag does not matter; others use `UserComment`.

use crate::metadata::found::{Found, decode_utf16};
use crate::metadata::source::{Fields, Source};

const EXIF_DIRECTORY: u64 = 0x8769;
const USER_COMMENT: u64 = 0x9286;

/// Reads a TIFF block, with or without the `Exif\0\0` before it.
pub(super) fn read(source: &Source, mut block: Fields<'_>, found: &mut Found) -> Option<()> {
    let bytes = block.rest();
    let bytes = bytes.strip_prefix(b"Exif\0\0").unwrap_or(bytes);
    let little = match bytes.get(..4)? {
        b"II*\0" => true,
        b"MM\0*" => false,
        _ => return Some(()),
    };
    let start = block.position() - bytes.len() as u64;
    let tiff = Tiff { fields: source.fields_of(bytes, start, "an EXIF entry"), little };
    let first = tiff.number(&mut tiff.at(4)?, 4)?;
    if let Some(exif) = tiff.directory(first, found)? {
        tiff.directory(exif, found)?;
    }
    Some(())
}

struct Tiff<'a> {
    fields: Fields<'a>,
    little: bool,
}

impl<'a> Tiff<'a> {
    fn at(&self, offset: u64) -> Option<Fields<'a>> {
        let mut fields = self.fields.clone();
        fields.take(offset)?;
        Some(fields)
    }

    fn number(&self, fields: &mut Fields<'_>, size: usize) -> Option<u64> {
        if self.little { fields.le(size) } else { fields.be(size) }
    }

    /// Takes the texts of a directory and returns where the one of EXIF's own tags is.
    fn directory(&self, offset: u64, found: &mut Found) -> Option<Option<u64>> {
        let mut entries = self.at(offset)?;
        let mut exif = None;
        for _ in 0..self.number(&mut entries, 2)? {
            let tag = self.number(&mut entries, 2)?;
            let kind = self.number(&mut entries, 2)?;
            let length = self.number(&mut entries, 4)?;
            let value = self.number(&mut entries, 4)?;
            match (tag, kind) {
                (EXIF_DIRECTORY, _) => exif = Some(value),
                // Texts of up to four bytes stand in the entry itself, and are too short for us.
                (_, 2 | 7 | 129) if length > 4 => {
                    let text = self.at(value)?.take(length)?;
                    if tag == USER_COMMENT { user_comment(text, found) } else { found.take_keyed(text) }
                }
                _ => {}
            }
        }
        Some(exif)
    }
}

/// `UserComment` names its character set in eight bytes.
fn user_comment(text: &[u8], found: &mut Found) {
    match text.split_at_checked(8) {
        // The byte order that is declared is often not the one that is used; a brace or a letter tells.
        Some((b"UNICODE\0", text)) => found.take_keyed(decode_utf16(text, text.first() == Some(&0)).as_bytes()),
        Some((b"ASCII\0\0\0" | b"\0\0\0\0\0\0\0\0", text)) => found.take_keyed(text),
        _ => found.take_keyed(text),
    }
}
