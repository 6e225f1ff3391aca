//! EXIF: a TIFF directory of texts. ComfyUI's WebP savers put `prompt:{…}` and `workflow:{…}` into whichever tags are
//! free, so the tag does not matter; others use `UserComment`.

use super::error::Stop;
use super::found::{Found, decode_utf16};
use super::source::Fields;

const EXIF_DIRECTORY: u64 = 0x8769;
const USER_COMMENT: u64 = 0x9286;
const ENTRY: usize = 12;

/// Reads a TIFF block, with or without the `Exif\0\0` before it.
pub(super) fn read(mut block: Fields<'_>, found: &mut Found) -> Result<(), Stop> {
    let start = block.position();
    let bytes = block.rest();
    let tiff = bytes.strip_prefix(b"Exif\0\0").unwrap_or(bytes);
    let start = start + (bytes.len() - tiff.len()) as u64;
    let little = match tiff.get(..4) {
        Some(b"II*\0") => true,
        Some(b"MM\0*") => false,
        _ => return Ok(()),
    };
    let tiff = Tiff { bytes: tiff, start, little };
    let first = tiff.number(tiff.at(4)?, 4)?;
    if let Some(exif) = tiff.directory(first, found)? {
        tiff.directory(exif, found)?;
    }
    Ok(())
}

struct Tiff<'a> {
    bytes: &'a [u8],
    start: u64,
    little: bool,
}

impl<'a> Tiff<'a> {
    fn at(&self, offset: u64) -> Result<Fields<'a>, Stop> {
        let mut fields = Fields::of(self.bytes, self.start, "an EXIF block");
        fields.take(usize::try_from(offset).unwrap_or(usize::MAX))?;
        Ok(fields)
    }

    fn number(&self, mut fields: Fields<'_>, size: usize) -> Result<u64, Stop> {
        if self.little { fields.le(size) } else { fields.be(size) }
    }

    /// Takes the texts of a directory and returns where the one of EXIF's own tags is.
    fn directory(&self, offset: u64, found: &mut Found) -> Result<Option<u64>, Stop> {
        let mut entries = self.at(offset)?;
        let count = self.number(entries.inner(2, "an EXIF directory")?, 2)?;
        let mut exif = None;
        for _ in 0..count {
            let mut entry = entries.inner(ENTRY, "an EXIF entry")?;
            let mut number = |size| self.number(entry.inner(size, "an EXIF entry")?, size);
            let (tag, kind, length, value) = (number(2)?, number(2)?, number(4)?, number(4)?);
            match (tag, kind) {
                (EXIF_DIRECTORY, _) => exif = Some(value),
                // Texts of up to four bytes stand in the entry itself, and are too short for us.
                (_, 2 | 7 | 129) if length > 4 => {
                    let length = usize::try_from(length).unwrap_or(usize::MAX);
                    let text = self.at(value)?.take(length)?;
                    if tag == USER_COMMENT { user_comment(text, found) } else { found.take_keyed(text) }
                }
                _ => {}
            }
        }
        Ok(exif)
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
