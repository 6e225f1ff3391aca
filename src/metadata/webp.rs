//! WebP: the RIFF chunk `EXIF`.

use crate::metadata::exif;
use crate::metadata::found::Found;
use crate::metadata::source::Source;

const HEADER: u64 = 12;

pub(super) fn read(source: &Source, found: &mut Found) -> Option<()> {
    let mut at = HEADER;
    while at < source.length() {
        let mut chunk = source.fields(at, 8, "a chunk")?;
        let kind = chunk.take(4)?;
        let length = chunk.le(4)?;
        if kind == b"EXIF" {
            return exif::read(source, source.fields(at + 8, length, "the EXIF chunk")?, found);
        }
        at += 8 + length + length % 2;
    }
    Some(())
}
