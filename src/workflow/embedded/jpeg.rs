//! JPEG: the EXIF segment. ComfyUI's editor does not read JPEG; nodes that save it write the same texts as in WebP.

use super::error::{Stop, damaged};
use super::exif;
use super::found::Found;
use super::source::Source;

pub(super) fn read(source: &Source, found: &mut Found) -> Result<(), Stop> {
    let mut at = 2;
    loop {
        let mut segment = source.fields(at, 2, "a segment")?;
        let (begin, marker) = (segment.u8()?, segment.u8()?);
        match marker {
            _ if begin != 0xff => return damaged(at, "there is no segment"),
            // Fill bytes may stand before a marker.
            0xff => {
                at += 1;
                continue;
            }
            // Start of scan, end of image: behind them is the picture, or nothing.
            0xda | 0xd9 => return Ok(()),
            0x01 | 0xd0..=0xd8 => {
                at += 2;
                continue;
            }
            _ => {}
        }
        let length = source.fields(at + 2, 2, "a segment")?.be(2)?;
        if length < 2 {
            return damaged(at, "there is a segment without a length");
        }
        if marker == 0xe1 {
            let application = source.fields(at + 4, length - 2, "an application segment")?;
            exif::read(application, found)?;
        }
        at += 2 + length;
    }
}
