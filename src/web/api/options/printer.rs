//! Options of `progressPrinter`.

use wasm_bindgen::JsValue;

use crate::web::api::options::declare::options;
use crate::web::js::error::ApiError;

options! {
    pub struct PrinterOptions of "progressPrinter", such as "format";
    /// `"json"`, `"bar"` or a template.
    format: Option<String> = text("format"),
    /// Titles of its nodes are printed instead of their ids.
    prompt: Option<JsValue> = value("prompt"),
    /// Print `event.raw`.
    raw: bool = flag("raw") or false,
    event_types: Option<Vec<String>> = texts("eventTypes"),
    stream: Option<JsValue> = stream("stream"),
}
