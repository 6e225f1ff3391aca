//! Names to save files under, for the entry for Node: see `files::names`.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::error::Failure;
use crate::files::names::{self, Extension, NameError, NameOptions};

/// A relative path for each of the names that a server gave, none twice, none outside of the folder.
#[wasm_bindgen(js_name = savePaths)]
pub fn save_paths(
    server_names: Vec<String>,
    pattern: Option<String>,
    index_offset: f64,
    extension: Option<String>,
) -> Result<Vec<String>, JsValue> {
    let options = NameOptions { pattern, index_offset: index_offset as i64, extension: read(extension)? };
    Ok(names::save_paths(&server_names, &options).map_err(failure)?)
}

/// The path for a file whose first bytes are known, given the one that `savePaths` planned and those of all files.
#[wasm_bindgen(js_name = contentPath)]
pub fn content_path(
    planned: &str,
    head: &Uint8Array,
    extension: Option<String>,
    others: Vec<String>,
) -> Result<String, JsValue> {
    Ok(names::content_path(planned, &head.to_vec(), read(extension)?, &others).map_err(failure)?)
}

/// Folder and pattern of a target such as `out/frame.###.png`; the pattern is null where the target is a folder.
#[wasm_bindgen(js_name = splitTarget)]
pub fn split_target(target: &str) -> Array {
    let (folder, pattern) = names::split_target(target);
    Array::of2(&JsValue::from_str(folder), &pattern.map_or(JsValue::NULL, JsValue::from_str))
}

fn read(extension: Option<String>) -> Result<Extension, Failure> {
    extension.as_deref().map_or(Ok(Extension::default()), Extension::parse).map_err(failure)
}

fn failure(error: NameError) -> Failure {
    Failure::bad_input(format!("{error}."))
}
