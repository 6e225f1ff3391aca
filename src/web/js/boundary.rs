//! What JavaScript makes for us: see `pkg-template/boundary.js`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "./boundary.js")]
extern "C" {
    /// `ComfyError`.
    #[derive(Debug, Clone)]
    pub type ComfyError;

    #[wasm_bindgen(constructor)]
    pub fn new(code: &str, message: &str) -> ComfyError;
}

#[wasm_bindgen(raw_module = "./boundary.js", js_namespace = boundary)]
extern "C" {
    #[wasm_bindgen(js_name = frameEvent)]
    #[allow(clippy::too_many_arguments)]
    pub fn frame_event(
        frame: &JsValue,
        ts: f64,
        run: &JsValue,
        current: &JsValue,
        nodes_total: &JsValue,
        nodes_completed: &JsValue,
        nodes_skipped: &JsValue,
        nodes_done: &JsValue,
        node_progress: f64,
        node_progress_value: f64,
        node_progress_max: f64,
        nodes_progress: f64,
        time_queued_s: f64,
        time_elapsed_s: f64,
        node_execution_time_s: f64,
    ) -> JsValue;

    #[wasm_bindgen(js_name = event)]
    #[allow(clippy::too_many_arguments)]
    pub fn event(
        kind: &str,
        data: &JsValue,
        raw: &JsValue,
        ts: f64,
        run: &JsValue,
        current: &JsValue,
        nodes_total: &JsValue,
        nodes_completed: &JsValue,
        nodes_skipped: &JsValue,
        nodes_done: &JsValue,
        node_progress: f64,
        node_progress_value: f64,
        node_progress_max: f64,
        nodes_progress: f64,
        time_queued_s: f64,
        time_elapsed_s: f64,
        node_execution_time_s: f64,
    ) -> JsValue;

    #[wasm_bindgen(js_name = dataOf)]
    pub fn data_of(raw: &JsValue) -> JsValue;

    #[wasm_bindgen(js_name = extendList)]
    pub fn extend_list(list: &JsValue, more: &js_sys::Array) -> JsValue;

    #[wasm_bindgen(js_name = notify)]
    pub fn notify(callback: &js_sys::Function, event: &JsValue);

    #[wasm_bindgen(js_name = advise)]
    pub fn advise(error: &ComfyError, advice: &str, option: Option<&str>, sentence: &str) -> ComfyError;

    #[wasm_bindgen(js_name = report)]
    pub fn report(error: &JsValue);

    #[wasm_bindgen(js_name = image)]
    pub fn image(buffer: &js_sys::ArrayBuffer, start: u32, kind: &str) -> JsValue;

    #[wasm_bindgen(js_name = objectUrl)]
    pub fn object_url(blob: &web_sys::Blob) -> String;

    #[wasm_bindgen(js_name = assignOwn)]
    pub fn assign_own(target: &js_sys::Object, source: &JsValue);

    #[wasm_bindgen(js_name = getOwn)]
    pub fn get_own(source: &JsValue, key: &str) -> JsValue;

    #[wasm_bindgen(js_name = setOwn)]
    pub fn set_own(target: &js_sys::Object, key: &str, value: &JsValue);

    #[wasm_bindgen(js_name = asyncIterator)]
    pub fn async_iterator(next: &JsValue, stop: &JsValue) -> JsValue;

    #[wasm_bindgen(js_name = inflate)]
    pub fn inflate(bytes: &js_sys::Uint8Array, limit: f64) -> js_sys::Promise;

    #[wasm_bindgen(js_name = encode)]
    pub fn encode(text: &JsValue, bytes: &mut [u8]) -> i32;

    #[wasm_bindgen(js_name = readBody)]
    pub fn read_body(response: &web_sys::Response, on_progress: &JsValue) -> js_sys::Promise;

    #[wasm_bindgen(js_name = streamBody)]
    pub fn stream_body(response: &web_sys::Response, on_progress: &JsValue, signal: &JsValue) -> JsValue;

    #[wasm_bindgen(js_name = readText)]
    pub fn read_text(response: &web_sys::Response, take: &JsValue) -> js_sys::Promise;
}
