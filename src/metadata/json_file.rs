//! JSON files: a workflow, a prompt, or what contains them, such as a saved request to `/prompt`.

use crate::metadata::collector::Collector;
use crate::metadata::document::{Document, describe};
use crate::metadata::embedded::{Embedded, EmbeddedError, Problem};
use crate::metadata::source::{Source, Stop};
use crate::metadata::text::{decode, decode_utf16};
use crate::protocol::json::Raw;

pub(super) fn read(source: &Source, collector: &mut Collector) -> Option<()> {
    let bytes = source.all()?;
    let text = match bytes.get(..2) {
        // Windows PowerShell redirects output into UTF-16 files.
        Some(b"\xff\xfe" | b"\xfe\xff") => decode_utf16(bytes, false),
        _ => decode(bytes).into_owned(),
    };
    match read_json(&text) {
        Ok(Embedded { workflow, prompt, .. }) => {
            collector.take_found(workflow, prompt);
            Some(())
        }
        Err(error) => source.stop(Stop::Failed(error)),
    }
}

/// Finds the workflow and the prompt in a JSON text.
pub fn read_json(text: &str) -> Result<Embedded, EmbeddedError> {
    let value = Raw::read(text).map_err(|error| {
        let message = format!("this is not JSON, although it begins like it: {error}");
        EmbeddedError::new(Problem::NotJson, message)
    })?;
    let Document { workflow, prompt, history_items, broken } = Document::search(value);
    if workflow.is_some() || prompt.is_some() {
        return Ok(Embedded { format: "JSON", workflow, prompt });
    }
    Err(match broken {
        Some(broken) => EmbeddedError::new(Problem::NotJson, format!("this JSON has no readable workflow: {broken}")),
        None => {
            let what = match history_items {
                0 => describe(value),
                count => format!("a history of {count} prompts: keep the one that is wanted"),
            };
            let message = "this is neither a workflow of the editor (with a list of nodes) nor a prompt (nodes with \
                           class_type), but ";
            EmbeddedError::new(Problem::Nothing, [message, &what].concat())
        }
    })
}
