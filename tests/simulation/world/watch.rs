//! Checks that runs reopen a lost socket, replace a stale one, and leave a good one alone.

use comfyui_autoflow::session::endpoint::State;
use comfyui_autoflow::session::run::input::Answer;
use comfyui_autoflow::session::run::setup::FrameSource;

use super::{Player, Verdict, World};
use crate::simulation::server::Job;

/// The longest backoff between tries.
const BACKOFF_MS: f64 = 10_000.0;
/// A socket that neither opens nor fails is replaced after this time.
const CONNECT_MS: f64 = 20_000.0;
/// A `status` may come this late.
const STATUS_DELAY_MS: f64 = 2_000.0;

impl World {
    /// A socket that brings frames is replaced only after a silence.
    pub(super) fn judge_replacement(&self, run: usize, socket: usize) -> Verdict {
        let connection = &self.network.connections[socket];
        let hears =
            connection.flows && self.server.sockets[0] == Some(socket) && self.network.is_down(self.now).is_none();
        let silent = self.now - connection.spoke_at;
        let open = self.endpoint.state() == State::Open;
        // A notice of frames of other runs comes once a second.
        if open && hears && silent < self.scenario.runs[run].settings.idle_timeout_ms - 1_000.0 {
            return Err(format!("run {run} replaces a socket that hears, after a silence of {silent} ms"));
        }
        Ok(())
    }

    /// The queue has answered a run. Where the answer differs from the last one, and the socket was stale all the time,
    /// the run knows that the socket has missed a change.
    pub(super) fn note_asked(&mut self, run: usize, answer: &Answer) {
        let (State::Open, Some(socket), Answer::Queue(answer)) = (self.endpoint.state(), self.socket, answer) else {
            return;
        };
        if self.network.connections[socket].stale_since.is_none() {
            return;
        }
        let seen = (answer.position, answer.running + answer.pending);
        let player = &mut self.players[run];
        let before = player.seen_stale.replace((socket, seen));
        let changed = before.is_some_and(|(other, before)| other == socket && before != seen);
        if changed && player.missed_at.is_none_or(|(other, _)| other != socket) {
            player.missed_at = Some((socket, self.now));
        }
    }

    /// The socket is reopened or replaced in time.
    pub(super) fn check_socket(&mut self) -> Verdict {
        let (state, socket) = (self.endpoint.state(), self.socket);
        if (self.watched.0, self.watched.1) != (state, socket) {
            self.watched = (state, socket, self.now);
        }
        let since = self.watched.2;
        match (state, socket) {
            (State::Idle, _) => self.check_lasts(since, BACKOFF_MS, "leaves the socket closed"),
            (State::Connecting, _) => {
                // A run that got the news that another one gave up the last try counts from when it wanted the next
                // one.
                let limit = if self.players.len() > 1 { CONNECT_MS + BACKOFF_MS } else { CONNECT_MS };
                self.check_lasts(since, limit, "waits for a socket that does not open")
            }
            (State::Open, Some(socket)) => self.check_staleness(socket),
            (State::Closing { .. } | State::Open, _) => Ok(()),
        }
    }

    fn check_lasts(&self, since: f64, limit: f64, what: &str) -> Verdict {
        let slack = self.network.round_trip() + 10.0 * self.scenario.timer_lag + 10.0;
        for (at, player) in self.players.iter().enumerate() {
            let lasts = self.now - since.max(player.began);
            if follows(player) && self.scenario.runs[at].frames != FrameSource::None && lasts > limit + slack {
                return Err(format!("run {at} {what} for {lasts} ms"));
            }
        }
        Ok(())
    }

    fn check_staleness(&mut self, socket: usize) -> Verdict {
        let connection = &mut self.network.connections[socket];
        if connection.flows && self.server.sockets[0] == Some(socket) {
            connection.stale_since = None;
            return Ok(());
        }
        let since = *connection.stale_since.get_or_insert(self.now);
        let is_suspect = connection.follows_drop || !connection.brought;
        // An unanswered probe is waited for this long.
        let well = since.max(self.scenario.heals_at).max(self.network.last_trouble + 15_000.0);
        if self.expired.is_some() {
            return Ok(());
        }
        for (at, player) in self.players.iter().enumerate() {
            let alive = |job: &Job| job.fate.is_none() && job.gone.is_none();
            let matters = player.job.is_some_and(|job| alive(&self.server.jobs[job]));
            if !follows(player) || !player.accepted || !matters {
                continue;
            }
            let settings = &self.scenario.runs[at].settings;
            let longest = settings.poll_interval_ms.max(settings.idle_timeout_ms.min(5_000.0));
            let asking = settings.idle_timeout_ms + 3.0 * longest + 10.0 * self.network.round_trip();
            let asking = asking + 20.0 * self.scenario.timer_lag + 100.0;
            let vain = 2f64.powi(player.observer.replaced.min(6) as i32);
            // The longest time until a run without other signs takes it for stale.
            let doubt = (settings.idle_timeout_ms * 12.0).max(60_000.0) * vain;
            // One that took over a client id is suspected sooner, if the other was dropped or it never brought
            // anything.
            let resumed = self.scenario.runs[at].frames == FrameSource::Socket { took_over: true };
            let took_over = resumed || player.observer.lost_sockets > 0;
            let early = settings.idle_timeout_ms.max(STATUS_DELAY_MS) * vain;
            let limit = if took_over && is_suspect { doubt.min(early) } else { doubt };
            let lasts = self.now - well.max(player.accepted_at).max(player.began);
            // And so is one that missed a change.
            let missed = player.missed_at.filter(|(missed, _)| *missed == socket);
            let missed = missed.map_or(0.0, |(_, at)| self.now - at.max(well) - STATUS_DELAY_MS);
            if lasts > limit + asking || missed > asking {
                return Err(format!(
                    "run {at} keeps a socket that is stale since {since:.0}, for {lasts:.0} ms, {missed:.0} ms after a change"
                ));
            }
        }
        Ok(())
    }
}

fn follows(player: &Player) -> bool {
    player.run.is_some() && player.observer.finished.is_none()
}
