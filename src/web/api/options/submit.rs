//! Options of `submit`.

use js_sys::{Function, Object};
use wasm_bindgen::JsValue;

use super::follow::FollowOptions;
use super::reader::Milliseconds;
use super::server::ServerOptions;
use crate::web::api::options::declare::options;
use crate::web::js::error::ApiError;

options! {
    pub struct SubmitOptions of "submit", such as "serverUrl", with server: ServerOptions, with follow: FollowOptions;
    client_id: Option<String> = text("clientId"),
    prompt_id: Option<String> = text("promptId"),
    /// Settle at the terminal event, not once the server has accepted.
    wait: bool = flag("wait") or false,
    on_event: Option<Function> = function("onEvent"),
    signal: Option<JsValue> = signal("signal"),
    wait_timeout_ms: Milliseconds = milliseconds("waitTimeoutMs", "AUTOFLOW_WAIT_TIMEOUT_S"),
    previews: Option<bool> = flag("previews"),
    /// Run before everything that waits.
    front: bool = flag("front") or false,
    extra_data: Option<Object> = object("extraData"),
    partial_execution_targets: Option<Vec<String>> = texts("partialExecutionTargets"),
    /// In place of the global one.
    web_socket: Option<Function> = function("webSocket"),
}
