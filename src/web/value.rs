//! What a caller passed where something else was wanted.

use js_sys::{Array, ArrayBuffer, Object};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use super::globals;

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

/// Whether somebody forgot an await.
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
