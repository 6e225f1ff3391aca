//! Answers to the probes of a run.

use std::rc::Rc;

use crate::protocol::history::HistoryAnswer;
use crate::protocol::queue::{QueueAnswer, QueuePosition};
use crate::session::run::effect::Effect;
use crate::session::run::event::{DetectedBy, EndSource, EventKind, QueueStatus};
use crate::session::run::graph::Graph;
use crate::session::run::input::Answer;
use crate::session::run::machine::Run;
use crate::session::run::polling::{AfterFailure, Probe, QueueVerdict};
use crate::session::run::setup::FrameSource;

const STALE: &str = "the socket is open, but the server no longer sends to it; replacing it";
/// A server that has never answered may not exist: the run fails, as a submission does, but after several tries, for a
/// page and a server that start together.
const TRIES_WITHOUT_CONTACT: u32 = 3;

impl<M: Clone> Run<M> {
    pub(super) fn on_answer(&mut self, now: f64, probe: Probe, answer: Answer) {
        if !matches!(answer, Answer::History(HistoryAnswer::Ended(_))) && self.end_after_failed_lookup(now) {
            return;
        }
        match answer {
            Answer::History(HistoryAnswer::Ended(_)) if self.expects_end_frame(now) => self.is_confirmed = true,
            Answer::History(HistoryAnswer::Ended(item)) => self.end_by_history(now, Rc::from(*item)),
            Answer::History(HistoryAnswer::Unknown) => self.ask_queue(now),
            Answer::Queue(mut answer) => {
                answer.asked = answer.asked.map(|asked| asked + self.clock_set_back);
                self.on_queue(now, &answer);
            }
            Answer::Failed(status) => self.on_failure(now, probe, status),
        }
    }

    fn on_failure(&mut self, now: f64, probe: Probe, status: Option<u16>) {
        let by = if probe == Probe::History { DetectedBy::History } else { DetectedBy::Queue };
        match self.polling.failed(now, probe, status) {
            AfterFailure::AskQueue => self.ask_queue(now),
            AfterFailure::AskHistory => self.ask_history(now),
            AfterFailure::Retry => {}
            AfterFailure::Refused(status) => self.give_up_asking(now, EndSource::Refused(status), by),
        }
    }

    /// After a probe that was not answered: decides whether the run goes on asking.
    pub(super) fn check_reach(&mut self, now: f64) {
        if !self.in_contact {
            if self.polling.reach.unanswered_probes() >= TRIES_WITHOUT_CONTACT {
                self.effects.push(Effect::NoContact);
            }
        } else if self.polling.reach.is_lost(now) {
            self.give_up_asking(now, EndSource::Unreachable, DetectedBy::History);
        }
    }

    fn give_up_asking(&mut self, now: f64, source: EndSource<M>, by: DetectedBy) {
        // Frames can still bring the end, unless both the socket and its replacement are silent.
        let may_speak = self.socket.is_open() && self.pending_end.is_none();
        if !may_speak || (self.is_long_silent(now) && self.socket.was_replaced_in_vain()) {
            self.end_unanswered(now, source, by);
        } else if self.is_long_silent(now) {
            self.replace_socket(now, STALE);
            self.polling.reach.answered();
        }
    }

    fn is_long_silent(&self, now: f64) -> bool {
        self.socket.is_long_silent(now, self.settings.idle_timeout_ms)
    }

    /// Whether the end's frame is on its way: the history was asked for another reason than silence, and its answer
    /// overtook the frames. If they stay away, silence asks again.
    fn expects_end_frame(&self, now: f64) -> bool {
        let listens = self.socket.is_open() && !self.may_have_missed && now < self.silent_at();
        listens && self.success.is_none() && self.pending_end.is_none()
    }

    fn ask_history(&mut self, now: f64) {
        let (probe, id) = self.polling.ask_history(now);
        self.effects.push(Effect::Ask(probe, id));
    }

    /// The history does not know the prompt, or cannot be read.
    fn ask_queue(&mut self, now: f64) {
        if self.polling.began_with_queue() {
            if self.polling.unknown(now) == QueueVerdict::Vanished {
                self.end_unanswered(now, EndSource::Vanished, DetectedBy::Queue);
            }
            return;
        }
        let (probe, id) = self.polling.ask_queue(now);
        self.effects.push(Effect::Ask(probe, id));
    }

    fn on_queue(&mut self, now: f64, answer: &QueueAnswer) {
        if let Some(prompt) = &answer.prompt
            && !self.progress.knows_nodes()
        {
            self.progress.learn_graph(Graph::new(prompt));
        }
        self.is_confirmed |= answer.position != QueuePosition::Absent;
        self.report_position(now, answer);
        if answer.position == QueuePosition::Running {
            self.started_at.get_or_insert(now);
        }
        let asked = self.polling.last_queue_asked();
        match self.polling.queue_answered(now, answer) {
            QueueVerdict::Alive { changed } => {
                let missed = changed && matches!(self.frames, FrameSource::Socket { .. });
                if self.socket.is_stale(now, missed.then_some(asked), self.settings.idle_timeout_ms) {
                    self.replace_socket(now, STALE);
                } else if self.socket.is_open()
                    && now < self.silent_at()
                    && self.pending_end.is_none()
                    && self.success.is_none()
                {
                    // A probe after a reopened socket has found the prompt alive: from here on the socket suffices.
                    self.polling.relax();
                }
            }
            QueueVerdict::AskHistory => self.ask_history(now),
            QueueVerdict::Absent => {}
            QueueVerdict::Vanished => self.end_unanswered(now, EndSource::Vanished, DetectedBy::Queue),
        }
    }

    fn report_position(&mut self, now: f64, answer: &QueueAnswer) {
        let position = match answer.position {
            QueuePosition::Running => 0,
            QueuePosition::Waiting(position) => position,
            QueuePosition::Absent => return,
        };
        if self.started_at.is_some() {
            return;
        }
        let status = QueueStatus { position, running: answer.running, pending: answer.pending };
        let moved = self.queue_status.is_none_or(|last| last.position != position);
        if moved || (self.settings.poll_queue && self.queue_status != Some(status)) {
            self.queue_status = Some(status);
            self.emit(now, EventKind::Queue(status), Some(DetectedBy::Queue));
        }
    }
}
