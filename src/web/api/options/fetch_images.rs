//! Options of `Submission.fetchImages`.

use wasm_bindgen::JsValue;

use super::options;
use crate::web::js::error::ApiError;

options! {
    pub struct FetchImagesOptions of "fetchImages", such as "signal";
    signal: Option<JsValue> = signal("signal"),
}
