//! The other module of the package, the converter, as the client uses it: see `conversion` and `file_reader`. Only
//! JavaScript values cross between the two.

use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(raw_module = "./modules.js", js_namespace = modules)]
extern "C" {
    /// Loads the converter where it is not there yet.
    #[wasm_bindgen(js_name = converter)]
    fn loading() -> Promise;
}

#[wasm_bindgen]
extern "C" {
    /// What the converter exports.
    pub type Converter;

    /// Makes the prompt of a workflow: `{ prompt, warnings, dropped, chosen }`.
    #[wasm_bindgen(method, catch)]
    pub fn convert(
        this: &Converter,
        workflow: &JsValue,
        object_info: &JsValue,
        options: &Object,
    ) -> Result<JsValue, JsValue>;

    /// The class `ObjectInfo`.
    #[wasm_bindgen(method, getter, js_name = ObjectInfo)]
    pub fn object_info(this: &Converter) -> JsValue;

    /// Reads what a Blob or bytes carry: `{ format, workflow, prompt }`.
    #[wasm_bindgen(method, js_name = readFile)]
    pub fn read_file(this: &Converter, file: &JsValue) -> Promise;
}

/// Loads the converter; it begins at the call.
pub fn load() -> impl Future<Output = Result<Converter, JsValue>> {
    let loading = JsFuture::from(loading());
    async move { Ok(loading.await?.unchecked_into()) }
}
