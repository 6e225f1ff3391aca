//! When to ask the server about a prompt, and what its answers mean together.

mod reach;
#[cfg(test)]
mod tests;
mod verdict;

pub use reach::Reach;
pub use verdict::{AfterFailure, QueueVerdict};

use crate::protocol::queue::{QueueAnswer, QueuePosition};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// `GET /history/{prompt_id}`.
    History,
    /// `GET /queue`.
    Queue,
}

/// The schedule of the probes of one run. A round is the history and, where that does not know the prompt, the queue; or
/// the queue first where the prompt most likely waits: one answer of the queue serves many runs, and has its length.
#[derive(Debug, Clone)]
pub struct Polling {
    base_ms: f64,
    longest_ms: f64,
    interval_ms: f64,
    /// A round that the run asked for.
    wanted_at: Option<f64>,
    /// The round that follows the last one by itself.
    next_at: Option<f64>,
    in_flight: Option<InFlight>,
    round_began: f64,
    last_id: u32,
    /// The history of this round cannot be read, although the server answers.
    history_unreadable: bool,
    /// Since when the queue has not had the prompt while the history could not be read.
    unreadable_since: Option<f64>,
    /// Rounds in a row in which neither history nor queue knew the prompt.
    absent_rounds: u32,
    /// Refusals (401, 403) in a row.
    refusals: u32,
    pub reach: Reach,
    last_queue: Option<LastQueue>,
    queue_asked: f64,
    /// This round began with the queue.
    queue_first: bool,
    /// The last probe of the queue failed.
    queue_failed: bool,
}

#[derive(Debug, Clone, Copy)]
struct InFlight {
    id: u32,
    probe: Probe,
    began: f64,
}

/// The queue's last answer.
#[derive(Debug, Clone, Copy)]
struct LastQueue {
    position: QueuePosition,
    length: usize,
    /// When it was asked for.
    asked: f64,
}

/// A probe that takes longer counts as unanswered.
pub const PROBE_TIMEOUT_MS: f64 = 15_000.0;
/// A prompt can leave the queue between two requests of one round, so absence counts when it is seen this often.
const ROUNDS_UNTIL_VANISHED: u32 = 3;
/// A history that the server cannot write, such as one with an output that is no JSON, may stay unreadable. A temporary
/// failure is over within this time.
const UNREADABLE_MS: f64 = 60_000.0;
/// A single refusal can be a temporary failure of a proxy; an expired token is refused every time.
const REFUSALS_UNTIL_GIVEN_UP: u32 = 5;

impl Polling {
    pub fn new(poll_interval_ms: f64, idle_timeout_ms: f64) -> Polling {
        let base_ms = poll_interval_ms.max(1.0);
        Polling {
            base_ms,
            longest_ms: base_ms.max(idle_timeout_ms.min(5_000.0)),
            interval_ms: base_ms,
            wanted_at: None,
            next_at: None,
            in_flight: None,
            round_began: f64::NEG_INFINITY,
            last_id: 0,
            history_unreadable: false,
            unreadable_since: None,
            absent_rounds: 0,
            refusals: 0,
            reach: Reach::default(),
            last_queue: None,
            queue_asked: f64::NEG_INFINITY,
            queue_first: false,
            queue_failed: false,
        }
    }

    pub fn poll_timeout(&self) -> Option<f64> {
        match self.in_flight {
            Some(probe) => Some(probe.began + PROBE_TIMEOUT_MS),
            None => self.next_round(),
        }
    }

    fn next_round(&self) -> Option<f64> {
        [self.wanted_at, self.next_at].into_iter().flatten().reduce(f64::min)
    }

    /// Whether probes are scheduled or under way.
    pub fn is_active(&self) -> bool {
        self.in_flight.is_some() || self.next_round().is_some()
    }

    /// Schedules a round at `at`, or as soon as the interval allows. An earlier one stays. A round that is under way
    /// does not count: its answers may be older than the question.
    pub fn ask_at(&mut self, at: f64) {
        let at = at.max(self.round_began + self.base_ms);
        self.wanted_at = Some(self.wanted_at.map_or(at, |planned| planned.min(at)));
    }

    /// The id of the last probe; they count up.
    pub fn last_id(&self) -> u32 {
        self.last_id
    }

    /// The socket brings frames of the prompt: nothing needs to be asked.
    pub fn rest(&mut self) {
        (self.wanted_at, self.next_at) = (None, None);
        self.interval_ms = self.base_ms;
        self.absent_rounds = 0;
        self.refusals = 0;
        self.unreadable_since = None;
        self.reach.answered();
    }

    /// The prompt is alive and the socket would bring its frames: no round follows by itself.
    pub fn relax(&mut self) {
        self.next_at = None;
        self.interval_ms = self.base_ms;
    }

