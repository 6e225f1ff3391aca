//! GLB: `asset.extras` in the JSON chunk, where SaveGLB puts both as texts.

use super::error::{Stop, damaged};
use super::found::Found;
use super::source::Source;
use crate::protocol::json;
use serde_json::Value;

const HEADER: u64 = 12;

pub(super) fn read(source: &Source, found: &mut Found) -> Result<(), Stop> {
    let mut chunk = source.fields(HEADER, 8, "the first chunk")?;
    let length = chunk.le(4)?;
    if chunk.take(4)? != b"JSON" {
        return damaged(HEADER, "the first chunk is not JSON");
    }
    let text = source.get(HEADER + 8, length, "the JSON chunk")?;
    let text = String::from_utf8_lossy(text);
    match json::parse::<Value>(text.trim_end_matches('\0')) {
        Ok(gltf) => found.take_fields(gltf.pointer("/asset/extras").unwrap_or(&Value::Null)),
        Err(error) => return damaged(HEADER + 8, format!("the JSON chunk is not JSON ({error}),")),
    }
    Ok(())
}
