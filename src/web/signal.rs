//! `AbortSignal`: settling at once, and a listener that is gone with its owner.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::AbortSignal;

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

/// Whether a call was aborted while it went on.
#[derive(Debug, Clone, Default)]
pub struct Aborted(Rc<RefCell<Option<JsValue>>>);

impl Aborted {
    /// The signal's reason, once it is aborted.
    pub fn reason(&self) -> Option<JsValue> {
        self.0.borrow().clone()
    }
}

/// The reason of a signal that is aborted already.
pub fn aborted(signal: Option<&JsValue>) -> Option<JsValue> {
    let signal: &AbortSignal = signal?.unchecked_ref();
    signal.aborted().then(|| signal.reason())
}

/// Runs `work` until it settles or the signal is aborted: then the result is the signal's reason at once, `on_abort` is
/// called, and `work` goes on in the background to clean up after itself, told by [`Aborted`]. A signal that is aborted
/// from the start lets nothing begin.
pub async fn abortable<F>(
    signal: Option<JsValue>,
    on_abort: impl Fn() + 'static,
    work: impl FnOnce(Aborted) -> F,
) -> Result<JsValue, JsValue>
where
    F: Future<Output = Result<JsValue, JsValue>> + 'static,
{
    let Some(signal) = signal else { return work(Aborted::default()).await };
    if let Some(reason) = aborted(Some(&signal)) {
        return Err(reason);
    }
    let aborted = Aborted::default();
    let mut listener = None;
    let abort = Promise::new(&mut |_, reject| {
        // The executor runs once, before `new` returns; it is FnMut for the binding's sake.
        let aborted = aborted.clone();
        listener = Some((reject, aborted));
    });
    let listener = listener.map(|(reject, aborted)| {
        AbortListener::new(&signal, move |reason| {
            *aborted.0.borrow_mut() = Some(reason.clone());
            on_abort();
            let _ = reject.call1(&JsValue::UNDEFINED, &reason);
        })
    });
    let work = future_to_promise(work(aborted));
    let settled = JsFuture::from(Promise::race(&Array::of2(&work, &abort))).await;
    drop(listener);
    settled
}
