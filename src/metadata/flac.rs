//! FLAC, and Vorbis comments (`KEY=value`), which Ogg has too.

use crate::metadata::collector::Collector;
use crate::metadata::source::{Cursor, Source};
use crate::metadata::text::decode;

const VORBIS_COMMENT: u8 = 4;

pub(super) fn read(source: &Source, collector: &mut Collector) -> Option<()> {
    blocks(source, 4, collector)
}

/// Reads the metadata blocks from an offset on, behind `fLaC`.
pub(super) fn blocks(source: &Source, mut at: u64, collector: &mut Collector) -> Option<()> {
    loop {
        let mut block = source.cursor(at, 4, "a metadata block")?;
        let kind = block.u8()?;
        let length = block.be(3)?;
        if kind & 0x7f == VORBIS_COMMENT {
            comments(source.cursor(at + 4, length, "a comment")?, collector)?;
        }
        if kind & 0x80 != 0 {
            return Some(());
        }
        at += 4 + length;
    }
}

/// Reads a Vorbis comment block: the vendor, then the comments.
pub(super) fn comments(mut fields: Cursor<'_>, collector: &mut Collector) -> Option<()> {
    let vendor = fields.le(4)?;
    fields.take(vendor)?;
    for _ in 0..fields.le(4)? {
        let length = fields.le(4)?;
        let comment = fields.take(length)?;
        if let Some(equals) = comment.iter().take(16).position(|byte| *byte == b'=') {
            collector.take(&comment[..equals], &decode(&comment[equals + 1..]));
        }
    }
    Some(())
}
