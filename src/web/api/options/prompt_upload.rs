//! Options of `ApiFlow.upload`.

use wasm_bindgen::JsValue;

use super::server::ServerOptions;
use super::upload_target::UploadTarget;
use crate::web::api::options::declare::options;
use crate::web::js::error::ApiError;

options! {
    pub struct PromptUploadOptions of "upload", such as "serverUrl", with server: ServerOptions, with target: UploadTarget;
    signal: Option<JsValue> = signal("signal"),
    /// The node and the input that take the file, where several fit.
    node: Option<String> = text("node"),
    input: Option<String> = text("input"),
}
