//! Options of `Submission.events`.

use wasm_bindgen::JsValue;

use super::follow::FollowOptions;
use super::reader::Milliseconds;
use crate::web::api::options::declare::options;
use crate::web::js::error::ApiError;

options! {
    pub struct EventsOptions of "events", such as "signal", with follow: FollowOptions;
    signal: Option<JsValue> = signal("signal"),
    wait_timeout_ms: Milliseconds = milliseconds("waitTimeoutMs", "AUTOFLOW_WAIT_TIMEOUT_S"),
}
