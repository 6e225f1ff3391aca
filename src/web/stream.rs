//! `Submission.events()`: the events of a run as an async iterator.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::driver::{Driver, Listener, Outcome};
use super::signal::abortable;
use super::{boundary, globals};

/// Events that wait to be taken, and takers that wait for events.
#[derive(Default)]
pub struct EventStream {
    events: RefCell<VecDeque<JsValue>>,
    takers: RefCell<VecDeque<Function>>,
    ended: Cell<bool>,
}

impl EventStream {
    /// An async iterator over the events of a run from here on.
    pub fn open(driver: Rc<Driver>, signal: Option<JsValue>) -> JsValue {
        let stream = Rc::new(EventStream::default());
        let listener: Rc<dyn Listener> = stream.clone();
        driver.follow();
        driver.listen(listener.clone());
        if let Some(signal) = signal {
            end_with_signal(&driver, signal);
        }
        let next = {
            let stream = stream.clone();
            Closure::<dyn Fn() -> Promise>::new(move || stream.next())
        };
        let stop = Closure::<dyn Fn() -> Promise>::new(move || {
            if !stream.ended.get() {
                driver.unlisten(&listener);
                driver.unfollow();
                stream.end();
            }
            stream.events.borrow_mut().clear();
            Promise::resolve(&result(None))
        });
        // Freed by the garbage collector together with the iterator.
        boundary::async_iterator(&next.into_js_value(), &stop.into_js_value())
    }

    fn next(&self) -> Promise {
        if let Some(event) = self.events.borrow_mut().pop_front() {
            return Promise::resolve(&result(Some(&event)));
        }
        if self.ended.get() {
            return Promise::resolve(&result(None));
        }
        Promise::new(&mut |resolve, _| self.takers.borrow_mut().push_back(resolve))
    }
}

impl Listener for EventStream {
    fn event(&self, event: &JsValue) {
        match self.takers.borrow_mut().pop_front() {
            Some(taker) => drop(taker.call1(&JsValue::UNDEFINED, &result(Some(event)))),
            None => self.events.borrow_mut().push_back(event.clone()),
        }
    }

    fn end(&self) {
        self.ended.set(true);
        for taker in self.takers.take() {
            let _ = taker.call1(&JsValue::UNDEFINED, &result(None));
        }
    }
}

/// Aborting ends the run, and with it the iteration.
fn end_with_signal(driver: &Rc<Driver>, signal: JsValue) {
    let (aborting, over) = (driver.clone(), driver.clone());
    let abort = move |reason: &JsValue| aborting.cancel(Outcome::Aborted(reason.clone()));
    spawn_local(async move {
        let work = |_| async move {
            let over =
                Promise::new(&mut |resolve, _| over.when_over(move |_| drop(resolve.call0(&JsValue::UNDEFINED))));
            wasm_bindgen_futures::JsFuture::from(over).await
        };
        let _ = abortable(Some(signal), abort, work).await;
    });
}

fn result(event: Option<&JsValue>) -> JsValue {
    let result = Object::new();
    globals::set(&result, "done", &JsValue::from_bool(event.is_none()));
    globals::set(&result, "value", event.unwrap_or(&JsValue::UNDEFINED));
    result.into()
}
