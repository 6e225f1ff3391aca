//! Messages of a transport.

use std::rc::Rc;

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsValue;

use crate::protocol::binary::{BinaryFrame, HEADER_LENGTH, Header};

/// The message that a frame was read from. Cloning it clones a reference.
#[derive(Debug, Clone)]
pub enum Message {
    /// The JSON text of one frame, as a JavaScript string.
    Text(JsValue),
    /// A text frame as the object that `JSON.parse` makes of it. It belongs to one run.
    Object(JsValue),
    /// A `progress` frame without its text.
    Progress { value: f64, source: Rc<ProgressSource> },
    /// The bytes of a binary frame.
    Binary(ArrayBuffer),
}

/// What successive `progress` frames have in common: all but their `value`.
#[derive(Debug)]
pub struct ProgressSource {
    pub prompt_id: String,
    pub node: String,
    pub max: f64,
    /// The ids as JavaScript strings.
    pub ids: (JsValue, JsValue),
}

/// Reads a binary message without its picture.
pub fn read_binary(buffer: &ArrayBuffer) -> Option<BinaryFrame> {
    let length = buffer.byte_length() as usize;
    let bytes = |from: usize, to: usize| {
        let (from, to) = (from.min(length) as u32, to.min(length) as u32);
        Uint8Array::new_with_byte_offset_and_length(buffer, from, to - from).to_vec()
    };
    let header = Header::read(&bytes(0, HEADER_LENGTH), length)?;
    let metadata = bytes(header.metadata.start, header.metadata.end);
    BinaryFrame::new(&header, &metadata, &bytes(header.image, header.image + 12))
}
