//! FLAC, and the Vorbis comments that Ogg shares with it: `KEY=value` texts.

use super::error::Stop;
use super::found::{Found, decode};
use super::source::{Fields, Source};

const VORBIS_COMMENT: u8 = 4;

pub(super) fn read(source: &Source, found: &mut Found) -> Result<(), Stop> {
    blocks(source, 4, found)
}

/// Metadata blocks from a place on, behind `fLaC`.
pub(super) fn blocks(source: &Source, mut at: u64, found: &mut Found) -> Result<(), Stop> {
    loop {
        let mut block = source.fields(at, 4, "a metadata block")?;
        let (kind, length) = (block.u8()?, block.be(3)?);
        if kind & 0x7f == VORBIS_COMMENT {
            comments(source.fields(at + 4, length, "the comments")?, found)?;
        }
        if kind & 0x80 != 0 {
            return Ok(());
        }
        at += 4 + length;
    }
}

/// A Vorbis comment: who wrote it, then texts.
pub(super) fn comments(mut fields: Fields<'_>, found: &mut Found) -> Result<(), Stop> {
    let vendor = fields.le(4)?;
    fields.take(vendor as usize)?;
    let count = fields.le(4)?;
    for _ in 0..count {
        let length = fields.le(4)?;
        let comment = fields.take(length as usize)?;
        let equals = comment.iter().take(16).position(|byte| *byte == b'=');
        if let Some(equals) = equals {
            found.take(&decode(&comment[..equals]), &comment[equals + 1..]);
        }
    }
    Ok(())
}
