//! FLAC, and the Vorbis comments that Ogg shares with it: `KEY=value` texts.

use crate::metadata::found::{Found, decode};
use crate::metadata::source::{Fields, Source};

const VORBIS_COMMENT: u8 = 4;

pub(super) fn read(source: &Source, found: &mut Found) -> Option<()> {
    blocks(source, 4, found)
}

/// Metadata blocks from a place on, behind `fLaC`.
pub(super) fn blocks(source: &Source, mut at: u64, found: &mut Found) -> Option<()> {
    loop {
        let mut block = source.fields(at, 4, "a metadata block")?;
        let kind = block.u8()?;
        let length = block.be(3)?;
        if kind & 0x7f == VORBIS_COMMENT {
            comments(source.fields(at + 4, length, "a comment")?, found)?;
        }
        if kind & 0x80 != 0 {
            return Some(());
        }
        at += 4 + length;
    }
}

/// A Vorbis comment: who wrote it, then texts.
pub(super) fn comments(mut fields: Fields<'_>, found: &mut Found) -> Option<()> {
    let vendor = fields.le(4)?;
    fields.take(vendor)?;
    for _ in 0..fields.le(4)? {
        let length = fields.le(4)?;
        let comment = fields.take(length)?;
        if let Some(equals) = comment.iter().take(16).position(|byte| *byte == b'=') {
            found.take(&comment[..equals], &decode(&comment[equals + 1..]));
        }
    }
    Some(())
}
