//! Frames of a run.

use std::rc::Rc;

use crate::protocol::binary::{BinaryFrame, Preview};
use crate::protocol::frame::{Body, Frame};
use crate::session::run::effect::Effect;
use crate::session::run::event::{ConnectionState, End, EndSource, EventKind};
use crate::session::run::graph::Id;
use crate::session::run::machine::{Run, Stage};

/// `execution_success` is not the end: the history is written after it. The history is asked after this time.
const GRACE_MS: f64 = 1_000.0;

impl<M: Clone> Run<M> {
    pub(super) fn on_frame(&mut self, now: f64, frame: &Frame, message: M) {
        let is_own = frame.prompt_id.as_deref() == Some(&*self.prompt_id);
        if is_own && self.stage == Stage::Submitting && self.is_fresh_id {
            // The answer to the submission may take long, and pictures are not buffered until then.
            self.on_accepted(now, &self.prompt_id.clone());
        }
        match self.stage {
            Stage::New | Stage::Submitting => self.buffer_frame(now, frame, message),
            Stage::Accepted if is_own => self.on_own_frame(now, frame, message),
            Stage::Accepted => self.on_other_frame(now, frame, message),
            Stage::Finished => {}
        }
    }

    fn buffer_frame(&mut self, now: f64, frame: &Frame, message: M) {
        if is_greeting(frame) {
            return;
        }
        self.socket.spoke(now);
        if self.stage == Stage::Submitting {
            self.buffer.push(now, frame.text, message);
        }
    }

    fn on_own_frame(&mut self, now: f64, frame: &Frame, message: M) {
        self.socket.spoke(now);
        self.is_confirmed = true;
        if matches!(frame.body, Body::ExecutionStart) && !self.own_frame_seen && self.started_at.is_none() {
            // All frames of a run come after its start: those that were missed before are not of this run. Where the
            // queue has it running already, this may be the echo of a start that was missed.
            self.may_have_missed = false;
        }
        // The frame of an error comes just before the end. Where an earlier frame came on the same connection, none was
        // missed in between.
        let is_whole = !self.may_have_missed || self.own_frame_on_connection || self.success.is_some();
        (self.own_frame_seen, self.own_frame_on_connection) = (true, true);
        self.on_sign_of_life(now);
        self.progress.update(now, &frame.body);
        if let Body::Executed { node, output, .. } = &frame.body {
            self.outputs.keep(node, *output);
        }
        let end = match &frame.body {
            Body::ExecutionSuccess => {
                self.emit(now, EventKind::Frame(message.clone()), None);
                self.success = Some(message);
                self.owns_unnamed_frames = false;
                self.polling.ask_at(self.now + GRACE_MS);
                return;
            }
            Body::ExecutingNull => is_whole.then_some(End::Completed),
            Body::ExecutionError(failure) if !failure.is_blocker() => Some(End::Error),
            Body::ExecutionInterrupted { .. } => Some(End::Interrupted),
            _ => return self.emit(now, EventKind::Frame(message), None),
        };
        self.emit(now, EventKind::Frame(message.clone()), None);
        self.on_end(now, end, message);
    }

    /// A frame that brings the end; `end: None` where an error may have been missed, so that the kind of end is unknown.
    fn on_end(&mut self, now: f64, end: Option<End>, message: M) {
        self.owns_unnamed_frames = false;
        match end {
            // The first end counts.
            _ if self.pending_end.is_some() => {}
            Some(end) if self.may_have_missed => self.end_after_history(Some(end), message),
            Some(End::Completed) if self.progress.lacks_output() => self.end_after_lookup(message),
            Some(end) => self.end(now, end, EndSource::Frame(message), None),
            None => self.end_after_history(None, message),
        }
    }

    /// A frame that names another prompt, or none.
    fn on_other_frame(&mut self, now: f64, frame: &Frame, message: M) {
        let is_greeting = is_greeting(frame);
        if !is_greeting {
            self.socket.spoke(now);
        }
        if frame.prompt_id.is_some() {
            self.owns_unnamed_frames = false;
            return;
        }
        match frame.body {
            Body::Status { .. } => {
                self.emit(now, EventKind::Frame(message), None);
                if self.settings.poll_queue && self.started_at.is_none() && !is_greeting {
                    self.polling.ask_at(now);
                }
            }
            // Old servers and custom nodes leave the prompt out.
            Body::Progress { .. } if self.owns_unnamed_frames => {
                self.on_sign_of_life(now);
                self.progress.update(now, &frame.body);
                self.emit(now, EventKind::Frame(message), None);
            }
            // Frames of custom nodes often name no prompt; they change nothing here.
            Body::Other if self.started_at.is_some() && !is_greeting => {
                self.emit(now, EventKind::Frame(message), None);
            }
            _ => {}
        }
    }

    /// A frame of this run came.
    pub(super) fn on_sign_of_life(&mut self, now: f64) {
        self.started_at.get_or_insert(now);
        self.owns_unnamed_frames = true;
        self.silent_since = self.silent_since.max(now);
        if self.pending_end.is_none() && self.success.is_none() && self.socket.is_open() {
            self.polling.rest();
        }
        if self.reported_state == Some(ConnectionState::Polling) && self.socket.is_open() {
            self.report(now, ConnectionState::Open, "frames come again");
        }
    }

    /// Keeps a picture that is a result of the node. Returns the name of its file.
    fn keep_picture(&mut self, node: &Id, preview: &Preview, message: &M) -> Option<Rc<str>> {
        if !self.progress.takes_picture(node) {
            return None;
        }
        let filename: Rc<str> = self.outputs.add_picture(node, preview.extension()).into();
        self.effects.push(Effect::KeepPicture {
            node: node.clone(),
            filename: filename.clone(),
            preview: preview.clone(),
            message: message.clone(),
        });
        Some(filename)
    }

    pub(super) fn on_binary(&mut self, now: f64, frame: &BinaryFrame, message: M) {
        self.socket.spoke(now);
        if self.stage != Stage::Accepted {
            return;
        }
        match frame {
            BinaryFrame::Preview(preview) => {
                let metadata = preview.metadata.as_ref();
                if let Some(prompt_id) = metadata.and_then(|metadata| metadata.prompt_id.as_deref()) {
                    self.owns_unnamed_frames = prompt_id == &*self.prompt_id;
                }
                if self.owns_unnamed_frames {
                    self.on_sign_of_life(now);
                    let named = metadata.and_then(|metadata| metadata.node_id.as_deref()).map(Id::from);
                    let node = named.or_else(|| self.progress.current().cloned());
                    let filename = node.as_ref().and_then(|node| self.keep_picture(node, preview, &message));
                    if self.settings.previews {
                        let preview = preview.clone();
                        self.emit(now, EventKind::Preview { preview, node, filename, message }, None);
                    }
                }
            }
            // Sent to every client, without a prompt id.
            BinaryFrame::ProgressText { node_id, text } => {
                if self.owns_unnamed_frames && self.progress.may_own(node_id) {
                    let (node, text) = (node_id.clone(), text.clone());
                    self.emit(now, EventKind::ProgressText { node, text }, None);
                }
            }
        }
    }
}

/// Whether a frame is one of those that are sent once on connecting, also to sockets that stay silent afterwards.
fn is_greeting(frame: &Frame) -> bool {
    match frame.body {
        Body::Status { greeting } => greeting,
        // Of the prompt that this client has running, which may be another one.
        Body::ExecutingNode { .. } => frame.prompt_id.is_none(),
        _ => &*frame.kind == "feature_flags",
    }
}
