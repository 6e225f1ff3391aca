//! Options of the calls of `ComfyClient` that ask one route.

use wasm_bindgen::JsValue;

use super::options;
use crate::web::js::error::ApiError;

options! {
    pub struct RouteOptions of "queue", such as "signal";
    signal: Option<JsValue> = signal("signal"),
}
