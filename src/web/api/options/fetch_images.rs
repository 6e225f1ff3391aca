//! Options of `Submission.fetchImages`.

use wasm_bindgen::JsValue;

use crate::files::selection::Folders;
use crate::web::api::options::declare::options;
use crate::web::js::error::ApiError;

options! {
    pub struct FetchImagesOptions of "fetchImages", such as "signal";
    folders: Folders = folders("type") or Folders::OutputFirst,
    /// Ids of nodes.
    nodes: Option<Vec<String>> = texts("nodes"),
    signal: Option<JsValue> = signal("signal"),
}
