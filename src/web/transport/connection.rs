//! One WebSocket connection of JavaScript: made, listened to, closed.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{BinaryType, MessageEvent, WebSocket};

use crate::web::http::server::object_of;
use crate::web::js::globals;

/// The listeners of a connection. They are made once and serve one connection after the other.
pub struct Listeners {
    pub open: Closure<dyn Fn()>,
    pub message: Function,
    #[expect(dead_code, reason = "`message` calls it, so it must live as long")]
    pub repeat: Closure<dyn Fn(f64) -> bool>,
    #[expect(dead_code, reason = "`message` calls it, so it must live as long")]
    pub read: Closure<dyn Fn(MessageEvent) -> bool>,
    pub close: Closure<dyn Fn()>,
    pub error: Closure<dyn Fn()>,
}

/// How connections are made: the WebSocket class, and headers where it takes them. They may hold a key: never printed.
#[derive(Clone, PartialEq)]
pub struct Dialer {
    pub constructor: Option<Function>,
    pub headers: Vec<(String, String)>,
}

impl Dialer {
    /// A new connection, and whether it carries the headers.
    pub fn connect(&self, url: &str) -> Result<(WebSocket, bool), JsValue> {
        let constructor = self.constructor.as_ref().ok_or(JsValue::UNDEFINED)?;
        let url = JsValue::from_str(url);
        if self.headers.is_empty() {
            return Ok((Reflect::construct(constructor, &Array::of1(&url))?.unchecked_into(), true));
        }
        let options = Object::new();
        globals::set(&options, "headers", &object_of(&self.headers));
        // The WebSockets of Node, Deno, Bun and `ws` take options. A browser reads them as the name of a protocol and
        // throws.
        match Reflect::construct(constructor, &Array::of2(&url, &options)) {
            Ok(socket) => Ok((socket.unchecked_into(), true)),
            Err(_) => Ok((Reflect::construct(constructor, &Array::of1(&url))?.unchecked_into(), false)),
        }
    }
}

pub fn listen(socket: &WebSocket, listeners: &Listeners) {
    socket.set_binary_type(BinaryType::Arraybuffer);
    socket.set_onopen(Some(listeners.open.as_ref().unchecked_ref()));
    socket.set_onmessage(Some(&listeners.message));
    socket.set_onclose(Some(listeners.close.as_ref().unchecked_ref()));
    // A `close` follows each error. Some implementations throw errors that have no listener.
    socket.set_onerror(Some(listeners.error.as_ref().unchecked_ref()));
}

/// Removes the listeners of a closed connection, which may still report events.
pub fn unlisten(socket: &WebSocket) {
    let setters = [WebSocket::set_onopen, WebSocket::set_onmessage, WebSocket::set_onclose, WebSocket::set_onerror];
    setters.iter().for_each(|set| set(socket, None));
}

/// Removes the listeners of a connection and closes it. The promise resolves once it is closed.
pub fn close(socket: &WebSocket) -> Promise {
    socket.set_onopen(None);
    socket.set_onmessage(None);
    let closed = Promise::new(&mut |resolve, _| {
        socket.set_onclose(Some(&resolve));
        // A socket that is closed while it connects reports an error first; `ws` throws it unless there is a listener.
        socket.set_onerror(Some(&resolve));
    });
    let _ = socket.close();
    closed
}
