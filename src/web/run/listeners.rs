//! Who receives the events of a run.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::JsValue;

use crate::web::js::boundary;
use crate::web::js::error::ApiError;

pub trait Listener {
    fn event(&self, event: &JsValue);
    /// The last call. `failure`: why the run ended without a terminal event.
    fn end(&self, failure: Option<&ApiError>);
}

/// The listeners of a run. One that is removed while an event is handed out may still get that event.
#[derive(Default)]
pub struct Listeners(RefCell<Rc<Vec<Rc<dyn Listener>>>>);

impl Listeners {
    pub fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }

    pub fn add(&self, listener: Rc<dyn Listener>) {
        Rc::make_mut(&mut self.0.borrow_mut()).push(listener);
    }

    pub fn remove(&self, listener: &Rc<dyn Listener>) {
        Rc::make_mut(&mut self.0.borrow_mut()).retain(|other| !Rc::ptr_eq(other, listener));
    }

    pub fn clear(&self) {
        self.0.take();
    }

    pub fn send(&self, event: &JsValue) {
        // A listener may add or remove others.
        let listeners = self.0.borrow().clone();
        listeners.iter().for_each(|listener| listener.event(event));
    }

    /// Ends all listeners and removes them.
    pub fn end(&self, failure: Option<&ApiError>) {
        self.0.take().iter().for_each(|listener| listener.end(failure));
    }
}

/// A callback of the caller. What it throws is reported, and the run goes on.
pub struct Callback(pub Function);

impl Listener for Callback {
    fn event(&self, event: &JsValue) {
        boundary::notify(&self.0, event);
    }

    fn end(&self, _: Option<&ApiError>) {}
}
