//! What a run makes of its socket's coming and going, and what it tells of it.

use crate::session::run::effect::Effect;
use crate::session::run::event::{ConnectionNews, ConnectionState, What};
use crate::session::run::machine::{Run, Stage};

impl Run {
    pub(super) fn on_socket_opened(&mut self, now: f64) {
        if self.socket.is_open() {
            return;
        }
        self.socket.opened(now);
        self.in_contact = true;
        self.polling.reached();
        if !self.is_accepted() {
            return;
        }
        self.quiet_since = now;
        self.tell_socket(now);
        // The end may have come while nobody listened.
        self.polling.ask_at(now);
    }

    pub(super) fn on_socket_closed(&mut self, now: f64) {
        if self.socket.is_absent() || self.socket.is_closed() {
            return;
        }
        let was_open = self.socket.is_open();
        if was_open {
            self.polling.reached();
        }
        self.socket.closed(now);
        self.miss(now);
        if self.is_accepted() {
            let reason = if was_open { "the socket closed" } else { "the socket could not be opened" };
            self.tell(now, ConnectionState::Reconnecting, reason);
            self.polling.ask_at(now);
        }
    }

    pub(super) fn on_socket_impossible(&mut self, now: f64, reason: &'static str) {
        self.no_socket = reason;
        self.socket.give_up();
        self.miss(now);
        if self.is_accepted() {
            self.tell_socket(now);
            self.polling.ask_at(now);
        }
    }

    /// Frames from here on may be missed.
    pub(super) fn miss(&mut self, now: f64) {
        (self.heard_here, self.running) = (false, false);
        self.progress.miss();
        match self.stage {
            Stage::New | Stage::Finished => {}
            Stage::Submitting => self.kept.gap(now),
            Stage::Accepted => self.gap = true,
        }
    }

    pub(super) fn replace_socket(&mut self, now: f64, reason: &'static str) {
        self.socket.replaced(now);
        self.miss(now);
        if self.is_accepted() {
            self.tell(now, ConnectionState::Reconnecting, reason);
        }
        self.effects.push(Effect::ReplaceSocket);
    }

    /// Tells what the run relies on, once the server has taken the prompt.
    pub(super) fn tell_socket(&mut self, now: f64) {
        if self.socket.is_open() {
            self.tell(now, ConnectionState::Open, "the socket is open");
        } else if self.socket.is_absent() {
            self.tell(now, ConnectionState::Polling, self.no_socket);
        } else if self.socket.attempt > 0 {
            self.tell(now, ConnectionState::Reconnecting, "the socket could not be opened");
        }
    }

    pub(super) fn tell(&mut self, now: f64, state: ConnectionState, reason: &'static str) {
        self.told = Some(state);
        let attempt = self.socket.attempt;
        self.emit(now, What::Connection(ConnectionNews { state, reason, attempt }), None);
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
