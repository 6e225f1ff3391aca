//! Functions and classes of `pkg-template/boundary.js`.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(raw_module = "./boundary.js")]
extern "C" {
    /// `ComfyError`.
    #[derive(Debug, Clone)]
    pub type ComfyError;

    #[wasm_bindgen(constructor)]
    pub fn new(code: &str, message: &str) -> ComfyError;
}

#[wasm_bindgen(raw_module = "./event-maker.js")]
extern "C" {
    /// Makes the events of one run; its fields are those of every event.
    #[derive(Debug)]
    pub type EventMaker;

    #[wasm_bindgen(constructor)]
    pub fn new(client_id: &str, prompt_id: &str, time_submitted: f64) -> EventMaker;

    #[wasm_bindgen(method)]
    pub fn text(this: &EventMaker, text: &JsValue, ts: f64, time_elapsed_s: f64, node_execution_time_s: f64)
    -> JsValue;

    #[wasm_bindgen(method)]
    pub fn frame(this: &EventMaker, raw: &JsValue, ts: f64, time_elapsed_s: f64, node_execution_time_s: f64)
    -> JsValue;

    #[wasm_bindgen(method)]
    pub fn progress(
        this: &EventMaker,
        value: f64,
        max: f64,
        prompt_id: &JsValue,
        node: &JsValue,
        ts: f64,
        time_elapsed_s: f64,
        node_execution_time_s: f64,
    ) -> JsValue;

    #[wasm_bindgen(method)]
    pub fn event(
        this: &EventMaker,
        kind: &str,
        data: &JsValue,
        raw: &JsValue,
        ts: f64,
        time_elapsed_s: f64,
        node_execution_time_s: f64,
    ) -> JsValue;

    #[wasm_bindgen(method, setter)]
    pub fn set_node_current(this: &EventMaker, id: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_node_title(this: &EventMaker, title: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_node_type(this: &EventMaker, class: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_nodes_total(this: &EventMaker, ids: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_nodes_completed(this: &EventMaker, ids: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_nodes_skipped(this: &EventMaker, ids: &JsValue);
    #[wasm_bindgen(method, setter)]
    pub fn set_nodes_done(this: &EventMaker, ids: &JsValue);
    #[wasm_bindgen(method, js_name = setSteps)]
    pub fn set_steps(this: &EventMaker, value: f64, max: f64, percent: f64, share: f64);
    #[wasm_bindgen(method, setter)]
    pub fn set_time_queued_s(this: &EventMaker, seconds: f64);

    /// The objects of successive `progress_state` frames of one prompt.
    #[derive(Debug)]
    pub type Snapshots;

    #[wasm_bindgen(constructor)]
    pub fn new() -> Snapshots;

    #[wasm_bindgen(method)]
    pub fn first(this: &Snapshots, text: &JsValue) -> JsValue;

    #[wasm_bindgen(method)]
    pub fn next(this: &Snapshots, prompt_id: &JsValue, changed: &str) -> JsValue;
}

#[wasm_bindgen(raw_module = "./boundary.js", js_namespace = boundary)]
extern "C" {
    #[wasm_bindgen(js_name = messageHandler)]
    pub fn message_handler(repeat: &JsValue, read: &JsValue) -> js_sys::Function;

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

    #[wasm_bindgen(js_name = inflate)]
    pub fn inflate(bytes: &js_sys::Uint8Array, limit: f64) -> js_sys::Promise;

    /// `JSON.parse` that keeps the digits of large integers.
    #[wasm_bindgen(js_name = parse, catch)]
    pub fn parse(text: &str) -> Result<JsValue, JsValue>;

    /// `JSON.stringify` that writes the digits that `parse` kept.
    #[wasm_bindgen(js_name = stringify, catch)]
    pub fn stringify(value: &JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_name = encode)]
    pub fn encode(text: &JsValue, bytes: &mut [u8]) -> i32;

    #[wasm_bindgen(js_name = readBody)]
    pub fn read_body(response: &web_sys::Response, on_progress: &JsValue) -> js_sys::Promise;

    #[wasm_bindgen(js_name = streamBody)]
    pub fn stream_body(response: &web_sys::Response, on_progress: &JsValue, signal: &JsValue) -> JsValue;

    /// The text; null where it has more bytes than the limit.
    #[wasm_bindgen(js_name = textOf)]
    pub fn text_of(response: &web_sys::Response, limit: f64) -> js_sys::Promise;

    /// An absolute URL as the platform writes it; empty where it is none.
    #[wasm_bindgen(js_name = resolveUrl)]
    pub fn resolve_url(url: &str, base: &str) -> String;

    #[wasm_bindgen(js_name = readText)]
    pub fn read_text(response: &web_sys::Response, take: &JsValue) -> js_sys::Promise;
}
