//! When to ask the server, and what its answers add up to.

use crate::protocol::queue::{Place, QueueAnswer};

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// `GET /history/{prompt_id}`.
    History,
    /// `GET /queue`.
    Queue,
}

/// The schedule of probes of one run. A round is the history and, where that knows nothing, the queue; or the other way
/// round where the prompt most likely waits: the queue then tells of many at once, and has its length besides.
#[derive(Debug, Clone)]
pub struct Polling {
    base_ms: f64,
    longest_ms: f64,
    interval_ms: f64,
    /// A round that somebody asked for.
    wanted_at: Option<f64>,
    /// The round that follows the last one by itself.
    next_at: Option<f64>,
    in_flight: Option<InFlight>,
    round_began: f64,
    last_id: u32,
    /// The history of this round cannot be read, although the server answers.
    unreadable: bool,
    /// Since when the queue has not had the prompt while the history could not be read.
    unreadable_since: Option<f64>,
    /// Rounds in a row in which neither history nor queue knew the prompt.
    absent_rounds: u32,
    /// Refusals (401, 403) in a row.
    refusals: u32,
    /// Tries in a row that nobody answered, and since when.
    silent_tries: u32,
    silent_since: f64,
    /// Such a try has not been looked at.
    untold_try: bool,
    last_queue: Option<LastQueue>,
    /// When the queue was last asked.
    queue_asked: f64,
    /// This round began with the queue.
    queue_first: bool,
    /// The queue could not tell when it was last asked.
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
    place: Place,
    length: usize,
    /// When it was asked for.
    asked: f64,
}

/// What a failed probe leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failed {
    /// The history cannot be read; the queue may still tell whether the prompt is alive.
    AskQueue,
    /// The queue cannot be read; the history may still tell.
    AskHistory,
    /// Another round.
    Again,
    /// The server keeps refusing with this status: asking on makes no sense.
    Refused(u16),
}

/// What an answer of the queue means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queued {
    /// It waits or runs.
    Alive {
        /// The queue is not as it was.
        changed: bool,
    },
    /// It is not there: the history of this round will tell.
    AskHistory,
    /// It is not there; perhaps it just ended.
    Absent,
    /// It was not there for several rounds.
    Vanished,
}

/// A probe that takes longer is taken for lost.
const PROBE_TIMEOUT_MS: f64 = 15_000.0;
/// A prompt can leave the queue between two requests of one round: absence counts when it is seen this often.
const ROUNDS_UNTIL_VANISHED: u32 = 3;
/// A history that the server cannot write (an output that is no JSON, say) may stay so; a hiccup does not.
const UNREADABLE_MS: f64 = 60_000.0;
/// A server that restarts, a line that is cut or a lid that is closed for a while end nothing. Both have to have passed:
/// a machine that sleeps makes no tries.
const OUT_OF_REACH_MS: f64 = 600_000.0;
const OUT_OF_REACH_TRIES: u32 = 60;
/// A token that ran out does not come back by itself; a proxy's hiccup does.
const REFUSALS_UNTIL_GIVEN_UP: u32 = 5;

