//! WebP: the RIFF chunk `EXIF`.

use crate::metadata::collector::Collector;
use crate::metadata::exif;
use crate::metadata::source::Source;

const HEADER: u64 = 12;

pub(super) fn read(source: &Source, collector: &mut Collector) -> Option<()> {
    let mut at = HEADER;
    while at < source.length() {
        let mut chunk = source.cursor(at, 8, "a chunk")?;
        let kind = chunk.take(4)?;
        let length = chunk.le(4)?;
        if kind == b"EXIF" {
            return exif::read(source, source.cursor(at + 8, length, "the EXIF chunk")?, collector);
        }
        at += 8 + length + length % 2;
    }
    Some(())
}
