//! The socket of a run opens, closes and is replaced; `connection` events.

use crate::session::run::effect::Effect;
use crate::session::run::event::{ConnectionState, ConnectionStatus, EventKind};
use crate::session::run::machine::{Run, Stage};

impl<M: Clone> Run<M> {
    pub(super) fn on_socket_opened(&mut self, now: f64) {
        if self.socket.is_open() {
            return;
        }
        self.socket.opened(now);
        self.in_contact = true;
        self.polling.reach.answered();
        if !self.is_accepted() {
            return;
        }
        self.silent_since = now;
        self.report_socket(now);
        // The end may have come while the socket was closed.
        self.polling.ask_at(now);
    }

    pub(super) fn on_socket_closed(&mut self, now: f64) {
        if self.socket.is_absent() || self.socket.is_closed() {
            return;
        }
        let was_open = self.socket.is_open();
        if was_open {
            self.polling.reach.answered();
        }
        self.socket.closed(now);
        self.on_missed(now);
        if self.is_accepted() {
            let reason = if was_open { "the socket closed" } else { "the socket could not be opened" };
            self.report(now, ConnectionState::Reconnecting, reason);
            self.polling.ask_at(now);
        }
    }

    pub(super) fn on_socket_impossible(&mut self, now: f64, reason: &'static str) {
        self.no_socket_reason = reason;
        self.socket.give_up();
        self.on_missed(now);
        if self.is_accepted() {
            self.report_socket(now);
            self.polling.ask_at(now);
        }
    }

    /// Frames from here on may be missed.
    pub(super) fn on_missed(&mut self, now: f64) {
        (self.own_frame_on_connection, self.owns_unnamed_frames) = (false, false);
        self.progress.miss();
        match self.stage {
            Stage::New | Stage::Finished => {}
            Stage::Submitting => self.buffer.push_gap(now),
            Stage::Accepted => self.may_have_missed = true,
        }
    }

    pub(super) fn replace_socket(&mut self, now: f64, reason: &'static str) {
        self.socket.replaced(now);
        self.on_missed(now);
        if self.is_accepted() {
            self.report(now, ConnectionState::Reconnecting, reason);
        }
        self.effects.push(Effect::ReplaceSocket);
    }

    /// Reports what the run relies on, once the server has taken the prompt.
    pub(super) fn report_socket(&mut self, now: f64) {
        if self.socket.is_open() {
            self.report(now, ConnectionState::Open, "the socket is open");
        } else if self.socket.is_absent() {
            self.report(now, ConnectionState::Polling, self.no_socket_reason);
        } else if self.socket.attempt > 0 {
            self.report(now, ConnectionState::Reconnecting, "the socket could not be opened");
        }
    }

    pub(super) fn report(&mut self, now: f64, state: ConnectionState, reason: &'static str) {
        self.reported_state = Some(state);
        let attempt = self.socket.attempt;
        self.emit(now, EventKind::Connection(ConnectionStatus { state, reason, attempt }), None);
    }

    /// The time has come to try the socket again.
    pub(super) fn on_socket_due(&mut self, now: f64) {
        if self.socket.is_closed() {
            self.socket.connecting(now);
            self.effects.push(Effect::OpenSocket);
        } else {
            self.replace_socket(now, "the socket does not come to open; trying another");
        }
    }
}
