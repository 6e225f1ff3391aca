//! Options of `saveFiles`, of the entry for Node.

use js_sys::Function;
use wasm_bindgen::JsValue;

use crate::web::api::options::declare::options;
use crate::web::js::error::ApiError;

options! {
    pub struct SaveFilesOptions of "saveFiles", such as "pattern";
    pattern: Option<String> = text("pattern"),
    index_offset: i64 = whole("indexOffset") or 0,
    /// `"check"`, `"content"` or `"keep"`.
    extension: Option<String> = text("extension"),
    overwrite: bool = flag("overwrite") or false,
    /// This and the next two are read in JavaScript: here they are only checked.
    signal: Option<JsValue> = signal("signal"),
    on_progress: Option<Function> = function("onProgress"),
    on_file_progress: Option<Function> = function("onFileProgress"),
}
