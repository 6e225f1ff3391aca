//! Everything that the socket of a client id brings, for `ComfyClient.listen` (server-events.js).

use std::rc::Rc;

use js_sys::Function;
use wasm_bindgen::prelude::*;

use crate::protocol::binary::BinaryFrame;
use crate::session::run::input::Input;
use crate::web::http::server::Server;
use crate::web::js::boundary;
use crate::web::run::events::{preview_data, progress_text_data};
use crate::web::transport::link::{Receiver, RunLink, Transport};
use crate::web::transport::message::Message;
use crate::web::transport::shared_socket::SharedSocket;

/// Calls `on(kind, data, raw)`: `"open"`, `"closed"`, `"impossible"` with a reason, `"text"` with the text of a frame,
/// `"preview"` and `"progress_text"` with the data of their events.
struct Watcher(Function);

/// Joins the socket, which the runs of the client id share, and gives what acts on it: `"open"`, `"replace"` (close it and
/// open it again) and `"stop"`.
pub fn watch(server: &Server, client_id: &str, web_socket: Option<Function>, on: Function) -> JsValue {
    let (url, headers) = (server.socket(client_id), server.socket_headers());
    let socket = SharedSocket::of(&url, web_socket, headers, server.max_response_bytes);
    let link = RunLink(Rc::new(Watcher(on)));
    socket.watch(&link);
    // Freed by the garbage collector.
    Closure::<dyn Fn(JsValue)>::new(move |act: JsValue| match act.as_string().as_deref() {
        Some("open") => socket.open(&link),
        Some("replace") => socket.replace(&link),
        _ => socket.leave(&link),
    })
    .into_js_value()
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
