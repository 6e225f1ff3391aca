//! Checks of arguments, and how a wrong value is named in messages.

use js_sys::{Array, ArrayBuffer, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use crate::web::js::error::ApiError;
use crate::web::js::globals;

/// Why a value cannot be written as JSON, for messages.
pub const UNWRITABLE: &str = "cannot be written as JSON: it has a cycle or a BigInt. Numbers above 2^53, such as large \
                              seeds, are kept exactly in a JSON text, which is taken in place of the object";

/// Refuses a promise. Its JSON is `{}`, which would hide a forgotten `await`. `wanted` is a sentence.
pub fn settled(given: &JsValue, wanted: &str) -> Result<(), ApiError> {
    if given.is_object() && is_promise(given) {
        return Err(ApiError::bad_input([wanted, " It is a promise; put `await` before it."].concat()));
    }
    Ok(())
}

/// Also refuses instances of platform classes: bytes, a `Response`, a `Map`. The JSON of most is `{}`.
pub fn plain(given: &JsValue, wanted: &str) -> Result<(), ApiError> {
    settled(given, wanted)?;
    if given.is_object()
        && let Ok(class) = Reflect::get(given, js_sys::Symbol::to_string_tag().unchecked_ref())
        && let Some(class) = class.as_string()
    {
        return Err(ApiError::bad_input([wanted, " It got an object of the class ", &class, "."].concat()));
    }
    Ok(())
}

/// A value in words, for messages.
pub fn described(value: &JsValue) -> &'static str {
    if value.is_undefined() {
        "undefined"
    } else if value.is_null() {
        "null"
    } else if value.is_string() {
        "a string"
    } else if value.as_f64().is_some() {
        "a number"
    } else if value.as_bool().is_some() {
        "true or false"
    } else if value.is_function() {
        "a function"
    } else if Array::is_array(value) {
        "a list"
    } else if is_promise(value) {
        "a promise"
    } else if is_bytes(value) {
        "bytes"
    } else if value.is_instance_of::<Blob>() {
        "a Blob"
    } else {
        "an object"
    }
}

/// Whether the value is a promise: an `await` was forgotten.
pub fn is_promise(value: &JsValue) -> bool {
    has(value, "then")
}

/// Whether it has a method of this name.
pub fn has(value: &JsValue, method: &str) -> bool {
    globals::get(value, method).is_function()
}

/// Whether it is bytes, however they are held.
pub fn is_bytes(value: &JsValue) -> bool {
    value.is_instance_of::<ArrayBuffer>() || ArrayBuffer::is_view(value.unchecked_ref::<Object>())
}

/// The error of `new` on a class whose instances come from functions.
pub fn not_new(class: &str, ways: &str) -> JsValue {
    ApiError::bad_input([class, " is not made with new: ", ways, "."].concat()).into()
}
