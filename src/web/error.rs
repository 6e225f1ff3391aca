//! `ComfyError`: what a caller gets when something is wrong, with what to do next.

use js_sys::Object;
use wasm_bindgen::JsValue;

use super::{boundary, globals};

/// A failed call on its way to JavaScript.
#[derive(Debug, Clone, Default)]
pub struct Failure {
    /// One of the codes of the documentation.
    pub code: &'static str,
    /// What happened, and what to do next.
    pub message: String,
    /// The run it belongs to.
    pub prompt_id: Option<String>,
    /// The node that failed.
    pub node_id: Option<String>,
    /// Its class.
    pub node_type: Option<String>,
    /// `node_errors` of a refused prompt, as a JavaScript object.
    pub node_errors: Option<JsValue>,
    /// HTTP status.
    pub status: Option<u16>,
    /// The terminal event.
    pub event: Option<JsValue>,
    /// What was thrown underneath.
    pub cause: Option<JsValue>,
}

impl Failure {
    /// A failure with nothing but its code and its message.
    pub fn new(code: &'static str, message: impl Into<String>) -> Failure {
        Failure { code, message: message.into(), ..Failure::default() }
    }

    /// A wrong argument; nothing was sent.
    pub fn bad_input(message: impl Into<String>) -> Failure {
        Failure::new("bad_input", message)
    }
}

impl From<Failure> for JsValue {
    fn from(failure: Failure) -> JsValue {
        let details = Object::new();
        let texts = [("promptId", failure.prompt_id), ("nodeId", failure.node_id), ("nodeType", failure.node_type)];
        for (key, text) in texts {
            if let Some(text) = text {
                globals::set(&details, key, &JsValue::from_str(&text));
            }
        }
        if let Some(status) = failure.status {
            globals::set(&details, "status", &JsValue::from_f64(f64::from(status)));
        }
        let values = [("nodeErrors", failure.node_errors), ("event", failure.event), ("cause", failure.cause)];
        for (key, value) in values {
            if let Some(value) = value {
                globals::set(&details, key, &value);
            }
        }
        boundary::ComfyError::new(failure.code, &failure.message, &details).into()
    }
}

/// The text with a capital at its start, as a sentence has it. ASCII only: Unicode's tables of cases are 28 kB.
pub fn capitalised(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
