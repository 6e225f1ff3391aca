//! JSON across the boundary: JavaScript parses JSON faster than objects can be built from the wasm. Integers beyond
//! 2^53 keep their digits from `parse` to `text`, as long as their values stay what they are.

use wasm_bindgen::JsValue;

use crate::protocol::json;
use crate::web::js::boundary;

/// What JSON text parses to; none where it is not JSON, even read leniently.
pub fn parse(text: &str) -> Option<JsValue> {
    boundary::parse(text).or_else(|_| boundary::parse(&json::without_nan(text))).ok()
}

/// The JSON text of a value; none where it has none (cycles, functions, BigInt).
pub fn text(value: &JsValue) -> Option<String> {
    string(&boundary::stringify(value).ok()?)
}

/// A string that may be long; `None` for a value that is not a string.
pub fn string(value: &JsValue) -> Option<String> {
    let mut bytes = Vec::new();
    let length = encode(value, &mut bytes)?;
    bytes.truncate(length);
    String::from_utf8(bytes).ok()
}

/// Writes a string into a buffer, which grows as needed. Returns the length in bytes; `None` for a value that is not a
/// string.
pub fn encode(value: &JsValue, bytes: &mut Vec<u8>) -> Option<usize> {
    let mut result = boundary::encode(value, bytes);
    // Mostly ASCII: then it takes no more bytes than letters.
    for bytes_a_letter in [1, 3] {
        if result >= 0 || result == i32::MIN {
            break;
        }
        // Not `resize`, which fills byte by byte.
        *bytes = vec![0; result.unsigned_abs() as usize * bytes_a_letter];
        result = boundary::encode(value, bytes);
    }
    usize::try_from(result).ok()
}
