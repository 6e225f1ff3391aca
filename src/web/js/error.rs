//! `ComfyError`: what a caller gets when something is wrong, with what to do next.

use wasm_bindgen::{JsCast, JsValue};

use crate::web::js::boundary;
use crate::web::js::globals;

/// The failure of a call: a handle of the `ComfyError` that JavaScript gets. A handle is small, so results that carry
/// one are cheap to pass on; a struct of all fields would not be.
#[derive(Debug, Clone)]
pub struct ApiError(boundary::ComfyError);

impl ApiError {
    /// A failure with one of the codes of the documentation, and what happened and what to do next.
    pub fn new(code: &str, message: impl Into<String>) -> ApiError {
        ApiError(boundary::ComfyError::new(code, &message.into()))
    }

    /// What was thrown, where it is a `ComfyError`.
    pub fn of_thrown(thrown: JsValue) -> Result<ApiError, JsValue> {
        thrown.dyn_into().map(ApiError)
    }

    /// A wrong argument; nothing was sent.
    pub fn bad_input(message: impl Into<String>) -> ApiError {
        ApiError::new("bad_input", message)
    }

    /// With a hint for programs: a short code, and the option that it is about. The message has the same advice for
    /// people already.
    pub fn hint(self, advice: &str, option: Option<&str>) -> ApiError {
        self.advise(advice, option, "")
    }

    /// With a hint, and with a sentence of advice at the end of the message.
    pub fn advise(self, advice: &str, option: Option<&str>, sentence: &str) -> ApiError {
        ApiError(boundary::advise(&self.0, advice, option, sentence))
    }

    /// With another property.
    pub fn with(self, key: &str, value: &JsValue) -> ApiError {
        globals::set(self.0.unchecked_ref(), key, value);
        self
    }

    /// With a text as a property, if there is one.
    pub fn with_text(self, key: &str, text: Option<&str>) -> ApiError {
        match text {
            Some(text) => self.with(key, &JsValue::from_str(text)),
            None => self,
        }
    }

    /// With the HTTP status.
    pub fn with_status(self, status: u16) -> ApiError {
        self.with("status", &JsValue::from_f64(f64::from(status)))
    }

    /// With what was thrown underneath, if anything was.
    pub fn because(self, cause: &JsValue) -> ApiError {
        if cause.is_undefined() { self } else { self.with("cause", cause) }
    }
}

impl From<ApiError> for JsValue {
    fn from(failure: ApiError) -> JsValue {
        failure.0.into()
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
