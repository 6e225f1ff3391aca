//! What `Submission.events()` listens with: the async generator itself is JavaScript (`event-stream.js`).

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::Function;
use wasm_bindgen::prelude::*;

use crate::web::js::abort::AbortListener;
use crate::web::js::error::ApiError;
use crate::web::js::time;
use crate::web::run::driver::Driver;
use crate::web::run::listeners::Listener;

/// Hands events to a function, and calls another once when there are no more: with the failure, if any, and whether the
/// caller gave up (abort, timeout).
struct EventListener {
    on_event: Function,
    on_end: Function,
    has_ended: Cell<bool>,
    abort: RefCell<Option<AbortListener>>,
    timeout: RefCell<Option<Timeout>>,
}

/// Listens to a run from here on, and gives the function that stops it. Aborting cancels the run, a timeout ends the
/// listening alone.
pub fn listen(
    driver: &Rc<Driver>,
    on_event: Function,
    on_end: Function,
    signal: Option<JsValue>,
    wait_timeout: Option<f64>,
) -> JsValue {
    let listener = Rc::new(EventListener {
        on_event,
        on_end,
        has_ended: Cell::new(false),
        abort: RefCell::default(),
        timeout: RefCell::default(),
    });
    driver.follow();
    driver.listen(listener.clone());
    if !listener.has_ended.get() {
        let (me, waiting) = (Rc::downgrade(&listener), driver.clone());
        *listener.timeout.borrow_mut() = wait_timeout.map(|wait| {
            let me = me.clone();
            time::after(wait, move || {
                if let Some(listener) = me.upgrade() {
                    listener.leave(&waiting);
                    listener.finish(&waiting.run_ref().timed_out().into(), true);
                }
            })
        });
        let aborting = driver.clone();
        *listener.abort.borrow_mut() = signal.map(|signal| {
            AbortListener::new(&signal, move |reason| {
                if let Some(listener) = me.upgrade() {
                    listener.unlisten(&aborting);
                    aborting.cancel();
                    listener.finish(&reason, true);
                }
            })
        });
    }
    let driver = driver.clone();
    // Freed by the garbage collector together with the generator.
    Closure::<dyn Fn()>::new(move || listener.leave(&driver)).into_js_value()
}

impl EventListener {
    /// Stops listening, unless that is over.
    fn leave(self: &Rc<Self>, driver: &Rc<Driver>) {
        if !self.has_ended.replace(true) {
            self.unlisten(driver);
            driver.unfollow();
            self.abort.take();
            self.timeout.take();
        }
    }

    fn unlisten(self: &Rc<Self>, driver: &Rc<Driver>) {
        let listener: Rc<dyn Listener> = self.clone();
        driver.unlisten(&listener);
    }

    fn finish(&self, failure: &JsValue, gave_up: bool) {
        self.has_ended.set(true);
        self.abort.take();
        self.timeout.take();
        let _ = self.on_end.call2(&JsValue::UNDEFINED, failure, &JsValue::from_bool(gave_up));
    }
}

impl Listener for EventListener {
    fn event(&self, event: &JsValue) {
        let _ = self.on_event.call1(&JsValue::UNDEFINED, event);
    }

    fn end(&self, failure: Option<&ApiError>) {
        self.finish(&failure.map_or(JsValue::UNDEFINED, |failure| failure.clone().into()), false);
    }
}
