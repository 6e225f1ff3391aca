//! Safetensors, which latents are saved as: a JSON header with `__metadata__`.

use crate::metadata::found::{Found, decode};
use crate::metadata::source::Source;
use crate::protocol::json::Raw;

pub(super) fn read(source: &Source, found: &mut Found) -> Option<()> {
    let length = source.fields(0, 8, "the length")?.le(8)?;
    match Raw::read(&decode(source.get(8, length, "the header")?)) {
        Ok(header) => found.take_fields(header.get("__metadata__")),
        Err(_) => return source.damaged(8, "the header is not JSON"),
    }
    Some(())
}
