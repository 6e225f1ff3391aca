//! The short way of a frame that differs from the one before in its number of steps alone. Nearly all frames of a run are
//! of this kind, so it makes no event and no list of effects.

use crate::protocol::frame::Body;
use crate::session::run::event::ConnectionState;
use crate::session::run::machine::{Run, Stage};

/// What the event of such a frame says. Everything else in it is as in the last event.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Repeated {
    /// Unix time in milliseconds.
    pub at: f64,
    /// Milliseconds since the submission.
    pub elapsed_ms: f64,
    /// Milliseconds since the current node began.
    pub node_ms: f64,
    /// The share of the prompt's nodes that is done.
    pub nodes_progress: f64,
}

impl<M: Clone> Run<M> {
    /// Takes a `progress` frame of this run in, as [`Run::handle`] would. None where more than the steps may change: then
    /// nothing was taken in.
    pub fn repeat_progress(&mut self, now: f64, node: &str, value: f64, max: f64) -> Option<Repeated> {
        let now = now + self.clock_set_back;
        if !self.is_steady(now) || !self.progress.has_only_steps_of(node) {
            return None;
        }
        self.now = now;
        self.socket.spoke(now);
        self.on_sign_of_life(now);
        self.progress.update(now, &Body::Progress { node: None, value, max });
        self.last_event_at = now.max(self.last_event_at);
        Some(Repeated {
            at: self.last_event_at,
            elapsed_ms: self.last_event_at - self.submitted_at,
            node_ms: self.progress.node_execution_ms(self.last_event_at),
            nodes_progress: self.progress.share(),
        })
    }

    /// Whether a frame of this run ends no wait, causes no question and is reported alone.
    fn is_steady(&self, now: f64) -> bool {
        self.stage == Stage::Accepted
            && now >= self.now
            && self.effects.is_empty()
            && self.own_frame_on_connection
            && self.pending_end.is_none()
            && self.success.is_none()
            && self.reported_state == Some(ConnectionState::Open)
            && self.socket.is_open()
            && !self.polling.is_active()
    }
}
