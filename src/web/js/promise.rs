//! Futures that run on JavaScript's microtask queue. They are boxed, so that `wasm-bindgen-futures` is compiled for one
//! type and not for each future.

use std::pin::Pin;

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{future_to_promise, spawn_local};

/// The work of a call.
pub type Work = Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>;

/// Starts a call; the promise settles with it.
pub fn promise(work: impl Future<Output = Result<JsValue, JsValue>> + 'static) -> Promise {
    settling(Box::pin(work))
}

fn settling(work: Work) -> Promise {
    future_to_promise(work)
}

/// Starts work in the background.
pub fn spawn(work: impl Future<Output = ()> + 'static) {
    begin(Box::pin(work));
}

fn begin(work: Pin<Box<dyn Future<Output = ()>>>) {
    spawn_local(work);
}
