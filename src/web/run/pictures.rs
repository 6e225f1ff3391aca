//! Pictures that came over the socket as results of a run. They are held in memory: the server does not have them.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::Blob;

use crate::protocol::binary::Preview;
use crate::web::js::boundary;
use crate::web::transport::message::Message;

/// A picture under its name.
pub struct Picture {
    pub node: Rc<str>,
    pub filename: Rc<str>,
    pub blob: Blob,
    url: RefCell<Option<String>>,
}

impl Picture {
    /// Takes the picture out of its message, without a copy through wasm.
    pub fn new(node: Rc<str>, filename: Rc<str>, preview: &Preview, message: &Message) -> Option<Picture> {
        let Message::Binary(buffer) = message else { return None };
        let blob = boundary::image(buffer, preview.image as u32, preview.mime_type).unchecked_into();
        Some(Picture { node, filename, blob, url: RefCell::default() })
    }

    /// An address for the picture, made when it is first asked for: it keeps the picture in memory until the page revokes
    /// it. Empty in service workers, which make none.
    pub fn url(&self) -> String {
        self.url.borrow_mut().get_or_insert_with(|| boundary::object_url(&self.blob)).clone()
    }
}
