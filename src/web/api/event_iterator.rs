//! `Submission.events()`: the events of a run as an async iterator.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;

use crate::web::js::abort::AbortListener;
use crate::web::js::boundary;
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::time;
use crate::web::run::driver::Driver;
use crate::web::run::listeners::Listener;

/// Events that wait to be taken, and takers that wait for events.
#[derive(Default)]
pub struct EventStream {
    events: RefCell<VecDeque<JsValue>>,
    takers: RefCell<VecDeque<Function>>,
    ended: Cell<bool>,
    /// What the next taker is rejected with: an abort's reason, a timeout.
    failure: RefCell<Option<JsValue>>,
    abort: RefCell<Option<AbortListener>>,
    timeout: RefCell<Option<Timeout>>,
}

impl EventStream {
    /// An async iterator over the events of a run from here on. Aborting cancels the run, a timeout ends the listening;
    /// both reject the iteration at once.
    pub fn open(driver: &Rc<Driver>, signal: Option<JsValue>, wait_timeout: Option<f64>) -> JsValue {
        let stream = Rc::new(EventStream::default());
        driver.follow();
        driver.listen(stream.clone());
        if !stream.ended.get() {
            let me = Rc::downgrade(&stream);
            let (aborting, waiting) = (driver.clone(), driver.clone());
            *stream.timeout.borrow_mut() = wait_timeout.map(|wait| {
                let me = me.clone();
                time::after(wait, move || {
                    if let Some(stream) = me.upgrade() {
                        stream.fail(waiting.run_ref().timed_out().into());
                        stream.leave(&waiting);
                    }
                })
            });
            *stream.abort.borrow_mut() = signal.map(|signal| {
                AbortListener::new(&signal, move |reason| {
                    if let Some(stream) = me.upgrade() {
                        stream.fail(reason);
                        stream.unlisten(&aborting);
                        aborting.cancel();
                        stream.end(None);
                    }
                })
            });
        }
        let next = {
            let stream = stream.clone();
            Closure::<dyn Fn() -> Promise>::new(move || stream.next())
        };
        let driver = driver.clone();
        let stop = Closure::<dyn Fn() -> Promise>::new(move || {
            stream.events.borrow_mut().clear();
            stream.leave(&driver);
            Promise::resolve(&result(None))
        });
        // Freed by the garbage collector together with the iterator.
        boundary::async_iterator(&next.into_js_value(), &stop.into_js_value())
    }

    fn next(&self) -> Promise {
        if let Some(event) = self.events.borrow_mut().pop_front() {
            return Promise::resolve(&result(Some(&event)));
        }
        if let Some(failure) = self.failure.borrow_mut().take() {
            return Promise::reject(&failure);
        }
        if self.ended.get() {
            return Promise::resolve(&result(None));
        }
        Promise::new(&mut |resolve, _| self.takers.borrow_mut().push_back(resolve))
    }

    /// The listening ends with a failure: what has not been taken is not told any more.
    fn fail(&self, failure: JsValue) {
        self.events.borrow_mut().clear();
        self.reject(failure);
    }

    fn reject(&self, failure: JsValue) {
        let taker = self.takers.borrow_mut().pop_front();
        match taker {
            Some(taker) => drop(taker.call1(&JsValue::UNDEFINED, &Promise::reject(&failure))),
            None => *self.failure.borrow_mut() = Some(failure),
        }
    }

    fn leave(self: &Rc<Self>, driver: &Rc<Driver>) {
        if !self.ended.get() {
            self.unlisten(driver);
            driver.unfollow();
            self.end(None);
        }
    }

    fn unlisten(self: &Rc<Self>, driver: &Rc<Driver>) {
        let listener: Rc<dyn Listener> = self.clone();
        driver.unlisten(&listener);
    }
}

impl Listener for EventStream {
    fn event(&self, event: &JsValue) {
        let taker = self.takers.borrow_mut().pop_front();
        match taker {
            Some(taker) => drop(taker.call1(&JsValue::UNDEFINED, &result(Some(event)))),
            None => self.events.borrow_mut().push_back(event.clone()),
        }
    }

    fn end(&self, failure: Option<&ApiError>) {
        if let Some(failure) = failure {
            self.reject(failure.clone().into());
        }
        self.ended.set(true);
        self.abort.take();
        self.timeout.take();
        for taker in self.takers.take() {
            let _ = taker.call1(&JsValue::UNDEFINED, &result(None));
        }
    }
}

fn result(event: Option<&JsValue>) -> JsValue {
    let result = Object::new();
    globals::set(&result, "done", &JsValue::from_bool(event.is_none()));
    globals::set(&result, "value", event.unwrap_or(&JsValue::UNDEFINED));
    result.into()
}
