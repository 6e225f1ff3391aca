//! Options of `blob`, `bytes`, `text` and `stream` of a `ResultFile`.

use js_sys::Function;
use wasm_bindgen::JsValue;

use crate::web::api::options::declare::options;
use crate::web::js::error::ApiError;

options! {
    pub struct ContentOptions of "bytes", such as "signal";
    signal: Option<JsValue> = signal("signal"),
    /// Called with the bytes that have come and their total.
    on_progress: Option<Function> = function("onProgress"),
}
