//! A file that is JSON itself: the editor's form, the API form, or an object that holds them, such as a saved request
//! to `/prompt`.

use super::error::{EmbeddedError, Problem, Stop};
use super::found::{Found, decode, decode_utf16};
use super::source::Source;
use crate::protocol::json;
use serde_json::Value;

pub(super) fn read(source: &Source, found: &mut Found) -> Option<()> {
    let bytes = source.all()?;
    let text = match bytes.split_at_checked(2) {
        // Windows PowerShell writes UTF-16 where it redirects into a file.
        Some((b"\xff\xfe", rest)) => decode_utf16(rest, false),
        Some((b"\xfe\xff", rest)) => decode_utf16(rest, true),
        _ => decode(bytes).into_owned(),
    };
    let failed = |problem, message: String| source.stop(Stop::Failed(EmbeddedError::new(problem, message)));
    let value = match json::parse::<Value>(&text) {
        Ok(value) => value,
        Err(error) => {
            return failed(Problem::NotJson, format!("this is not JSON, although it begins like it: {error}"));
        }
    };
    let Some(object) = value.as_object().filter(|object| !object.is_empty()) else {
        return failed(Problem::Nothing, "this JSON holds no workflow: it is no object, or an empty one".to_owned());
    };
    let holds = |key: &str| object.get(key).is_some_and(|value| value.is_object() || value.is_string());
    if object.values().all(|node| node.get("class_type").is_some()) {
        found.take(b"prompt", &text);
    } else if object.contains_key("nodes") || !(holds("workflow") || holds("prompt")) {
        found.take(b"workflow", &text);
    } else {
        found.take_fields(Some(&value));
    }
    Some(())
}
