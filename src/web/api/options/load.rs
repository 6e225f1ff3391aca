//! Options of `Workflow.load`.

use wasm_bindgen::JsValue;

use super::convert::ConversionOptions;
use super::server::ServerOptions;
use crate::web::api::options::declare::options;
use crate::web::js::error::ApiError;

options! {
    pub struct LoadOptions of "Workflow.load", such as "serverUrl", with server: ServerOptions, with conversion: ConversionOptions;
    object_info: Option<JsValue> = value("objectInfo"),
    signal: Option<JsValue> = signal("signal"),
}
