//! Options of `ComfyClient.objectInfo`.

use wasm_bindgen::JsValue;

use super::options;
use crate::web::js::error::ApiError;

options! {
    pub struct KnownObjectInfoOptions of "objectInfo", such as "maxAgeMs";
    /// How old an answer that is kept may be.
    max_age_ms: f64 = duration("maxAgeMs") or 60_000.0,
    signal: Option<JsValue> = signal("signal"),
}
