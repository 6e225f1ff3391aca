//! `AbortSignal`: settling at once, and a listener that is gone with its owner.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use crate::web::js::promise::{Work, promise};

/// Calls back once when a signal is aborted; dropping it removes the listener.
pub struct AbortListener {
    signal: AbortSignal,
    listener: Closure<dyn FnMut()>,
}

impl AbortListener {
    /// Listens to a signal.
    pub fn new(signal: &JsValue, mut call: impl FnMut(JsValue) + 'static) -> AbortListener {
        let signal: AbortSignal = signal.clone().unchecked_into();
        let same = signal.clone();
        let listener = Closure::new(move || call(same.reason()));
        let _ = signal.add_event_listener_with_callback("abort", listener.as_ref().unchecked_ref());
        AbortListener { signal, listener }
    }
}

impl Drop for AbortListener {
    fn drop(&mut self) {
        let listener: &Function = self.listener.as_ref().unchecked_ref();
        let _ = self.signal.remove_event_listener_with_callback("abort", listener);
    }
}

/// The reason of a signal that is aborted already.
pub fn aborted(signal: Option<&JsValue>) -> Option<JsValue> {
    let signal: &AbortSignal = signal?.unchecked_ref();
    signal.aborted().then(|| signal.reason())
}

/// Runs `work` until it settles or the signal is aborted: then the result is the signal's reason at once, `on_abort` is
/// called, and `work` goes on in the background to clean up after itself. With a signal that is already aborted nothing
/// begins.
pub async fn abortable(
    signal: Option<JsValue>,
    on_abort: impl Fn() + 'static,
    work: impl Future<Output = Result<JsValue, JsValue>> + 'static,
) -> Result<JsValue, JsValue> {
    race(signal, Box::new(on_abort), Box::pin(work)).await
}

async fn race(signal: Option<JsValue>, on_abort: Box<dyn Fn()>, work: Work) -> Result<JsValue, JsValue> {
    let Some(signal) = signal else { return work.await };
    if let Some(reason) = aborted(Some(&signal)) {
        return Err(reason);
    }
    let mut reject = JsValue::UNDEFINED;
    let abort = Promise::new(&mut |_, rejecting| reject = rejecting.into());
    let listener = AbortListener::new(&signal, move |reason| {
        on_abort();
        let _ = reject.unchecked_ref::<Function>().call1(&JsValue::UNDEFINED, &reason);
    });
    let settled = JsFuture::from(Promise::race(&Array::of2(&promise(work), &abort))).await;
    drop(listener);
    settled
}
