//! Everything that the socket of a client id brings, for `ComfyClient.listen` (server-events.js).

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use crate::protocol::binary::BinaryFrame;
use crate::protocol::dialect::Dialect;
use crate::session::run::input::Input;
use crate::web::http::server::Server;
use crate::web::js::boundary;
use crate::web::run::events::{preview_data, progress_text_data};
use crate::web::transport::link::{Receiver, RunLink, Transport};
use crate::web::transport::message::Message;
use crate::web::transport::shared_socket::SharedSocket;

/// A listener of a socket; runs with the same client id share the socket.
#[wasm_bindgen]
pub struct ServerWatch {
    socket: Rc<SharedSocket>,
    link: RefCell<Option<RunLink>>,
}

/// Calls `on(kind, data, raw)`: `"open"`, `"closed"`, `"impossible"` with a reason, `"text"` with the text of a frame,
/// `"preview"` and `"progress_text"` with the data of their events.
struct Watcher(Function);

impl ServerWatch {
    /// Does not open the socket yet.
    pub fn new(server: &Rc<Server>, client_id: &str, web_socket: Option<Function>, on: Function) -> ServerWatch {
        let (url, headers) = (server.socket(client_id), server.socket_headers());
        let socket = SharedSocket::of(&url, web_socket, headers, server.max_response_bytes);
        let link = RunLink(Rc::new(Watcher(on)));
        if server.dialect != Dialect::V2 {
            socket.watch(&link);
        }
        ServerWatch { socket, link: RefCell::new(Some(link)) }
    }

    fn with(&self, act: impl Fn(&RunLink)) {
        let link = self.link.borrow().clone();
        link.iter().for_each(act);
    }
}

#[wasm_bindgen]
impl ServerWatch {
    /// Opens the socket, where it is not open.
    pub fn open(&self) {
        self.with(|link| self.socket.open(link));
    }

    /// Closes the socket and opens it again.
    pub fn replace(&self) {
        self.with(|link| self.socket.replace(link));
    }

    /// Stops listening.
    pub fn stop(&self) {
        if let Some(link) = self.link.take() {
            self.socket.leave(&link);
        }
    }
}

impl Watcher {
    fn call(&self, kind: &str, data: &JsValue, raw: &JsValue) {
        let _ = self.0.call3(&JsValue::UNDEFINED, &JsValue::from_str(kind), data, raw);
    }
}

impl Receiver for Watcher {
    fn receive(&self, input: Input<Message>) {
        const NONE: &JsValue = &JsValue::UNDEFINED;
        match input {
            Input::SocketOpened => self.call("open", NONE, NONE),
            Input::SocketClosed => self.call("closed", NONE, NONE),
            Input::SocketImpossible(reason) => self.call("impossible", &JsValue::from_str(reason), NONE),
            Input::Frame(_, Message::Text(text)) => self.call("text", &text, NONE),
            Input::Binary(BinaryFrame::Preview(preview), Message::Binary(buffer)) => {
                let image = boundary::image(&buffer, preview.image as u32, preview.mime_type);
                let node = preview.metadata.as_ref().and_then(|metadata| metadata.node_id.as_deref());
                let (data, raw) = preview_data(preview, node, &image);
                self.call("preview", &data, &raw);
            }
            Input::Binary(BinaryFrame::ProgressText { node_id, text }, _) => {
                self.call("progress_text", &progress_text_data(node_id, text), &JsValue::NULL);
            }
            _ => {}
        }
    }
}
