//! A file that is JSON itself: the editor's form, the API form, or an object that holds them, such as a saved request
//! to `/prompt`.

use super::error::{EmbeddedError, Problem, Stop};
use super::found::{Found, decode_utf16};
use super::source::Source;
use crate::protocol::json;
use serde_json::Value;

pub(super) fn read(source: &Source, found: &mut Found) -> Result<(), Stop> {
    let bytes = source.rest(0, "the text")?;
    let text = match bytes.split_at_checked(2) {
        // Windows PowerShell writes UTF-16 where it redirects into a file.
        Some((b"\xff\xfe", rest)) => decode_utf16(rest, false),
        Some((b"\xfe\xff", rest)) => decode_utf16(rest, true),
        _ => String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).into_owned(),
    };
    let failed = |problem, message: String| Err(Stop::Failed(EmbeddedError::new(problem, message)));
    let object = match json::parse::<Value>(&text) {
        Ok(Value::Object(object)) => object,
        Ok(_) => return failed(Problem::Unknown, "this JSON is no object; a workflow or a prompt is one".to_owned()),
        Err(error) => {
            return failed(Problem::NotJson, format!("this is not JSON, although it begins like it: {error}"));
        }
    };
    if object.is_empty() {
        return failed(Problem::Nothing, "this JSON is an empty object: there is no workflow in it".to_owned());
    }
    let is_node = |node: &Value| node.get("class_type").is_some_and(|class| !class.is_null());
    let holds = |key: &str| object.get(key).is_some_and(|value| value.is_object() || value.is_string());
    if object.values().all(is_node) {
        found.take_prompt(text);
    } else if !object.contains_key("nodes") && (holds("workflow") || holds("prompt")) {
        found.take_fields(&Value::Object(object));
    } else {
        found.take_workflow(text);
    }
    Ok(())
}
