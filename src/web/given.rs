//! Arguments that are something else than they look like, which their JSON would hide.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};

use super::error::Failure;
use super::globals;

/// What is said of a value that cannot be written as JSON.
pub const UNWRITABLE: &str = "cannot be written as JSON: it has a cycle or a BigInt. Numbers above 2^53, such as large \
                              seeds, are kept exactly in a JSON text, which is taken in place of the object";

/// Refuses a promise: its JSON is `{}`, and nobody would learn that an `await` was forgotten. `wanted` is a sentence.
pub fn settled(given: &JsValue, wanted: &str) -> Result<(), Failure> {
    if given.is_object() && globals::get(given, "then").is_function() {
        return Err(Failure::bad_input([wanted, " It is a promise; put `await` before it."].concat()));
    }
    Ok(())
}

/// Refuses all that has a class of the platform's own, too: bytes, a `Response`, a `Map`. The JSON of most is `{}`.
pub fn plain(given: &JsValue, wanted: &str) -> Result<(), Failure> {
    settled(given, wanted)?;
    if given.is_object()
        && let Ok(class) = Reflect::get(given, js_sys::Symbol::to_string_tag().unchecked_ref())
        && let Some(class) = class.as_string()
    {
        return Err(Failure::bad_input([wanted, " It got an object of the class ", &class, "."].concat()));
    }
    Ok(())
}
