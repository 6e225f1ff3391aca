//! Cancelling a prompt on its server, with the fallbacks for old servers, and no other prompt.

#[cfg(test)]
mod tests;

use crate::protocol::address::percent_encode;
use crate::protocol::dialect::{Dialect, JobStatus};
use crate::protocol::json::{Raw, quoted};
use crate::protocol::queue::{QueueAnswer, QueuePosition};

/// One cancellation. `E` is what went wrong with a request that was not answered.
#[derive(Debug)]
pub struct Cancel<E> {
    dialect: Dialect,
    prompt_id: String,
    step: Step,
    attempt: u32,
    deadline: f64,
    /// The last failure.
    trouble: Option<CancelError<E>>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    /// `POST /api/jobs/{id}/cancel`: servers since 0.6 need no more. Older ones answer 404 or 405, which a page of
    /// another origin may not see.
    CancelJob,
    /// `GET /queue`: where it is.
    FindInQueue,
    /// `POST /queue`: takes a prompt that waits out of the queue.
    Dequeue {
        waited: bool,
    },
    /// `GET /queue`: it may have begun to run in between.
    FindRunning {
        waited: bool,
    },
    /// `POST /interrupt`. Servers that do not know its `prompt_id` stop whatever runs, so it is sent only while the queue
    /// has this prompt running.
    Interrupt,
    /// `GET /api/v2/jobs/{id}`: a job that was cancelled while it waited answers 404, as does an unknown one.
    FindJobV2,
    /// `POST /api/v2/jobs/{id}/cancel`.
    CancelJobV2,
    Pause {
        until: f64,
    },
    Done(Option<bool>),
}

#[derive(Debug, PartialEq)]
pub enum Effect<E> {
    /// Send a request; it is given up after `within_ms`.
    Send { request: Request, within_ms: f64 },
    /// Call [`Cancel::handle_timeout`] at this time.
    WaitUntil(f64),
    /// The end: whether the server had the prompt, or why that is not known.
    Done(Result<bool, CancelError<E>>),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    pub method: &'static str,
    pub route: String,
    pub body: Option<String>,
}

/// Why the server did not confirm: the prompt may go on.
#[derive(Debug, Clone, PartialEq)]
pub enum CancelError<E> {
    /// A request was not answered.
    Unanswered(E),
    /// It answered with something else.
    Refused { status: u16, text: String },
}

/// Several attempts, so that one lost request does not leave a prompt running.
const ATTEMPTS: u32 = 4;
const PAUSE_MS: f64 = 250.0;
/// Cancelling settles within this time, even when the server does not answer.
pub const DEADLINE_MS: f64 = 6_000.0;
const REQUEST_LIMIT_MS: f64 = 3_000.0;

impl<E: Clone> Cancel<E> {
    pub fn new(dialect: Dialect, prompt_id: &str, now: f64) -> Self {
        Cancel {
            dialect,
            prompt_id: prompt_id.to_owned(),
            step: first_step(dialect),
            attempt: 1,
            deadline: now + DEADLINE_MS,
            trouble: None,
        }
    }

    /// The next effect. A request is answered by [`Cancel::answered`] or [`Cancel::unanswered`].
    pub fn poll_effect(&mut self, now: f64) -> Effect<E> {
        if !matches!(self.step, Step::Done(_)) && now >= self.deadline && self.trouble.is_some() {
            self.step = Step::Done(None);
        }
        match self.step {
            Step::Pause { until } => Effect::WaitUntil(until.min(self.deadline)),
            Step::Done(Some(had)) => Effect::Done(Ok(had)),
            // Without a result there is a failure.
            Step::Done(None) => Effect::Done(self.trouble.clone().map_or(Ok(false), Err)),
            step => Effect::Send {
                request: self.request(step),
                within_ms: (self.deadline - now).clamp(1.0, REQUEST_LIMIT_MS),
            },
        }
    }

    /// The pause is over.
    pub fn handle_timeout(&mut self, now: f64) {
        if let Step::Pause { until } = self.step
            && now >= until
        {
            self.step = first_step(self.dialect);
        }
    }

    /// The request was not answered in time, or failed.
    pub fn unanswered(&mut self, now: f64, cause: E) {
        self.trouble = Some(CancelError::Unanswered(cause));
        self.failed(now);
    }

