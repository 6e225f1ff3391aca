//! Submission of the prompt, and the frames that came before its answer.

use std::rc::Rc;

use crate::protocol::frame::Frame;
use crate::session::run::effect::Effect;
use crate::session::run::event::EventKind;
use crate::session::run::frame_buffer::Entry;
use crate::session::run::machine::{Run, Stage};

impl<M: Clone> Run<M> {
    pub(super) fn on_submitting(&mut self, now: f64) {
        if self.stage != Stage::New {
            return;
        }
        self.stage = Stage::Submitting;
        (self.submitted_at, self.silent_since) = (now, now);
        if !self.socket.is_open() {
            // Frames until it opens are missed.
            self.buffer.push_gap(now);
        }
    }

    pub(super) fn on_accepted(&mut self, now: f64, prompt_id: &str) {
        if self.is_accepted() {
            return;
        }
        self.stage = Stage::Accepted;
        (self.in_contact, self.is_confirmed) = (true, true);
        (self.accepted_at, self.silent_since) = (now, now);
        if *self.prompt_id != *prompt_id {
            self.prompt_id = Rc::from(prompt_id);
        }
        self.effects.push(Effect::Accepted);
        self.emit(self.submitted_at, EventKind::Submitted, None);
        let is_settled = self.socket.is_open() || self.socket.is_absent();
        if is_settled {
            self.report_socket(self.submitted_at);
        }
        if !self.socket.is_open() {
            self.may_have_missed = true;
            self.polling.ask_at(now + self.settings.poll_interval_ms);
        }
        if self.settings.poll_queue {
            self.polling.ask_at(now);
        }
        for (at, entry) in std::mem::take(&mut self.buffer).into_entries() {
            match entry {
                Entry::Gap => self.on_missed(at),
                Entry::Frame(text, message) => {
                    Frame::read(&text, &mut |frame| self.on_frame(at, frame, message.clone()));
                }
            }
        }
        if !is_settled && !self.is_finished() {
            self.report_socket(now);
        }
    }
}
