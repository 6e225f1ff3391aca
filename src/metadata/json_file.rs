//! A file that is JSON itself: the editor's form, the API form, or an object that holds them, such as a saved request
//! to `/prompt`.

use crate::metadata::file_error::{EmbeddedError, Problem, Stop};
use crate::metadata::found::{Found, decode, decode_utf16};
use crate::metadata::source::Source;
use crate::protocol::json::Raw;

pub(super) fn read(source: &Source, found: &mut Found) -> Option<()> {
    let bytes = source.all()?;
    let text = match bytes.split_at_checked(2) {
        // Windows PowerShell writes UTF-16 where it redirects into a file.
        Some((b"\xff\xfe", rest)) => decode_utf16(rest, false),
        Some((b"\xfe\xff", rest)) => decode_utf16(rest, true),
        _ => decode(bytes).into_owned(),
    };
    let failed = |problem, message: String| source.stop(Stop::Failed(EmbeddedError::new(problem, message)));
    let value = match Raw::read(&text) {
        Ok(value) => value,
        Err(error) => {
            return failed(Problem::NotJson, format!("this is not JSON, although it begins like it: {error}"));
        }
    };
    let entries = value.entries();
    if entries.is_empty() {
        return failed(Problem::Nothing, "this JSON holds no workflow: it is no object, or an empty one".to_owned());
    }
    let holds = |key: &str| value.get(key).is_object() || value.get(key).is_string();
    if entries.iter().all(|(_, node)| node.find("class_type").is_some()) {
        found.take(b"prompt", &text);
    } else if value.find("nodes").is_some() || !(holds("workflow") || holds("prompt")) {
        found.take(b"workflow", &text);
    } else {
        found.take_fields(value);
    }
    Some(())
}