    /// The request was answered.
    pub fn answered(&mut self, now: f64, status: u16, text: String) {
        if status != 200 {
            return self.refused(now, status, text);
        }
        self.step = match self.step {
            // The status alone confirms too.
            Step::CancelJob if text.is_empty() => Step::Done(Some(true)),
            Step::CancelJob => match Raw::read(&text).unwrap_or(Raw::NULL).get("cancelled").text() {
                "true" => Step::Done(Some(true)),
                "false" => Step::Done(Some(false)),
                // An HTML page of a proxy, or a cut answer: the prompt may go on.
                _ => return self.refused(now, status, text),
            },
            Step::FindInQueue | Step::FindRunning { .. } => {
                let Some(answer) = QueueAnswer::read(&text, &self.prompt_id) else {
                    return self.refused(now, status, text);
                };
                match (self.step, answer.position) {
                    (Step::FindRunning { .. }, QueuePosition::Running) => Step::Interrupt,
                    // What answered the deletion was not the server, or did not delete it.
                    (Step::FindRunning { .. }, QueuePosition::Waiting(_)) => {
                        return self.refused(now, status, "the prompt is still in the queue".to_owned());
                    }
                    (Step::FindRunning { waited }, _) => Step::Done(Some(waited)),
                    (_, position) => Step::Dequeue { waited: matches!(position, QueuePosition::Waiting(_)) },
                }
            }
            Step::Dequeue { waited } => Step::FindRunning { waited },
            // The page of a proxy: the server, which answers with nothing, has not heard of it.
            Step::Interrupt if text.trim_start().starts_with('<') => return self.refused(now, status, text),
            Step::Interrupt => Step::Done(Some(true)),
            Step::FindJobV2 => match JobStatus::read(&text) {
                Some(JobStatus::Alive(_)) => Step::CancelJobV2,
                _ => Step::Done(Some(false)),
            },
            Step::CancelJobV2 => {
                match &*Raw::read(&text).unwrap_or(Raw::NULL).string_at("status") {
                    "" => return self.refused(now, status, text),
                    // It has ended before.
                    "succeeded" | "failed" => Step::Done(Some(false)),
                    _ => Step::Done(Some(true)),
                }
            }
            step @ (Step::Pause { .. } | Step::Done(_)) => step,
        };
    }

    fn refused(&mut self, now: f64, status: u16, text: String) {
        if self.step == Step::FindJobV2 && status == 404 {
            self.step = Step::Done(Some(false));
            return;
        }
        self.trouble = Some(CancelError::Refused { status, text });
        self.failed(now);
    }

    fn failed(&mut self, now: f64) {
        self.step = match self.step {
            Step::CancelJob => Step::FindInQueue,
            _ if self.attempt >= ATTEMPTS || now >= self.deadline => Step::Done(None),
            _ => {
                let until = now + PAUSE_MS * f64::from(self.attempt);
                self.attempt += 1;
                Step::Pause { until }
            }
        };
    }

    fn request(&self, step: Step) -> Request {
        let id = quoted(&self.prompt_id);
        let get = |route: String| Request { method: "GET", route, body: None };
        let post = |route: String, body: Option<String>| Request { method: "POST", route, body };
        match step {
            Step::CancelJob => {
                post(["/api/jobs/", &percent_encode(&self.prompt_id), "/cancel"].concat(), Some("{}".to_owned()))
            }
            Step::Dequeue { .. } => post("/queue".to_owned(), Some(["{\"delete\":[", &id, "]}"].concat())),
            Step::Interrupt => post("/interrupt".to_owned(), Some(["{\"prompt_id\":", &id, "}"].concat())),
            Step::FindJobV2 => get(self.dialect.history(&self.prompt_id)),
            Step::CancelJobV2 => post(self.dialect.history(&self.prompt_id) + "/cancel", None),
            Step::FindInQueue | Step::FindRunning { .. } | Step::Pause { .. } | Step::Done(_) => {
                get("/queue".to_owned())
            }
        }
    }
}

fn first_step(dialect: Dialect) -> Step {
    match dialect {
        Dialect::V2 => Step::FindJobV2,
        Dialect::Local | Dialect::Cloud => Step::CancelJob,
    }
}
