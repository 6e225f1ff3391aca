//! Options of `convert`.

use js_sys::Object;
use wasm_bindgen::JsValue;

use crate::web::api::options::declare::options;
use crate::web::js::error::ApiError;
use crate::web::js::globals;

options! {
    /// How a workflow becomes a prompt.
    pub group ConversionOptions;
    /// Go on without nodes whose type the object info does not know.
    allow_unknown: bool = flag("allowUnknown") or false,
    /// A seed, or `"first"`.
    random: Option<JsValue> = value("random"),
}

impl ConversionOptions {
    /// For the converter, which is another module.
    pub fn to_object(&self) -> Object {
        let object = Object::new();
        globals::set(&object, "allowUnknown", &JsValue::from_bool(self.allow_unknown));
        globals::set(&object, "random", self.random.as_ref().unwrap_or(&JsValue::UNDEFINED));
        object
    }
}

options! {
    pub struct ConvertOptions of "convert", such as "allowUnknown", with conversion: ConversionOptions;
}
