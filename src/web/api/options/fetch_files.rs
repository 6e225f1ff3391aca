//! Options of `Submission.fetchFiles`.

use wasm_bindgen::JsValue;

use crate::files::selection::Folders;
use crate::web::api::options::declare::options;
use crate::web::js::error::ApiError;

options! {
    pub struct FetchFilesOptions of "fetchFiles", such as "kinds";
    /// By kind (`"image"`) or by the node's own word (`"gifs"`).
    kinds: Option<Vec<String>> = texts("kinds"),
    folders: Folders = folders("type") or Folders::All,
    /// Ids of nodes.
    nodes: Option<Vec<String>> = texts("nodes"),
    signal: Option<JsValue> = signal("signal"),
}
