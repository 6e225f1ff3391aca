//! JavaScript objects of text frames, without `JSON.parse` where the shape of a frame allows it.

use std::rc::Rc;

use wasm_bindgen::JsValue;

use crate::protocol::frame::{Body, Frame};
use crate::protocol::frame_reader::{Shape, Snapshot};
use crate::web::js::boundary::Snapshots;
use crate::web::transport::message::{Message, ProgressSource};

/// What frames of one socket share.
#[derive(Debug, Default)]
pub struct FrameObjects {
    /// Of the last `progress` frame.
    progress: Option<Rc<ProgressSource>>,
    /// The prompt id of the last snapshot, as text and as a JavaScript string.
    prompt_id: (String, JsValue),
    /// By prompt id, as many as the reader of frames keeps.
    snapshots: Vec<(String, Snapshots)>,
}

impl FrameObjects {
    /// The message of a frame. `text`: its own.
    pub fn make(&mut self, frame: &Frame, shape: Shape, text: JsValue) -> Message {
        match (shape, &frame.body, frame.prompt_id.as_deref()) {
            (Shape::Progress, Body::Progress { node: Some(node), value, max }, Some(prompt_id)) => {
                Message::Progress { value: *value, source: self.progress_source(prompt_id, node, *max) }
            }
            (Shape::Snapshot(snapshot), ..) => Message::Object(self.snapshot(snapshot, &text)),
            _ => Message::Text(text),
        }
    }

    /// The next frame of this shape was not made here: the one after it cannot build on the last.
    pub fn forget(&mut self, shape: Shape) {
        match shape {
            Shape::Any => {}
            Shape::Progress => self.progress = None,
            Shape::Snapshot(snapshot) => {
                self.snapshots.retain(|(prompt_id, _)| prompt_id != snapshot.prompt_id());
            }
        }
    }

    /// What the last `progress` frame has in common with those that differ in their `value` alone.
    pub fn last_progress(&self) -> Option<Rc<ProgressSource>> {
        self.progress.clone()
    }

    fn progress_source(&mut self, prompt_id: &str, node: &str, max: f64) -> Rc<ProgressSource> {
        let is_same =
            |source: &&Rc<ProgressSource>| source.prompt_id == prompt_id && source.node == node && source.max == max;
        let source = self.progress.as_ref().filter(is_same).cloned().unwrap_or_else(|| {
            let ids = (JsValue::from_str(prompt_id), JsValue::from_str(node));
            Rc::new(ProgressSource { prompt_id: prompt_id.to_owned(), node: node.to_owned(), max, ids })
        });
        self.progress = Some(source.clone());
        source
    }

    fn snapshot(&mut self, snapshot: &Snapshot, text: &JsValue) -> JsValue {
        let known = self.snapshots.iter().position(|(prompt_id, _)| prompt_id == snapshot.prompt_id());
        let (at, is_first) = match known {
            Some(at) => (at, snapshot.is_first()),
            None => {
                self.snapshots.truncate(Snapshot::KEPT_PROMPTS - 1);
                self.snapshots.insert(0, (snapshot.prompt_id().to_owned(), Snapshots::new()));
                (0, true)
            }
        };
        let snapshots = &self.snapshots[at].1;
        if is_first {
            return snapshots.first(text);
        }
        let prompt_id = string(&mut self.prompt_id, snapshot.prompt_id());
        snapshots.next(prompt_id, &snapshot.changed_text())
    }
}

/// A JavaScript string, made anew only where it differs from the last.
fn string<'s>(last: &'s mut (String, JsValue), text: &str) -> &'s JsValue {
    if last.0 != text || last.1.is_undefined() {
        *last = (text.to_owned(), JsValue::from_str(text));
    }
    &last.1
}
