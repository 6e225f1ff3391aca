//! GLB: `asset.extras` in the JSON chunk, where SaveGLB puts both as texts.

use crate::metadata::found::{Found, decode};
use crate::metadata::source::Source;
use crate::protocol::json::Raw;

const HEADER: u64 = 12;

pub(super) fn read(source: &Source, found: &mut Found) -> Option<()> {
    let mut chunk = source.fields(HEADER, 8, "the first chunk")?;
    let length = chunk.le(4)?;
    if chunk.take(4)? != b"JSON" {
        return source.damaged(HEADER, "the first chunk is not JSON");
    }
    let text = decode(source.get(HEADER + 8, length, "the JSON chunk")?);
    match Raw::read(text.trim_end_matches('\0')) {
        Ok(gltf) => found.take_fields(gltf.get("asset").get("extras")),
        Err(_) => return source.damaged(HEADER + 8, "the JSON chunk holds no JSON"),
    }
    Some(())
}
