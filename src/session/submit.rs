//! One submission of a prompt. Its answer may come late, or be lost although the server has the prompt.

#[cfg(test)]
mod tests;

use crate::protocol::dialect::Dialect;
use crate::protocol::history::HistoryAnswer;
use crate::protocol::queue::QueuePosition;
use crate::protocol::submission::Accepted;
use crate::session::run::input::Answer;
use crate::session::run::polling::Probe;
use crate::text::fifo::Fifo;

/// A submission, alone or with a run that follows it. `E` is what went wrong with a request that was not answered.
#[derive(Debug)]
pub struct Submit<E> {
    dialect: Dialect,
    prompt_id: String,
    /// When the caller stops waiting.
    deadline: f64,
    stage: Stage,
    /// The caller aborted; what the server takes has to be cancelled.
    is_aborted: bool,
    /// A frame named the prompt, so the run counts it as accepted. An abort then cancels it through the run.
    is_run_accepted: bool,
    /// The answer is lost, and neither queue nor history have the prompt.
    is_absent: bool,
    /// Why the answer was lost.
    failure: Option<SubmitError<E>>,
    effects: Fifo<Effect<E>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Stage {
    /// The socket is being opened, so that no frame is missed.
    AwaitingSocket {
        until: f64,
        is_extended: bool,
    },
    /// The prompt is on its way.
    Posted,
    /// The answer is lost: does the server have the prompt?
    Probing,
    Done,
}

#[derive(Debug)]
pub enum Input<E> {
    /// The socket is open, or has failed to open.
    SocketTried,
    /// The server answered the submission.
    Answered { status: u16, text: String },
    /// It did not. `late`: the time given with [`Effect::Post`] has passed.
    Unanswered { late: bool, cause: E },
    /// The answer to [`Effect::Ask`].
    Probed(Answer),
    /// A frame showed the run that the server has the prompt.
    RunAccepted,
    /// The run has ended for its callers.
    RunEnded,
    /// The caller aborted.
    Aborted,
    /// The time of [`Submit::poll_timeout`] has come.
    Timeout,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Effect<E> {
    /// Send the prompt. No answer within this time is [`Input::Unanswered`].
    Post { within_ms: f64 },
    /// Abort the request that is under way.
    Abort,
    /// Ask the server about the prompt.
    Ask(Probe),
    /// Cancel this prompt on the server.
    Cancel(String),
    /// The submission is over.
    Done(Result<Accepted, SubmitError<E>>),
}

#[derive(Debug, Clone, PartialEq)]
pub enum SubmitError<E> {
    /// The server, or a proxy in front of it, refused the prompt.
    Refused { status: u16, text: String },
    /// Status 200 with a body that ComfyUI does not send.
    NotComfy { text: String },
    /// No answer came in time. The server may have the prompt.
    Late(E),
    /// The request failed.
    Unanswered(E),
    /// The caller aborted.
    Aborted,
}

/// Longer than the validation of the largest prompts, or a list of models on a slow disk, takes.
pub const ANSWER_LIMIT_MS: f64 = 120_000.0;
/// How long the answer to a small question, such as the queue, may take to begin.
pub const QUESTION_LIMIT_MS: f64 = 30_000.0;
/// How long a socket that neither opens nor fails may hold the submission back.
pub const SOCKET_LIMIT_MS: f64 = 3_000.0;
/// After a page was busy, the timer can fire before the event of a socket that has opened meanwhile: one short
/// extension.
const SOCKET_LOOK_MS: f64 = 50.0;

impl<E: Clone> Submit<E> {
    /// `wait_ms`: how long the caller waits at most. `opens_socket`: a socket is being opened for the run.
    pub fn new(dialect: Dialect, prompt_id: &str, opens_socket: bool, wait_ms: Option<f64>, now: f64) -> Self {
        let mut submit = Submit {
            dialect,
            prompt_id: prompt_id.to_owned(),
            deadline: now + wait_ms.unwrap_or(f64::INFINITY),
            stage: Stage::AwaitingSocket { until: now + SOCKET_LIMIT_MS, is_extended: false },
            is_aborted: false,
            is_run_accepted: false,
            is_absent: false,
            failure: None,
            effects: Fifo::default(),
        };
        if !opens_socket {
            submit.post(now);
        }
        submit
    }

    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }

    /// Whether the server has the prompt after this failure; `None` where that is not known.
    pub fn taken(&self, error: &SubmitError<E>) -> Option<bool> {
        match error {
            // The server may go on after its proxy has given up.
            SubmitError::Refused { status: 408 | 504, .. } => None,
            SubmitError::Refused { status, .. } if *status < 500 => Some(false),
            SubmitError::Refused { .. } | SubmitError::Unanswered(_) => self.is_absent.then_some(false),
            SubmitError::NotComfy { .. } | SubmitError::Late(_) | SubmitError::Aborted => None,
        }
    }

    /// The next effect; `None` when all are done.
    pub fn poll_effect(&mut self) -> Option<Effect<E>> {
        self.effects.pop()
    }

