//! Options of `convert`.

use wasm_bindgen::JsValue;

use super::options;
use crate::web::js::error::ApiError;

options! {
    /// How a workflow becomes a prompt.
    pub group ConversionOptions;
    /// Go on without nodes whose type the object info does not know.
    allow_unknown: bool = flag("allowUnknown") or false,
    /// A seed, or `"first"`.
    random: Option<JsValue> = value("random"),
}

options! {
    pub struct ConvertOptions of "convert", such as "allowUnknown", with conversion: ConversionOptions;
}
