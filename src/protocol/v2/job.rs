//! Jobs of the Comfy API v2, converted to history items of ComfyUI.

use std::borrow::Cow;

use crate::protocol::json::{Raw, quoted, without_nan, write_string};
use crate::protocol::v2::assets::Assets;

/// Converts the answer of `GET /api/v2/jobs/{id}` to that of `GET /history/{prompt_id}`: `{}` where the job has not ended
/// or has expired. A text that is not a job is returned unchanged.
pub fn as_history<'a>(text: &'a str, prompt_id: &str) -> Cow<'a, str> {
    let clean = without_nan(text);
    let Ok(job) = Raw::read(&clean) else { return Cow::Borrowed(text) };
    if !job.get("status").is_string() {
        return Cow::Borrowed(text);
    }
    let Some((kind, fields)) = end(job) else { return Cow::Borrowed("{}") };
    let mut assets = Assets::default();
    job.get("outputs").items().into_iter().for_each(|asset| assets.add(asset));
    let outputs: Vec<String> =
        assets.take_all().into_iter().map(|(node, output)| [&quoted(&node), ":", &output].concat()).collect();
    let status = match kind {
        "executing" => "\"success\",\"completed\":true,\"messages\":[]".to_owned(),
        _ => ["\"error\",\"completed\":false,\"messages\":[[\"", kind, "\",{", &fields, "}]]"].concat(),
    };
    let id = quoted(prompt_id);
    let parts = ["{", &id, ":{\"outputs\":{", &outputs.join(","), "},\"status\":{\"status_str\":", &status];
    Cow::Owned([&parts.concat(), "},\"job\":", job.text(), "}}"].concat())
}

/// The frame with which ComfyUI would have reported the end of a job: its type and the fields of its data. `None` where the
/// job has not ended, or has expired, because then its result is not known.
pub fn end(job: Raw) -> Option<(&'static str, String)> {
    let error = job.get("error");
    match &*job.string_at("status") {
        "succeeded" => Some(("executing", "\"node\":null".to_owned())),
        "canceled" => Some(("execution_interrupted", "\"executed\":[]".to_owned())),
        "failed" => {
            let mut fields = "\"executed\":[],\"traceback\":[]".to_owned();
            for (name, key) in [
                ("node_id", "node_id"),
                ("node_type", "class_type"),
                ("exception_message", "message"),
                ("exception_type", "code"),
            ] {
                if let Some(value) = error.get(key).id() {
                    [",\"", name, "\":"].iter().for_each(|part| fields.push_str(part));
                    write_string(&value, &mut fields);
                }
            }
            Some(("execution_error", fields))
        }
        _ => None,
    }
}
