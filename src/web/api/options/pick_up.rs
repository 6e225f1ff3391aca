//! Options of `Submission.fromPromptId`.

use js_sys::Function;
use wasm_bindgen::JsValue;

use super::follow::FollowOptions;
use super::server::ServerOptions;
use crate::web::api::options::declare::options;
use crate::web::js::error::ApiError;

options! {
    pub struct PickUpOptions of "Submission.fromPromptId", such as "serverUrl", with server: ServerOptions, with follow: FollowOptions;
    client_id: Option<String> = text("clientId"),
    /// In place of the global one.
    web_socket: Option<Function> = function("webSocket"),
    /// This and the next are part of a submission's JSON, which is accepted whole; they are ignored.
    prompt_id: Option<JsValue> = value("promptId"),
    status: Option<JsValue> = value("status"),
}
