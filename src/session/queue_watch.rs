//! One question to a server's queue for all runs that want to know their position in it: a queue of a thousand prompts is
//! megabytes of JSON.

#[cfg(test)]
mod tests;

use std::rc::Rc;

use crate::protocol::queue::Queue;
use crate::session::run::input::Answer;
use crate::session::run::polling::PROBE_TIMEOUT_MS;
use crate::text::fifo::Fifo;

/// The queue of one server, shared by the runs on it. `R` is a handle of a run.
#[derive(Debug)]
pub struct QueueWatch<R> {
    /// The last answer, and when it was asked for.
    known: Option<(f64, Queue)>,
    question: Option<Question>,
    last_number: u32,
    waiting: Vec<Waiting<R>>,
    effects: Fifo<Effect<R>>,
}

/// The question that is under way.
#[derive(Debug, Clone, Copy)]
struct Question {
    number: u32,
    asked: f64,
}

/// A run that has asked.
#[derive(Debug)]
struct Waiting<R> {
    run: R,
    prompt_id: Rc<str>,
    probe_id: u32,
    /// The run already knows what was asked up to this time.
    known_until: f64,
}

#[derive(Debug, Clone)]
pub enum Effect<R> {
    /// Ask the server for its queue, under this number. An earlier question is void: abort it.
    Ask(u32),
    /// Abort the question that is under way.
    Abort,
    /// Answer this run's probe.
    Answer(R, u32, Answer),
}

impl<R> Default for QueueWatch<R> {
    fn default() -> Self {
        QueueWatch { known: None, question: None, last_number: 0, waiting: Vec::new(), effects: Fifo::default() }
    }
}

impl<R: Clone + PartialEq> QueueWatch<R> {
    /// The next effect; `None` when all are done.
    pub fn poll_effect(&mut self) -> Option<Effect<R>> {
        self.effects.pop()
    }

    /// A run wants a probe answered. `known_until`: the run already knows what was asked up to that time.
    pub fn ask(&mut self, now: f64, run: R, prompt_id: Rc<str>, probe_id: u32, known_until: f64) {
        self.waiting.push(Waiting { run, prompt_id, probe_id, known_until });
        self.answer_waiting();
        // A question that is as old as a probe may become counts as lost.
        let is_under_way = self.question.is_some_and(|question| now - question.asked < PROBE_TIMEOUT_MS);
        if !self.waiting.is_empty() && !is_under_way {
            self.begin(now);
        }
    }

    /// A run leaves. When no run waits any more the question is aborted.
    pub fn leave(&mut self, run: &R) {
        let before = self.waiting.len();
        self.waiting.retain(|one| one.run != *run);
        if before > 0 && self.waiting.is_empty() && self.question.take().is_some() {
            self.effects.push(Effect::Abort);
        }
    }

    /// The answer to a question: the queue, or the HTTP status where there was one.
    pub fn answered(&mut self, now: f64, number: u32, answer: Result<Queue, Option<u16>>) {
        let Some(question) = self.question.filter(|question| question.number == number) else { return };
        self.question = None;
        match answer {
            Ok(queue) => {
                self.known = Some((question.asked, queue));
                self.answer_waiting();
                if !self.waiting.is_empty() {
                    self.begin(now);
                }
            }
            // A run that waited for a later question can ask again.
            Err(status) => {
                let failed = |one: Waiting<R>| Effect::Answer(one.run, one.probe_id, Answer::Failed(status));
                self.effects.extend(self.waiting.drain(..).map(failed));
            }
        }
    }

    fn begin(&mut self, now: f64) {
        self.last_number += 1;
        self.question = Some(Question { number: self.last_number, asked: now });
        self.effects.push(Effect::Ask(self.last_number));
    }

    /// Gives the last answer to the runs that do not know it yet.
    fn answer_waiting(&mut self) {
        let Some((asked, queue)) = &self.known else { return };
        let (answered, waiting): (Vec<_>, _) =
            std::mem::take(&mut self.waiting).into_iter().partition(|one| one.known_until < *asked);
        self.waiting = waiting;
        for one in answered {
            let answer = Answer::Queue(queue.answer(&one.prompt_id, *asked));
            self.effects.push(Effect::Answer(one.run, one.probe_id, answer));
        }
    }
}
