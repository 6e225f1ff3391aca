//! PNG and APNG: texts by keyword in `tEXt`, `iTXt`, `zTXt`, and in `comf`, which SaveAnimatedPNG writes.

use crate::metadata::found::{Found, decode};
use crate::metadata::source::Source;

const SIGNATURE: u64 = 8;
/// Longest keyword, and the zero behind it.
const KEYWORD: u64 = 80;

pub(super) fn read(source: &Source, found: &mut Found) -> Option<()> {
    let mut at = SIGNATURE;
    loop {
        // A chunk is its data's length, its type, the data, a checksum.
        let mut chunk = source.fields(at, 8, "a chunk")?;
        let length = chunk.be(4)?;
        let kind = chunk.take(4)?;
        match kind {
            b"IEND" => return Some(()),
            b"tEXt" | b"comf" | b"iTXt" | b"zTXt" => text_chunk(source, found, kind, at + 8, length)?,
            kind if !kind.is_ascii() => return source.damaged(at, "there is no chunk"),
            _ => {}
        }
        at += 12 + length;
    }
}

fn text_chunk(source: &Source, found: &mut Found, kind: &[u8], at: u64, length: u64) -> Option<()> {
    let keyword = source.fields(at, length.min(KEYWORD), "a text")?.until_zero();
    if !found.wants(keyword) {
        return Some(());
    }
    let mut chunk = source.fields(at, length, "a text")?;
    chunk.until_zero();
    let mut deflated = kind == b"zTXt";
    if deflated {
        // The method, of which there is but one.
        chunk.u8()?;
    } else if kind == b"iTXt" {
        deflated = chunk.be(2)? == 0x100;
        // Language, and the keyword in that language.
        chunk.until_zero();
        chunk.until_zero();
    }
    let text = chunk.rest();
    if !deflated {
        found.take(keyword, &decode(text));
        return Some(());
    }
    match source.inflate(text)? {
        b"" => found.take_broken("a text in it cannot be decompressed".to_owned()),
        text => found.take(keyword, &decode(text)),
    }
    Some(())
}
