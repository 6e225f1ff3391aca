//! JavaScript objects of text frames, without `JSON.parse` where the shape of a frame allows it.

use wasm_bindgen::JsValue;

use crate::protocol::frame::{Body, Frame};
use crate::protocol::frame_reader::{Shape, Snapshot};
use crate::web::js::boundary::{self, Snapshots};

/// What frames of one socket share.
#[derive(Debug, Default)]
pub struct FrameObjects {
    /// Ids of the last `progress` frame, as text and as JavaScript strings.
    prompt_id: (String, JsValue),
    node: (String, JsValue),
    /// By prompt id, as many as the reader of frames keeps.
    snapshots: Vec<(String, Snapshots)>,
}

impl FrameObjects {
    /// What `JSON.parse` makes of a frame; none where only `JSON.parse` knows. `text`: the frame's own.
    pub fn make(&mut self, frame: &Frame, shape: Shape, text: &JsValue) -> Option<JsValue> {
        match (shape, &frame.body) {
            (Shape::Progress, Body::Progress { node: Some(node), value, max }) => {
                let prompt_id = string(&mut self.prompt_id, frame.prompt_id.as_deref()?);
                Some(boundary::progress_frame(*value, *max, prompt_id, string(&mut self.node, node)))
            }
            (Shape::Snapshot(snapshot), _) => Some(self.snapshot(snapshot, text)),
            _ => None,
        }
    }

    /// The next snapshot of a prompt was not made here: the one after it cannot build on the last.
    pub fn forget(&mut self, shape: Shape) {
        if let Shape::Snapshot(snapshot) = shape {
            self.snapshots.retain(|(prompt_id, _)| prompt_id != snapshot.prompt_id());
        }
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
