//! JSON files: a workflow, a prompt, or what contains them, such as a saved request to `/prompt`.

use crate::metadata::collector::Collector;
use crate::metadata::embedded::{EmbeddedError, Problem};
use crate::metadata::source::{Source, Stop};
use crate::metadata::text::{decode, decode_utf16};
use crate::protocol::document::Document;
use crate::protocol::json::Raw;

pub(super) fn read(source: &Source, collector: &mut Collector) -> Option<()> {
    let bytes = source.all()?;
    let text = match bytes.get(..2) {
        // Windows PowerShell redirects output into UTF-16 files.
        Some(b"\xff\xfe" | b"\xfe\xff") => decode_utf16(bytes, false),
        _ => decode(bytes).into_owned(),
    };
    let failed = |problem, message| source.stop(Stop::Failed(EmbeddedError::new(problem, message)));
    let value = match Raw::read(&text) {
        Ok(value) => value,
        Err(error) => {
            return failed(Problem::NotJson, format!("this is not JSON, although it begins like it: {error}"));
        }
    };
    let document = Document::search(value);
    if document.is_empty() {
        let problem = if document.broken.is_some() { Problem::NotJson } else { Problem::Nothing };
        return failed(problem, document.explain(value));
    }
    collector.take_document(document);
    Some(())
}
