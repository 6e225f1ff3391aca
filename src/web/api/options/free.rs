//! Options of `ComfyClient.free`.

use wasm_bindgen::JsValue;

use super::options;
use crate::web::js::error::ApiError;

options! {
    pub struct FreeOptions of "free", such as "unloadModels";
    unload_models: bool = flag("unloadModels") or true,
    free_memory: bool = flag("freeMemory") or true,
    signal: Option<JsValue> = signal("signal"),
}
