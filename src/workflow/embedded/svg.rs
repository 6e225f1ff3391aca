//! SVG: an object with both in a `CDATA` section of the element `metadata`, as SaveSVGNode writes it.

use super::error::Stop;
use super::found::{Found, decode};
use super::source::Source;
use crate::protocol::json;

/// Whether a text that begins with `<` becomes an SVG within its first lines.
pub(super) fn is_svg(head: &[u8]) -> bool {
    let head = head.to_ascii_lowercase();
    head.windows(4).any(|word| word == b"<svg") && !head.starts_with(b"<!doctype html") && !head.starts_with(b"<html")
}

pub(super) fn read(source: &Source, found: &mut Found) -> Result<(), Stop> {
    let text = decode(source.rest(0, "the text")?);
    let lower = text.to_ascii_lowercase();
    let mut at = 0;
    while let Some(element) = lower[at..].find("<metadata").map(|start| at + start) {
        let Some(content) = lower[element..].find('>').map(|end| element + end + 1) else { break };
        at = content;
        let inside = lower[content..].trim_start();
        let start = content + (lower.len() - content - inside.len()) + "<![cdata[".len();
        if !inside.starts_with("<![cdata[") {
            continue;
        }
        let Some(end) = lower[start..].find("]]>").map(|end| start + end) else { break };
        match json::parse(&text[start..end]) {
            Ok(object) => found.take_fields(&object),
            Err(error) => found.take_broken(format!("its metadata is not JSON: {error}")),
        }
        at = end;
    }
    Ok(())
}
