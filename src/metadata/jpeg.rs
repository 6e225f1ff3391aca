//! JPEG: EXIF and comment segments. ComfyUI's editor does not read JPEG; nodes that save it write the same texts as in
//! WebP.

use crate::metadata::collector::Collector;
use crate::metadata::exif;
use crate::metadata::source::Source;
use crate::metadata::text::decode;

pub(super) fn read(source: &Source, collector: &mut Collector) -> Option<()> {
    let mut at = 2;
    loop {
        let marker = source.cursor(at, 2, "a segment")?.be(2)?;
        match marker {
            // Fill bytes before a marker.
            0xffff => at += 1,
            // Start of scan, end of image: no segments follow.
            0xffda | 0xffd9 => return Some(()),
            0xff01 | 0xffd0..=0xffd8 => at += 2,
            0xff02.. => {
                // The length includes its own two bytes.
                let length = source.cursor(at + 2, 2, "a segment")?.be(2)?;
                if matches!(marker, 0xffe1 | 0xfffe) {
                    let mut segment = source.cursor(at + 4, length.saturating_sub(2), "a segment")?;
                    if marker == 0xffe1 {
                        exif::read(source, segment, collector);
                    } else if collector.count() {
                        collector.take_keyed(&decode(segment.rest()));
                    }
                }
                at += 2 + length;
            }
            _ => return source.damaged(at, "there is no segment"),
        }
    }
}
