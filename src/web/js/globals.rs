//! The few globals that a run needs, taken from the global object so that pages, workers, extensions and Node all have
//! them: never `window`.

use js_sys::{Function, Object, Reflect};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Date, js_name = now)]
    pub fn now() -> f64;

    #[wasm_bindgen(js_namespace = crypto, js_name = getRandomValues, catch)]
    fn get_random_values(bytes: &js_sys::Uint8Array) -> Result<JsValue, JsValue>;
}

/// A property of an object; undefined where there is none or reading it throws.
pub fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(key)).unwrap_or(JsValue::UNDEFINED)
}

/// Sets a property of a plain object that was made here.
pub fn set(object: &Object, key: &str, value: &JsValue) {
    // Cannot fail on a plain object.
    let _ = Reflect::set(object, &JsValue::from_str(key), value);
}

/// A global by its name.
pub fn global(name: &str) -> JsValue {
    get(&js_sys::global(), name)
}

/// The global `fetch`, if this runtime has one.
pub fn fetch() -> Option<Function> {
    global("fetch").dyn_into().ok()
}

/// The global `WebSocket`, if this runtime has one.
pub fn web_socket() -> Option<Function> {
    global("WebSocket").dyn_into().ok()
}

/// A variable of the process's environment, where there is a process.
pub fn environment(name: &str) -> Option<String> {
    get(&get(&global("process"), "env"), name).as_string().filter(|value| !value.is_empty())
}

/// The origin of the page or worker, where there is one.
pub fn origin() -> Option<String> {
    get(&global("location"), "origin").as_string().filter(|origin| origin != "null")
}

/// Sixteen random bytes. `crypto.randomUUID` is missing on pages that a LAN address serves without TLS.
fn random_bytes() -> [u8; 16] {
    let mut bytes = [0; 16];
    let array = js_sys::Uint8Array::new_with_length(16);
    if get_random_values(&array).is_ok() {
        array.copy_to(&mut bytes);
    } else {
        bytes.fill_with(|| (js_sys::Math::random() * 256.0) as u8);
    }
    bytes
}

/// A random number for jitter.
pub fn random_seed() -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = random_bytes();
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// A random UUID (version 4) in lower case, as new servers want it.
pub fn uuid() -> String {
    let mut bytes = random_bytes();
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
        }
    }
    text
}
