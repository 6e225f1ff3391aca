//! What a run learns from its probes.

use std::rc::Rc;

use crate::protocol::history::HistoryAnswer;
use crate::protocol::queue::{Place, QueueAnswer};
use crate::session::run::effect::Effect;
use crate::session::run::event::{DetectedBy, EndSource, QueueNews, What};
use crate::session::run::graph::Graph;
use crate::session::run::machine::{Answer, Run};
use crate::session::run::polling::{Failed, Probe, Queued};

const DEAF: &str = "the socket is open but deaf; replacing it";
/// Of a server that has never answered nobody knows whether it is there at all: like a submission, but patient enough
/// for a page and a server that start together.
const TRIES_WITHOUT_CONTACT: u32 = 3;

impl Run {
    pub(super) fn on_answer(&mut self, now: f64, probe: Probe, answer: Answer) {
        if !matches!(answer, Answer::Failed(_)) {
            self.polling.reached();
        }
        if !matches!(answer, Answer::History(HistoryAnswer::Ended(_))) && self.end_after_failed_lookup(now) {
            return;
        }
        match answer {
            Answer::History(HistoryAnswer::Ended(_)) if self.will_be_told(now) => {}
            Answer::History(HistoryAnswer::Ended(item)) => self.end_by_history(now, Rc::from(*item)),
            Answer::History(HistoryAnswer::Unknown) => self.ask_queue(now),
            Answer::Queue(mut answer) => {
                answer.asked = answer.asked.map(|asked| asked + self.set_back);
                self.on_queue(now, &answer);
            }
            Answer::Failed(status) => self.on_failure(now, probe, status),
        }
    }

    fn on_failure(&mut self, now: f64, probe: Probe, status: Option<u16>) {
        let by = if probe == Probe::History { DetectedBy::History } else { DetectedBy::Queue };
        match self.polling.failed(now, probe, status) {
            Failed::AskQueue => self.ask_queue(now),
            Failed::AskHistory => self.ask_history(now),
            Failed::Again => {}
            Failed::Refused(status) => self.give_up_asking(now, EndSource::Refused(status), by),
        }
    }

    /// Whether it makes sense to ask on, after a try that nobody answered.
    pub(super) fn check_reach(&mut self, now: f64) {
        if !self.in_contact {
            if self.polling.silent_tries() >= TRIES_WITHOUT_CONTACT {
                self.effects.push(Effect::NoContact);
            }
        } else if self.polling.is_out_of_reach(now) {
            self.give_up_asking(now, EndSource::Unreachable, DetectedBy::History);
        }
    }

    fn give_up_asking(&mut self, now: f64, source: EndSource, by: DetectedBy) {
        // Frames can still tell the end, unless the socket and its successor are as dead as they look.
        let open = self.socket.is_open() && self.ending.is_none();
        if !open || (self.is_long_silent(now) && self.socket.was_replaced_in_vain()) {
            self.end_unanswered(now, source, by);
        } else if self.is_long_silent(now) {
            self.replace_socket(now, DEAF);
            self.polling.reached();
        }
    }

    fn is_long_silent(&self, now: f64) -> bool {
        self.socket.is_long_silent(now, self.settings.idle_timeout_ms)
    }

    /// Whether the frames of a run that has ended are on their way: it was asked for another reason than silence, and the
    /// answer came before they did. If they stay away, silence asks again.
    fn will_be_told(&self, now: f64) -> bool {
        let listens = self.socket.is_open() && !self.gap && now < self.silent_at();
        listens && self.success.is_none() && self.ending.is_none()
    }

    fn ask_history(&mut self, now: f64) {
        let (probe, id) = self.polling.ask_history(now);
        self.effects.push(Effect::Ask(probe, id));
    }

    /// The history knows nothing of the prompt, or cannot be read.
    fn ask_queue(&mut self, now: f64) {
        if self.polling.began_with_queue() {
            if self.polling.unknown(now) == Queued::Vanished {
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
        self.tell_place(now, answer);
        if answer.place == Place::Running {
            self.started_at.get_or_insert(now);
        }
        let asked = self.polling.last_queue_asked();
        match self.polling.queue_answered(now, answer) {
            Queued::Alive { changed } => {
                let missed = changed && self.settings.hears_queue;
                if self.socket.is_deaf(now, missed.then_some(asked), self.settings.idle_timeout_ms) {
                    self.replace_socket(now, DEAF);
                } else if self.socket.is_open()
                    && now < self.silent_at()
                    && self.ending.is_none()
                    && self.success.is_none()
                {
                    // A probe after a reopened socket has found the prompt alive: from here on the socket tells.
                    self.polling.relax();
                }
            }
            Queued::AskHistory => self.ask_history(now),
            Queued::Absent => {}
            Queued::Vanished => self.end_unanswered(now, EndSource::Vanished, DetectedBy::Queue),
        }
    }

    fn tell_place(&mut self, now: f64, answer: &QueueAnswer) {
        let position = match answer.place {
            Place::Running => 0,
            Place::Waiting(place) => place,
            Place::Absent => return,
        };
        if self.started_at.is_some() {
            return;
        }
        let news = QueueNews { position, running: answer.running, pending: answer.pending };
        let moved = self.last_queue.is_none_or(|last| last.position != position);
        if moved || (self.settings.poll_queue && self.last_queue != Some(news)) {
            self.last_queue = Some(news);
            self.emit(now, What::Queue(news), Some(DetectedBy::Queue));
        }
    }
}
