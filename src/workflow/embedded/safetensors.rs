//! Safetensors, which latents are saved as: a JSON header with `__metadata__`.

use super::error::{Stop, damaged};
use super::found::Found;
use super::source::Source;
use crate::protocol::json;
use serde_json::Value;

pub(super) fn read(source: &Source, found: &mut Found) -> Result<(), Stop> {
    let length = source.fields(0, 8, "the header's length")?.le(8)?;
    let header = String::from_utf8_lossy(source.get(8, length, "the header")?);
    match json::parse::<Value>(&header) {
        Ok(header) => found.take_fields(header.get("__metadata__").unwrap_or(&Value::Null)),
        Err(error) => return damaged(8, format!("the header is not JSON ({error}),")),
    }
    Ok(())
}