    /// When the submission wants [`Input::Timeout`].
    pub fn poll_timeout(&self) -> Option<f64> {
        match self.stage {
            Stage::AwaitingSocket { until, .. } => Some(until),
            Stage::Posted | Stage::Probing | Stage::Done => None,
        }
    }

    pub fn handle(&mut self, now: f64, input: Input<E>) {
        match (self.stage, input) {
            (Stage::Done, _) => {}
            (_, Input::RunAccepted) => self.is_run_accepted = true,
            (Stage::AwaitingSocket { .. }, Input::SocketTried) => self.post(now),
            (Stage::AwaitingSocket { until, is_extended }, Input::Timeout) if now >= until => {
                if is_extended {
                    self.post(now);
                } else {
                    self.stage = Stage::AwaitingSocket { until: now + SOCKET_LOOK_MS, is_extended: true };
                }
            }
            (Stage::AwaitingSocket { .. }, Input::Aborted | Input::RunEnded) => self.end(Err(SubmitError::Aborted)),
            (Stage::Posted | Stage::Probing, Input::Aborted) => self.on_aborted(),
            (Stage::Posted | Stage::Probing, Input::RunEnded) => self.on_run_ended(),
            (Stage::Posted, Input::Answered { status, text }) => self.on_answered(status, text),
            (Stage::Posted, Input::Unanswered { late, cause }) => self.on_unanswered(late, cause),
            (Stage::Probing, Input::Probed(answer)) => self.on_probed(&answer),
            _ => {}
        }
    }

    fn post(&mut self, now: f64) {
        self.stage = Stage::Posted;
        self.effects.push(Effect::Post { within_ms: (self.deadline - now).clamp(0.0, ANSWER_LIMIT_MS) });
    }

    fn on_answered(&mut self, status: u16, text: String) {
        if matches!(status, 200 | 201) {
            return match Accepted::read(&text) {
                Some(accepted) => self.on_taken(accepted),
                None => self.fail(SubmitError::NotComfy { text }),
            };
        }
        let is_own_answer = status < 500;
        let refused = SubmitError::Refused { status, text };
        // A proxy's error does not say whether the server has the prompt.
        if is_own_answer { self.fail(refused) } else { self.probe(refused) }
    }

    fn on_unanswered(&mut self, late: bool, cause: E) {
        if late { self.fail(SubmitError::Late(cause)) } else { self.probe(SubmitError::Unanswered(cause)) }
    }

    /// Finds out whether the server has the prompt. The queue first: a prompt that leaves it is in the history. The API
    /// v2 chooses the ids of jobs itself, so the client has no id to ask for.
    fn probe(&mut self, failure: SubmitError<E>) {
        if self.dialect == Dialect::V2 || self.is_run_accepted {
            return self.fail(failure);
        }
        self.failure = Some(failure);
        self.stage = Stage::Probing;
        self.effects.push(Effect::Ask(Probe::Queue));
    }

    fn on_probed(&mut self, answer: &Answer) {
        let failure = match answer {
            Answer::Queue(answer) if answer.position == QueuePosition::Absent => {
                self.effects.push(Effect::Ask(Probe::History));
                return;
            }
            Answer::Queue(_) | Answer::History(HistoryAnswer::Ended(_)) => return self.on_taken(self.without_answer()),
            Answer::History(HistoryAnswer::Unknown) => {
                self.is_absent = true;
                self.failure.take()
            }
            Answer::Failed(_) => self.failure.take(),
        };
        match failure {
            Some(failure) => self.fail(failure),
            None => self.end(Err(SubmitError::Aborted)),
        }
    }

    /// The answer is lost. A frame may have shown nevertheless that the server has the prompt.
    fn fail(&mut self, failure: SubmitError<E>) {
        if self.is_run_accepted {
            self.on_taken(self.without_answer());
        } else {
            self.end(Err(if self.is_aborted { SubmitError::Aborted } else { failure }));
        }
    }

    /// The server has the prompt.
    fn on_taken(&mut self, accepted: Accepted) {
        if !self.is_aborted {
            return self.end(Ok(accepted));
        }
        if !self.is_run_accepted {
            self.effects.push(Effect::Cancel(accepted.prompt_id));
        }
        self.end(Err(SubmitError::Aborted));
    }

    /// The run has ended before the submission was answered: the answer is no longer needed.
    fn on_run_ended(&mut self) {
        if self.is_run_accepted {
            self.effects.push(Effect::Abort);
            self.on_taken(self.without_answer());
        }
    }

    fn on_aborted(&mut self) {
        self.is_aborted = true;
        if self.is_run_accepted {
            self.effects.push(Effect::Abort);
            self.end(Err(SubmitError::Aborted));
        }
    }

    /// What is known of an accepted prompt whose answer was lost.
    fn without_answer(&self) -> Accepted {
        Accepted { prompt_id: self.prompt_id.clone(), number: None, node_errors: "{}".to_owned() }
    }

    fn end(&mut self, result: Result<Accepted, SubmitError<E>>) {
        self.stage = Stage::Done;
        self.effects.push(Effect::Done(result));
    }
}