    /// Begins the probe that is due, if one is. `waits`: the prompt most likely waits in the queue.
    pub fn poll_probe(&mut self, now: f64, waits: bool) -> Option<(Probe, u32)> {
        if let Some(lost) = self.in_flight.filter(|probe| now >= probe.began + PROBE_TIMEOUT_MS) {
            self.in_flight = None;
            self.queue_failed |= lost.probe == Probe::Queue;
            self.reach.unanswered(now);
            self.schedule_next(now);
        }
        if self.in_flight.is_some() || self.next_round().is_none_or(|at| now < at) {
            return None;
        }
        (self.wanted_at, self.next_at) = (None, None);
        self.round_began = now;
        self.history_unreadable = false;
        self.queue_first = waits && !self.queue_failed;
        Some(if self.queue_first { self.ask_queue(now) } else { self.ask_history(now) })
    }

    /// Goes on with the history, in the same round.
    pub fn ask_history(&mut self, now: f64) -> (Probe, u32) {
        self.begin(now, Probe::History)
    }

    pub fn began_with_queue(&self) -> bool {
        self.queue_first
    }

    /// The run already knows what the queue answered to questions up to this time. Half an interval is tolerated, so
    /// that runs that ask at about the same time share one answer.
    pub fn queue_known_until(&self, now: f64) -> f64 {
        self.last_queue_asked().max(now - self.interval_ms / 2.0)
    }

    /// Goes on with the queue, in the same round.
    pub fn ask_queue(&mut self, now: f64) -> (Probe, u32) {
        self.queue_asked = now;
        self.begin(now, Probe::Queue)
    }

    fn begin(&mut self, now: f64, probe: Probe) -> (Probe, u32) {
        self.last_id += 1;
        self.in_flight = Some(InFlight { id: self.last_id, probe, began: now });
        (probe, self.last_id)
    }

    /// Takes an answer; `None` for one that came too late.
    pub fn answered(&mut self, id: u32) -> Option<Probe> {
        let probe = self.in_flight.filter(|probe| probe.id == id)?.probe;
        self.in_flight = None;
        Some(probe)
    }

    /// The probe failed, with this HTTP status where there was one.
    pub fn failed(&mut self, now: f64, probe: Probe, status: Option<u16>) -> AfterFailure {
        self.queue_failed |= probe == Probe::Queue;
        match status {
            Some(status @ (401 | 403)) => {
                self.reach.answered();
                self.refusals += 1;
                self.schedule_next(now);
                let is_final = self.refusals >= REFUSALS_UNTIL_GIVEN_UP;
                if is_final { AfterFailure::Refused(status) } else { AfterFailure::Retry }
            }
            // Too many requests, or a proxy whose server does not answer: the other probe would fail as well.
            None | Some(429 | 502 | 503 | 504) => {
                self.reach.unanswered(now);
                self.schedule_next(now);
                AfterFailure::Retry
            }
            Some(_) => {
                self.reach.answered();
                self.refusals = 0;
                if probe == Probe::Queue && self.queue_first {
                    return AfterFailure::AskHistory;
                }
                if probe == Probe::History {
                    self.history_unreadable = true;
                    return AfterFailure::AskQueue;
                }
                self.schedule_next(now);
                AfterFailure::Retry
            }
        }
    }

    /// Schedules the next round, after a longer interval each time.
    fn schedule_next(&mut self, now: f64) {
        self.next_at = Some(now.max(self.round_began + self.interval_ms));
        self.interval_ms = (self.interval_ms * 1.5).min(self.longest_ms);
    }

    /// When the queue was asked for its last answer.
    pub fn last_queue_asked(&self) -> f64 {
        self.last_queue.map_or(f64::NEG_INFINITY, |last| last.asked)
    }

    /// The queue answered.
    pub fn queue_answered(&mut self, now: f64, answer: &QueueAnswer) -> QueueVerdict {
        self.refusals = 0;
        self.queue_failed = false;
        let asked = answer.asked.unwrap_or(self.queue_asked);
        let (position, length) = (answer.position, answer.running + answer.pending);
        let last = self.last_queue.replace(LastQueue { position, length, asked });
        let changed = last.is_some_and(|last| (last.position, last.length) != (position, length));
        if position == QueuePosition::Absent {
            return if self.queue_first { QueueVerdict::AskHistory } else { self.absent(now) };
        }
        self.absent_rounds = 0;
        self.unreadable_since = None;
        if changed {
            self.interval_ms = self.base_ms;
        }
        self.schedule_next(now);
        QueueVerdict::Alive { changed }
    }

    /// The history does not know the prompt, and the queue of this round did not either, or could not be read.
    pub fn unknown(&mut self, now: f64) -> QueueVerdict {
        if !self.queue_failed {
            return self.absent(now);
        }
        self.schedule_next(now);
        QueueVerdict::Absent
    }

    fn absent(&mut self, now: f64) -> QueueVerdict {
        let has_vanished = if self.history_unreadable {
            now - *self.unreadable_since.get_or_insert(now) >= UNREADABLE_MS
        } else {
            self.absent_rounds += 1;
            self.interval_ms = self.base_ms;
            self.absent_rounds >= ROUNDS_UNTIL_VANISHED
        };
        self.schedule_next(now);
        if has_vanished { QueueVerdict::Vanished } else { QueueVerdict::Absent }
    }
}
