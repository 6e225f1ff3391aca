//! Timers and waiting with a time limit.

use gloo_timers::callback::Timeout;
use js_sys::{Array, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// Sets a timer; dropping it clears it.
pub fn after(ms: f64, call: impl FnOnce() + 'static) -> Timeout {
    // Longer timeouts fire at once.
    Timeout::new(ms.clamp(0.0, f64::from(i32::MAX)).ceil() as u32, call)
}

/// Waits until a promise settles, but at most so many milliseconds. No timer is left then.
pub async fn at_most(ms: f64, promise: &Promise) {
    let mut timer = None;
    let limit = Promise::new(&mut |resolve, _| {
        timer = Some(after(ms, move || drop(resolve.call0(&JsValue::UNDEFINED))));
    });
    let _ = JsFuture::from(Promise::race(&Array::of2(promise, &limit))).await;
    drop(timer);
}

/// Waits so many milliseconds.
pub async fn pause(ms: f64) {
    at_most(ms, &Promise::new(&mut |_, _| {})).await;
}
