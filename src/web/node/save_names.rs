//! Names to save files under, for the entry for Node: see `files::names` and `files::target`.

use js_sys::{Array, Object, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::files::expected;
use crate::files::name_error::{NameAdvice, NameError};
use crate::files::names::{self, Extension, NameOptions};
use crate::files::target;
use crate::protocol::json::Raw;
use crate::web::api::options::SaveFilesOptions;
use crate::web::js::error::{ApiError, capitalised};
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::validate::{described, has};
use crate::web::node::disk;

/// Checks the arguments of `saveFiles` and makes its plan: `{ root, paths, names, extension, overwrite }`, with a path
/// below the folder `root` for each of the files, none twice, none outside of it, and what each is called on the
/// server.
#[wasm_bindgen(js_name = planSave)]
pub fn plan_save(files: JsValue, target: String, options: JsValue) -> Result<JsValue, JsValue> {
    if !Array::is_array(&files) {
        return Err(disk::no_files(&files).into());
    }
    let files: Array = files.unchecked_into();
    let mut server_names = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let name = name_of(&file).filter(|_| has(&file, "stream")).ok_or_else(|| {
            let await_it = if described(&file) == "a promise" { " Put await before it." } else { "" };
            ApiError::bad_input(format!(
                "Entry {at} of the list that saveFiles got is no file of a run, but {}.{await_it}",
                described(&file)
            ))
        })?;
        server_names.push(name);
    }
    let options = SaveFilesOptions::read(options)?;
    let mut naming = naming(&options)?;
    let root = if naming.pattern.is_some() {
        target::folder_beside_pattern(&target).map_err(failure)?
    } else {
        let (folder, pattern) = target::split_target(&target);
        naming.pattern = pattern.map(str::to_owned);
        folder
    };
    let paths = names::save_paths(&server_names, &naming).map_err(failure)?;
    let plan = Object::new();
    globals::set(&plan, "root", &JsValue::from_str(if root.is_empty() { "." } else { root }));
    globals::set(&plan, "paths", &texts(&paths));
    globals::set(&plan, "names", &texts(&server_names));
    globals::set(
        &plan,
        "extension",
        &options.extension.map_or(JsValue::UNDEFINED, |extension| JsValue::from_str(&extension)),
    );
    globals::set(&plan, "overwrite", &JsValue::from_bool(options.overwrite));
    Ok(plan.into())
}

/// The path for a file whose first bytes are known, given the one that `planSave` planned and those of all files.
#[wasm_bindgen(js_name = contentPath)]
pub fn content_path(
    planned: String,
    head: &Uint8Array,
    extension: Option<String>,
    others: Vec<String>,
) -> Result<String, JsValue> {
    Ok(names::content_path(&planned, &head.to_vec(), read_extension(extension)?, &others).map_err(failure)?)
}

/// The paths that the first pictures of prompts will get, as far as that is known before they run: see `files::names`.
/// The options are those of `saveFiles`.
#[wasm_bindgen(js_name = expectedPaths)]
pub fn expected_paths(prompts: Vec<JsValue>, options: JsValue) -> Result<Array, JsValue> {
    let naming = naming(&SaveFilesOptions::read(options)?)?;
    let prompts: Vec<String> = prompts.iter().map(|prompt| json_text::text(prompt).unwrap_or_default()).collect();
    let prompts: Vec<Raw> = prompts.iter().map(|prompt| Raw::read(prompt).unwrap_or(Raw::NULL)).collect();
    Ok(texts(&expected::expected_paths(&prompts, &naming).map_err(failure)?))
}

/// How files are named, out of the options `pattern`, `indexOffset` and `extension`.
fn naming(options: &SaveFilesOptions) -> Result<NameOptions, ApiError> {
    Ok(NameOptions {
        pattern: options.pattern.clone(),
        index_offset: options.index_offset,
        extension: read_extension(options.extension.clone())?,
    })
}

fn read_extension(extension: Option<String>) -> Result<Extension, ApiError> {
    extension.as_deref().map_or(Ok(Extension::default()), Extension::parse).map_err(failure)
}

/// What a file is called on the server; texts have no name there.
fn name_of(file: &JsValue) -> Option<String> {
    let text = |key| globals::get(file, key).as_string().filter(|text| !text.is_empty());
    text("filename").or_else(|| Some([&text("key")?, "_", &text("nodeId")?, ".txt"].concat()))
}

fn texts(list: &[String]) -> Array {
    list.iter().map(|text| JsValue::from_str(text)).collect()
}

fn failure(error: NameError) -> ApiError {
    let failure = ApiError::bad_input(capitalised(&error.problem) + ".");
    match error.advice {
        Some(NameAdvice::Extension(real)) => failure.advise(
            "choose_extension",
            Some("extension"),
            &["End the name in `.", &real, "` or, in a pattern, `.{ext}`, or choose extension: \"content\"."].concat(),
        ),
        Some(NameAdvice::FolderAlone) => {
            failure.advise("separate_pattern", Some("pattern"), "Leave one of the two out.")
        }
        None => failure,
    }
}
