//! JSON across the boundary: JavaScript parses its own objects faster than we could build them.

use js_sys::JSON;
use wasm_bindgen::JsValue;

use super::boundary;
use crate::protocol::json;

/// What JSON text parses to; none where it is not JSON, even read leniently.
pub fn parse(text: &str) -> Option<JsValue> {
    JSON::parse(text).or_else(|_| JSON::parse(&json::without_nan(text))).ok()
}

/// The JSON text of a value; none where it has none (cycles, functions, BigInt).
pub fn text(value: &JsValue) -> Option<String> {
    string(&JSON::stringify(value).ok()?.into())
}

/// A string that may be long; none for what is no string.
pub fn string(value: &JsValue) -> Option<String> {
    if value.is_string() { String::from_utf8(boundary::utf8(value)).ok() } else { None }
}
