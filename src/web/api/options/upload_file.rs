//! Options of `uploadFile`, of the entry for Node.

use wasm_bindgen::JsValue;

use super::server::ServerOptions;
use super::upload_target::UploadTarget;
use crate::web::api::options::declare::options;
use crate::web::js::error::ApiError;

options! {
    pub struct UploadFileOptions of "uploadFile", such as "serverUrl", with server: ServerOptions, with target: UploadTarget;
    signal: Option<JsValue> = signal("signal"),
}