impl Polling {
    /// Nothing scheduled.
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
            unreadable: false,
            unreadable_since: None,
            absent_rounds: 0,
            refusals: 0,
            silent_tries: 0,
            silent_since: f64::INFINITY,
            untold_try: false,
            last_queue: None,
            queue_asked: f64::NEG_INFINITY,
            queue_first: false,
            queue_failed: false,
        }
    }

    /// When something is due.
    pub fn timer(&self) -> Option<f64> {
        match self.in_flight {
            Some(probe) => Some(probe.began + PROBE_TIMEOUT_MS),
            None => self.planned(),
        }
    }

    fn planned(&self) -> Option<f64> {
        [self.wanted_at, self.next_at].into_iter().flatten().reduce(f64::min)
    }

    /// Whether probes are scheduled or under way.
    pub fn is_active(&self) -> bool {
        self.in_flight.is_some() || self.planned().is_some()
    }

    /// Schedules a round at `at`, or as soon as the interval allows. An earlier one stays. A round that is under way
    /// does not count: what it learns may be older than the question.
    pub fn ask_at(&mut self, at: f64) {
        let at = at.max(self.round_began + self.base_ms);
        self.wanted_at = Some(self.wanted_at.map_or(at, |planned| planned.min(at)));
    }

    /// The id of the last probe; they count up.
    pub fn last_id(&self) -> u32 {
        self.last_id
    }

    /// The socket speaks of the prompt: nothing needs to be asked.
    pub fn rest(&mut self) {
        (self.wanted_at, self.next_at) = (None, None);
        self.interval_ms = self.base_ms;
        self.absent_rounds = 0;
        self.refusals = 0;
        self.unreadable_since = None;
        self.reached();
    }

    /// The server has given a sign of life.
    pub fn reached(&mut self) {
        (self.silent_tries, self.silent_since) = (0, f64::INFINITY);
    }

    fn not_reached(&mut self, now: f64) {
        self.silent_tries += 1;
        self.silent_since = self.silent_since.min(now);
        self.untold_try = true;
    }

    /// Whether a try was not answered since this was last asked.
    pub fn take_silent_try(&mut self) -> bool {
        std::mem::take(&mut self.untold_try)
    }

    /// How many tries in a row were not answered.
    pub fn silent_tries(&self) -> u32 {
        self.silent_tries
    }

    /// Whether the server has not answered for so long that it will not.
    pub fn is_out_of_reach(&self, now: f64) -> bool {
        self.silent_tries >= OUT_OF_REACH_TRIES && now - self.silent_since >= OUT_OF_REACH_MS
    }

    /// The prompt is alive and the socket would tell: no round follows by itself.
    pub fn relax(&mut self) {
        self.next_at = None;
        self.interval_ms = self.base_ms;
    }

    /// Begins the probe that is due, if one is. `waits`: the prompt most likely waits.
    pub fn due(&mut self, now: f64, waits: bool) -> Option<(Probe, u32)> {
        if let Some(lost) = self.in_flight.filter(|probe| now >= probe.began + PROBE_TIMEOUT_MS) {
            self.in_flight = None;
            self.queue_failed |= lost.probe == Probe::Queue;
            self.not_reached(now);
            self.again(now);
        }
        if self.in_flight.is_some() || self.planned().is_none_or(|at| now < at) {
            return None;
        }
        (self.wanted_at, self.next_at) = (None, None);
        self.round_began = now;
        self.unreadable = false;
        self.queue_first = waits && !self.queue_failed;
        Some(if self.queue_first { self.ask_queue(now) } else { self.ask_history(now) })
    }

    /// Goes on with the history, in the same round.
    pub fn ask_history(&mut self, now: f64) -> (Probe, u32) {
        self.begin(now, Probe::History)
    }

    /// Whether the queue of this round has been asked before the history.
    pub fn began_with_queue(&self) -> bool {
        self.queue_first
    }

    /// Answers of the queue that were asked for up to then tell nothing new. Half an interval old ones do: runs that ask
    /// at about the same time share one.
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

    /// Takes the answer to a probe in; `None` where nobody waits for it any more.
    pub fn answered(&mut self, id: u32) -> Option<Probe> {
        let probe = self.in_flight.filter(|probe| probe.id == id)?.probe;
        self.in_flight = None;
        Some(probe)
    }

    /// The probe failed, with this HTTP status where there was one.
    pub fn failed(&mut self, now: f64, probe: Probe, status: Option<u16>) -> Failed {
        self.queue_failed |= probe == Probe::Queue;
        match status {
            Some(status @ (401 | 403)) => {
                self.reached();
                self.refusals += 1;
                self.again(now);
                if self.refusals >= REFUSALS_UNTIL_GIVEN_UP { Failed::Refused(status) } else { Failed::Again }
            }
            // Too many requests, or a proxy whose server does not answer: the queue would fare no better.
            None | Some(429 | 502 | 503 | 504) => {
                self.not_reached(now);
                self.again(now);
                Failed::Again
            }
            Some(_) => {
                self.reached();
                self.refusals = 0;
                if probe == Probe::Queue && self.queue_first {
                    return Failed::AskHistory;
                }
                if probe == Probe::History {
                    self.unreadable = true;
                    return Failed::AskQueue;
                }
                self.again(now);
                Failed::Again
            }
        }
    }

    /// Schedules the next round, later each time.
    fn again(&mut self, now: f64) {
        self.next_at = Some(now.max(self.round_began + self.interval_ms));
        self.interval_ms = (self.interval_ms * 1.5).min(self.longest_ms);
    }

    /// When the queue was asked for its last answer.
    pub fn last_queue_asked(&self) -> f64 {
        self.last_queue.map_or(f64::NEG_INFINITY, |last| last.asked)
    }

    /// The queue answered.
    pub fn queue_answered(&mut self, now: f64, answer: &QueueAnswer) -> Queued {
        self.refusals = 0;
        self.queue_failed = false;
        let asked = answer.asked.unwrap_or(self.queue_asked);
        let (place, length) = (answer.place, answer.running + answer.pending);
        let last = self.last_queue.replace(LastQueue { place, length, asked });
        let changed = last.is_some_and(|last| (last.place, last.length) != (place, length));
        if place == Place::Absent {
            return if self.queue_first { Queued::AskHistory } else { self.absent(now) };
        }
        self.absent_rounds = 0;
        self.unreadable_since = None;
        if changed {
            self.interval_ms = self.base_ms;
        }
        self.again(now);
        Queued::Alive { changed }
    }

    /// The history knows nothing of the prompt, and the queue of this round did not either, or could not tell.
    pub fn unknown(&mut self, now: f64) -> Queued {
        if !self.queue_failed {
            return self.absent(now);
        }
        self.again(now);
        Queued::Absent
    }

    fn absent(&mut self, now: f64) -> Queued {
        let vanished = if self.unreadable {
            now - *self.unreadable_since.get_or_insert(now) >= UNREADABLE_MS
        } else {
            self.absent_rounds += 1;
            self.interval_ms = self.base_ms;
            self.absent_rounds >= ROUNDS_UNTIL_VANISHED
        };
        self.again(now);
        if vanished { Queued::Vanished } else { Queued::Absent }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(place: Place) -> QueueAnswer {
        QueueAnswer { place, running: 1, pending: 0, prompt: None, asked: None }
    }

    #[test]
    fn rounds_keep_the_interval_and_back_off_while_nothing_changes() {
        let mut polling = Polling::new(500.0, 5000.0);
        polling.ask_at(0.0);
        let mut began = Vec::new();
        for _ in 0..12 {
            let now = polling.timer().unwrap();
            began.push(now);
            let (_, id) = polling.due(now, false).unwrap();
            polling.answered(id).unwrap();
            let (_, id) = polling.ask_queue(now);
            polling.answered(id).unwrap();
            polling.queue_answered(now, &queue(Place::Running));
        }
        let gaps: Vec<f64> = began.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(gaps[0], 500.0);
        assert!(gaps.windows(2).all(|pair| pair[0] <= pair[1]), "{gaps:?}");
        assert_eq!(*gaps.last().unwrap(), 5000.0);
    }

    #[test]
    fn absence_counts_after_three_rounds() {
        let mut polling = Polling::new(500.0, 5000.0);
        assert_eq!(polling.queue_answered(0.0, &queue(Place::Absent)), Queued::Absent);
        assert_eq!(polling.queue_answered(500.0, &queue(Place::Absent)), Queued::Absent);
        assert_eq!(polling.queue_answered(900.0, &queue(Place::Running)), Queued::Alive { changed: true });
        assert_eq!(polling.queue_answered(1000.0, &queue(Place::Absent)), Queued::Absent);
        assert_eq!(polling.queue_answered(1500.0, &queue(Place::Absent)), Queued::Absent);
        assert_eq!(polling.queue_answered(2000.0, &queue(Place::Absent)), Queued::Vanished);
    }

    #[test]
    fn a_probe_without_an_answer_is_given_up_and_its_late_answer_ignored() {
        let mut polling = Polling::new(500.0, 5000.0);
        polling.ask_at(0.0);
        let (_, lost) = polling.due(0.0, false).unwrap();
        assert_eq!(polling.due(100.0, false), None);
        let (_, second) = polling.due(PROBE_TIMEOUT_MS, false).unwrap();
        assert_eq!(polling.answered(lost), None);
        assert_eq!(polling.answered(second), Some(Probe::History));
    }

    #[test]
    fn only_refusals_in_a_row_give_up() {
        let mut polling = Polling::new(500.0, 5000.0);
        let mut refuse = |status| polling.failed(0.0, Probe::Queue, Some(status));
        assert!((0..4).all(|_| refuse(401) == Failed::Again));
        assert_eq!(refuse(500), Failed::Again);
        assert!((0..4).all(|_| refuse(403) == Failed::Again));
        assert_eq!(refuse(403), Failed::Refused(403));
    }

    #[test]
    fn a_history_that_cannot_be_read_leaves_the_queue_to_tell_and_counts_only_in_the_long_run() {
        let mut polling = Polling::new(500.0, 5000.0);
        polling.ask_at(0.0);
        let ended = loop {
            let now = polling.timer().unwrap();
            let (_, id) = polling.due(now, false).unwrap();
            polling.answered(id).unwrap();
            assert_eq!(polling.failed(now, Probe::History, Some(500)), Failed::AskQueue);
            let (_, id) = polling.ask_queue(now);
            polling.answered(id).unwrap();
            if polling.queue_answered(now, &queue(Place::Absent)) == Queued::Vanished || now > 2.0 * UNREADABLE_MS {
                break now;
            }
        };
        assert!((UNREADABLE_MS..UNREADABLE_MS + 5000.0).contains(&ended), "{ended}");
    }

    #[test]
    fn a_question_asked_during_a_round_is_not_answered_by_it() {
        let mut polling = Polling::new(500.0, 5000.0);
        polling.ask_at(0.0);
        polling.due(0.0, false).unwrap();
        polling.ask_at(10.0);
        let (_, id) = polling.ask_queue(10.0);
        polling.answered(id).unwrap();
        polling.queue_answered(20.0, &queue(Place::Running));
        polling.relax();
        assert_eq!(polling.timer(), Some(500.0));
    }
}
