//! GLB: `asset.extras` in the JSON chunk, where SaveGLB writes both as strings.

use crate::metadata::collector::Collector;
use crate::metadata::source::Source;
use crate::metadata::text::decode;
use crate::protocol::json::Raw;

const HEADER: u64 = 12;

pub(super) fn read(source: &Source, collector: &mut Collector) -> Option<()> {
    let mut chunk = source.cursor(HEADER, 8, "the first chunk")?;
    let length = chunk.le(4)?;
    if chunk.take(4)? != b"JSON" {
        return source.damaged(HEADER, "the first chunk is not JSON");
    }
    let text = decode(source.get(HEADER + 8, length, "the JSON chunk")?);
    match Raw::read(text.trim_end_matches('\0')) {
        Ok(gltf) => collector.take_fields(gltf.get("asset").get("extras")),
        Err(_) => return source.damaged(HEADER + 8, "the JSON chunk holds no JSON"),
    }
    Some(())
}
