//! What a run hears over its socket.

use std::rc::Rc;

use crate::protocol::binary::{BinaryFrame, Preview};
use crate::protocol::frame::{Body, Frame};
use crate::session::run::effect::Effect;
use crate::session::run::event::{ConnectionState, End, EndSource, FrameText, What};
use crate::session::run::graph::Id;
use crate::session::run::machine::{Run, Stage};

/// `execution_success` alone is not the end: history is written after it. This long after it the history is asked.
const GRACE_MS: f64 = 1_000.0;

impl Run {
    pub(super) fn on_frame(&mut self, now: f64, frame: &Frame, text: FrameText) {
        let own = frame.prompt_id.as_deref() == Some(&*self.prompt_id);
        if own && self.stage == Stage::Submitting && self.settings.fresh_id {
            // The answer to the submission may be a long way off, and pictures can not be kept for it.
            self.on_accepted(now, &self.prompt_id.clone());
        }
        match self.stage {
            Stage::New | Stage::Submitting => self.keep(now, frame),
            Stage::Accepted if own => self.on_own_frame(now, frame, text),
            Stage::Accepted => self.on_foreign_frame(now, frame, text),
            Stage::Finished => {}
        }
    }

    fn keep(&mut self, now: f64, frame: &Frame) {
        if is_greeting(frame) {
            return;
        }
        self.socket.spoke(now);
        if self.stage == Stage::Submitting {
            self.kept.frame(now, frame.text);
        }
    }

    fn on_own_frame(&mut self, now: f64, frame: &Frame, text: FrameText) {
        self.socket.spoke(now);
        if matches!(frame.body, Body::ExecutionStart) && !self.heard && self.started_at.is_none() {
            // Everything of a run comes after its start: whatever was missed before is not of this run. Unless the queue
            // has told already that it runs: then this may be the echo of a start that was missed.
            self.gap = false;
        }
        // An error that was missed came just before the end: what was heard before that, on the same connection, tells
        // that none was missed.
        let whole = !self.gap || self.heard_here || self.success.is_some();
        (self.heard, self.heard_here) = (true, true);
        self.sign_of_life(now);
        self.progress.update(now, &frame.body);
        if let Body::Executed { node, output, .. } = &frame.body {
            self.outputs.keep(node, *output);
        }
        self.emit(now, What::Frame(text.clone()), None);
        match &frame.body {
            Body::ExecutionSuccess => {
                self.success = Some(Rc::from(frame.text));
                self.running = false;
                self.polling.ask_at(self.now + GRACE_MS);
            }
            Body::ExecutingNull => self.on_end(now, whole.then_some(End::Completed), frame, text),
            Body::ExecutionError(failure) if !failure.is_blocker() => self.on_end(now, Some(End::Error), frame, text),
            Body::ExecutionInterrupted { .. } => self.on_end(now, Some(End::Interrupted), frame, text),
            _ => {}
        }
    }

    /// A frame that tells the end; `end: None` where errors may have been missed, so that it does not tell which.
    fn on_end(&mut self, now: f64, end: Option<End>, frame: &Frame, text: FrameText) {
        self.running = false;
        match end {
            Some(end) if self.gap => self.end_after_history(Some(end), frame.text),
            Some(End::Completed) if self.progress.lacks_output() => self.end_after_lookup(frame.text),
            Some(end) => self.end(now, end, EndSource::Frame(text), None),
            None => self.end_after_history(None, frame.text),
        }
    }

    /// A frame that names another prompt, or none.
    fn on_foreign_frame(&mut self, now: f64, frame: &Frame, text: FrameText) {
        let greeting = is_greeting(frame);
        if !greeting {
            self.socket.spoke(now);
        }
        if frame.prompt_id.is_some() {
            self.running = false;
            return;
        }
        match frame.body {
            Body::Status { .. } => {
                self.emit(now, What::Frame(text), None);
                if self.settings.poll_queue && self.started_at.is_none() && !greeting {
                    self.polling.ask_at(now);
                }
            }
            // Old servers and custom nodes leave the prompt out.
            Body::Progress { .. } if self.running => {
                self.sign_of_life(now);
                self.progress.update(now, &frame.body);
                self.emit(now, What::Frame(text), None);
            }
            // Frames that custom nodes invent often name no prompt; they change nothing here.
            Body::Other if self.started_at.is_some() && !greeting => self.emit(now, What::Frame(text), None),
            _ => {}
        }
    }

    /// Something of this run came.
    fn sign_of_life(&mut self, now: f64) {
        self.started_at.get_or_insert(now);
        self.running = true;
        self.quiet_since = self.quiet_since.max(now);
        if self.ending.is_none() && self.success.is_none() && self.socket.is_open() {
            self.polling.rest();
        }
        if self.told == Some(ConnectionState::Polling) && self.socket.is_open() {
            self.tell(now, ConnectionState::Open, "the socket speaks again");
        }
    }

    pub(super) fn on_binary(&mut self, now: f64, frame: &BinaryFrame) {
        self.socket.spoke(now);
        if self.stage != Stage::Accepted {
            return;
        }
        match frame {
            BinaryFrame::Preview(preview) => {
                let metadata = preview.metadata.as_ref();
                let own = match metadata.and_then(|metadata| metadata.prompt_id.as_deref()) {
                    Some(prompt_id) => prompt_id == &*self.prompt_id,
                    // Without an id it belongs to whatever this client has running.
                    None => self.running,
                };
                if own {
                    self.sign_of_life(now);
                    let named = metadata.and_then(|metadata| metadata.node_id.as_deref()).map(Id::from);
                    let node = named.or_else(|| self.progress.current().cloned());
                    let filename = node.as_ref().and_then(|node| self.take_picture(node, preview));
                    if self.settings.previews {
                        self.emit(now, What::Preview { preview: preview.clone(), node, filename }, None);
                    }
                }
            }
            BinaryFrame::ProgressText { node_id, text } => {
                // Sent to everybody, without a prompt id.
                if self.running && self.progress.may_own(node_id) {
                    let (node, text) = (node_id.clone(), text.clone());
                    self.emit(now, What::ProgressText { node, text }, None);
                }
            }
        }
    }
}

impl Run {
    /// Keeps the picture where it is a result of the node. Returns the name of its file.
    fn take_picture(&mut self, node: &Id, preview: &Preview) -> Option<Rc<str>> {
        if !self.progress.takes_picture(node) {
            return None;
        }
        let filename: Rc<str> = self.outputs.add_picture(node, preview.extension()).into();
        let (node, preview) = (node.clone(), preview.clone());
        self.effects.push(Effect::KeepPicture { node, filename: filename.clone(), preview });
        Some(filename)
    }
}

/// Frames that are sent once on connecting, to sockets too that then stay deaf.
fn is_greeting(frame: &Frame) -> bool {
    match frame.body {
        Body::Status { greeting } => greeting,
        // For whichever prompt this client has running: it names none.
        Body::ExecutingNode { .. } => frame.prompt_id.is_none(),
        _ => &*frame.kind == "feature_flags",
    }
}
