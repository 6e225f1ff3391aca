//! What a run does at a time: it notices silence, times out, and sends probes.

use crate::session::run::effect::Effect;
use crate::session::run::event::ConnectionState;
use crate::session::run::machine::Run;

impl<M: Clone> Run<M> {
    /// When the run wants [`Input::Timeout`], at the latest. Unix time in milliseconds.
    pub fn poll_timeout(&self) -> Option<f64> {
        if self.is_finished() {
            return None;
        }
        let silence = self.waits_for_silence().then_some(self.silent_at());
        let pending_end = self.pending_end.as_ref().map(|pending| pending.until);
        [silence, pending_end, self.polling.poll_timeout(), self.socket.poll_timeout()]
            .into_iter()
            .flatten()
            .filter(|at| at.is_finite())
            .reduce(f64::min)
            .map(|at| at - self.clock_set_back)
    }

    pub(super) fn silent_at(&self) -> f64 {
        self.silent_since + self.settings.idle_timeout_ms
    }

    /// Whether the silence still has to be reported, or nothing else would make the run ask.
    pub(super) fn waits_for_silence(&self) -> bool {
        self.is_accepted() && (self.reports_open() || !self.polling.is_active())
    }

    /// The socket is open, and the last `connection` event said so.
    pub(super) fn reports_open(&self) -> bool {
        self.socket.is_open() && self.reported_state == Some(ConnectionState::Open)
    }

    pub(super) fn on_timeout(&mut self, now: f64) {
        if self.pending_end.as_ref().is_some_and(|pending| now >= pending.until) {
            self.end_without_history(now);
            return;
        }
        if self.socket.poll_timeout().is_some_and(|at| now >= at) {
            self.on_socket_due(now);
        }
        if self.waits_for_silence() && now >= self.silent_at() {
            if self.reports_open() {
                self.report(now, ConnectionState::Polling, "no frames come; asking the server");
            }
            self.polling.ask_at(now);
        }
    }

    /// Whether the prompt most likely waits in the queue. The start of a run that was submitted here would have come as
    /// a frame; one that was picked up may have ended long ago.
    pub(super) fn most_likely_waits(&self) -> bool {
        self.started_at.is_none() && (!self.is_resumed || self.queue_status.is_some())
    }

    /// The run already knows what the queue answered to questions up to this time.
    pub fn queue_known_until(&self) -> f64 {
        self.polling.queue_known_until(self.now).max(self.accepted_at) - self.clock_set_back
    }

    /// Whether the prompt itself is wanted from the queue.
    pub fn wants_prompt(&self) -> bool {
        !self.progress.knows_nodes()
    }

    pub(super) fn begin_probe(&mut self, now: f64) {
        if !self.is_accepted() {
            return;
        }
        let due = self.polling.poll_probe(now, self.most_likely_waits());
        if self.polling.reach.take_news() {
            self.check_reach(now);
        }
        if !self.is_finished()
            && let Some((probe, id)) = due
        {
            self.effects.push(Effect::Ask(probe, id));
        }
    }
}
