//! JPEG: the EXIF segment. ComfyUI's editor does not read JPEG; nodes that save it write the same texts as in WebP.

use crate::metadata::exif;
use crate::metadata::found::Found;
use crate::metadata::source::Source;

pub(super) fn read(source: &Source, found: &mut Found) -> Option<()> {
    let mut at = 2;
    loop {
        let marker = source.fields(at, 2, "a segment")?.be(2)?;
        match marker {
            // Fill bytes may stand before a marker.
            0xffff => at += 1,
            // Start of scan, end of image: behind them is the picture, or nothing.
            0xffda | 0xffd9 => return Some(()),
            0xff01 | 0xffd0..=0xffd8 => at += 2,
            0xff02.. => {
                // The length counts itself.
                let length = source.fields(at + 2, 2, "a segment")?.be(2)?;
                if marker == 0xffe1 {
                    exif::read(source, source.fields(at + 4, length.saturating_sub(2), "a segment")?, found);
                }
                at += 2 + length;
            }
            _ => return source.damaged(at, "there is no segment"),
        }
    }
}
