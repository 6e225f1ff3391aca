//! Safetensors, the format of saved latents too: `__metadata__` in the JSON header.

use crate::metadata::collector::Collector;
use crate::metadata::source::Source;
use crate::metadata::text::decode;
use crate::protocol::json::Raw;

pub(super) fn read(source: &Source, collector: &mut Collector) -> Option<()> {
    let length = source.cursor(0, 8, "the length")?.le(8)?;
    match Raw::read(&decode(source.get(8, length, "the header")?)) {
        Ok(header) => collector.take_fields(header.get("__metadata__")),
        Err(_) => return source.damaged(8, "the header is not JSON"),
    }
    Some(())
}
