//! Options of `ComfyClient.ready`.

use wasm_bindgen::JsValue;

use super::options;
use crate::web::js::error::ApiError;

options! {
    pub struct ReadyOptions of "ready", such as "timeoutMs";
    /// 0: a single try.
    timeout_ms: f64 = duration("timeoutMs") or 60_000.0,
    signal: Option<JsValue> = signal("signal"),
}
