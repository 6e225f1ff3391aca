//! Checks the arguments of the functions of the entry for Node before they touch the disk or the server.

use js_sys::{Reflect, Symbol, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::files::kind::Kind;
use crate::text::nearest;
use crate::web::api::options::WriteFileOptions;
use crate::web::js::error::ApiError;
use crate::web::js::validate::{self, described};

/// A value in words, for messages.
#[wasm_bindgen]
pub fn describe(given: JsValue) -> String {
    described(&given).to_owned()
}

/// Checks the arguments of `writeFile`. Returns whether an existing file may be replaced.
#[wasm_bindgen(js_name = checkWrite)]
pub fn check_write(content: JsValue, options: JsValue) -> Result<bool, JsValue> {
    let overwrite = WriteFileOptions::read(options)?.overwrite;
    let iterator = Reflect::get(&content, &Symbol::async_iterator()).unwrap_or_default();
    if content.is_string() || content.is_instance_of::<Uint8Array>() || iterator.is_function() {
        return Ok(overwrite);
    }
    let advice = match described(&content) {
        "a promise" => "Put await before it.",
        "a Blob" => "Pass its stream().",
        "an object" | "a list" => "JSON.stringify(it, null, 2) makes text of it.",
        _ => "",
    };
    let message = format!(
        "The content of writeFile must be text, bytes (a Uint8Array) or a stream of bytes, not {}. {advice}",
        described(&content)
    );
    Err(ApiError::bad_input(message.trim_end()).into())
}

/// Refuses unknown kinds of files.
#[wasm_bindgen(js_name = checkKinds)]
pub fn check_kinds(words: Vec<String>) -> Result<(), JsValue> {
    let Some(word) = words.iter().find(|word| !Kind::is_word(word)) else { return Ok(()) };
    let names = Kind::ALL.map(Kind::name).join(", ");
    Err(ApiError::bad_input(format!("There are no files of the kind {word}. The kinds are {names}.")).into())
}

/// The name that a misspelt word meant; none where nothing is near.
#[wasm_bindgen]
pub fn nearest(word: String, names: Vec<String>) -> Option<String> {
    nearest::nearest(&word, names.iter().map(String::as_str)).map(str::to_owned)
}

/// The error of a value that is not a list of files of a run.
pub fn no_files(files: &JsValue) -> ApiError {
    let got = described(files);
    ApiError::bad_input(if got == "a promise" {
        "The files of saveFiles are a promise; put `await` before it, as in saveFiles(await run.fetchImages(), \"out\")."
            .to_owned()
    } else if validate::has(files, "fetchImages") {
        "saveFiles wants the files of a run, not the run: saveFiles(await run.fetchImages(), \"out\").".to_owned()
    } else if validate::has(files, "stream") {
        "saveFiles wants a list of files; put the one into a list: saveFiles([file], \"out\").".to_owned()
    } else {
        format!("saveFiles wants a list of files, such as await run.fetchImages(), not {got}.")
    })
}
