//! Options of `Submission.wait`.

use js_sys::Function;
use wasm_bindgen::JsValue;

use super::follow::FollowOptions;
use super::reader::Milliseconds;
use crate::web::api::options::declare::options;
use crate::web::js::error::ApiError;

options! {
    pub struct WaitOptions of "wait", such as "onEvent", with follow: FollowOptions;
    on_event: Option<Function> = function("onEvent"),
    signal: Option<JsValue> = signal("signal"),
    wait_timeout_ms: Milliseconds = milliseconds("waitTimeoutMs", "AUTOFLOW_WAIT_TIMEOUT_S"),
}
