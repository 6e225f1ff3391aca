//! PNG and APNG: texts by keyword in `tEXt`, `iTXt`, `zTXt`, and in `comf`, which SaveAnimatedPNG writes.

use super::error::{Stop, damaged};
use super::found::{Found, decode};
use super::source::{Fields, Source};

const SIGNATURE: u64 = 8;
/// Length and type before a chunk's data, checksum after it.
const AROUND: u64 = 12;
/// Keyword, and in `iTXt` its flags, language and translated keyword: enough to know whether a text is wanted.
const KEYWORD: u64 = 80;

pub(super) fn read(source: &Source, found: &mut Found) -> Result<(), Stop> {
    let mut at = SIGNATURE;
    loop {
        let mut chunk = source.fields(at, 8, "a chunk")?;
        let length = chunk.be(4)?;
        let kind = chunk.take(4)?;
        let data = at + 8;
        match kind {
            b"IEND" => return Ok(()),
            b"tEXt" | b"comf" | b"iTXt" | b"zTXt" => {
                let head = source.get(data, length.min(KEYWORD), "a text chunk")?;
                let keyword = head.split(|byte| *byte == 0).next().unwrap_or_default();
                if found.wants(&decode(keyword)) {
                    let kind = [kind[0], kind[1]];
                    text_chunk(source, found, kind, source.fields(data, length, "a text chunk")?)?;
                }
            }
            kind if !kind.iter().all(u8::is_ascii_alphabetic) => {
                return damaged(at, "there is no chunk");
            }
            _ => {}
        }
        at = data + length + (AROUND - 8);
    }
}

fn text_chunk(source: &Source, found: &mut Found, kind: [u8; 2], mut chunk: Fields<'_>) -> Result<(), Stop> {
    let keyword = decode(chunk.until_zero());
    let deflated = match &kind {
        b"iT" => {
            let (flag, method) = (chunk.u8()?, chunk.u8()?);
            chunk.until_zero();
            chunk.until_zero();
            if flag == 1 && method != 0 {
                return Ok(());
            }
            flag == 1
        }
        b"zT" => {
            chunk.u8()?;
            true
        }
        _ => false,
    };
    if !deflated {
        found.take(&keyword, chunk.rest());
        return Ok(());
    }
    match source.inflate(chunk.rest())? {
        Some(text) => found.take(&keyword, text),
        None => found.take_broken(format!("the compressed `{keyword}` in it cannot be decompressed")),
    }
    Ok(())
}
