//! Options of `ComfyClient.history`.

use wasm_bindgen::JsValue;

use super::options;
use crate::web::js::error::ApiError;

options! {
    pub struct HistoryOptions of "history", such as "limit";
    /// How many runs, the newest first.
    limit: Option<i64> = whole("limit"),
    /// How many of the newest are left out.
    offset: i64 = whole("offset") or 0,
    signal: Option<JsValue> = signal("signal"),
}
