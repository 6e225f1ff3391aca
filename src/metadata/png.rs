//! PNG and APNG: texts by keyword in the chunks `tEXt`, `iTXt`, `zTXt`, and `comf` of SaveAnimatedPNG.

use crate::metadata::collector::Collector;
use crate::metadata::source::Source;
use crate::metadata::text::decode;

const SIGNATURE: u64 = 8;
/// The longest keyword with its terminating zero.
const KEYWORD: u64 = 80;

pub(super) fn read(source: &Source, collector: &mut Collector) -> Option<()> {
    let mut at = SIGNATURE;
    loop {
        // A chunk: length of the data, type, data, checksum.
        let mut chunk = source.cursor(at, 8, "a chunk")?;
        let length = chunk.be(4)?;
        let kind = chunk.take(4)?;
        match kind {
            b"IEND" => return Some(()),
            b"tEXt" | b"comf" | b"iTXt" | b"zTXt" => text_chunk(source, collector, kind, at + 8, length)?,
            kind if !kind.is_ascii() => return source.damaged(at, "there is no chunk"),
            _ => {}
        }
        at += 12 + length;
    }
}

fn text_chunk(source: &Source, collector: &mut Collector, kind: &[u8], at: u64, length: u64) -> Option<()> {
    let keyword = source.cursor(at, length.min(KEYWORD), "a text")?.until_zero();
    if !collector.wants(keyword) {
        return Some(());
    }
    let mut chunk = source.cursor(at, length, "a text")?;
    chunk.until_zero();
    let mut deflated = kind == b"zTXt";
    if deflated {
        // The compression method: always zlib.
        chunk.u8()?;
    } else if kind == b"iTXt" {
        deflated = chunk.be(2)? == 0x100;
        // Language, and the translated keyword.
        chunk.until_zero();
        chunk.until_zero();
    }
    let text = chunk.rest();
    if !deflated {
        collector.take(keyword, &decode(text));
        return Some(());
    }
    match source.inflate(text)? {
        b"" => collector.take_broken("a text in it cannot be decompressed".to_owned()),
        text => collector.take(keyword, &decode(text)),
    }
    Some(())
}
