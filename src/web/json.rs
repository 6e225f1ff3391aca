//! JSON across the boundary: JavaScript parses its own objects faster than we could build them.

use js_sys::{JSON, JsString};
use wasm_bindgen::{JsCast, JsValue};

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
    let length = value.dyn_ref::<JsString>()?.length() as usize;
    // Mostly ASCII: then it takes no more bytes than letters.
    for room in [length, 3 * length] {
        let mut bytes = vec![0; room];
        if let Ok(written) = usize::try_from(boundary::encode(value, &mut bytes)) {
            bytes.truncate(written);
            return String::from_utf8(bytes).ok();
        }
    }
    None
}
