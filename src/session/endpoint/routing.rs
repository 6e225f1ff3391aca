//! Which runs of a socket get a frame.

use std::rc::Rc;

use crate::protocol::binary::BinaryFrame;
use crate::protocol::frame::{Body, Frame};
use crate::session::endpoint::Endpoint;

/// The interval of the notices that frames of other prompts come.
const NOTICE_INTERVAL_MS: f64 = 1_000.0;

/// The receivers of a frame. The common case, one run, needs no allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route<R> {
    first: Option<R>,
    more: Vec<R>,
    /// Runs that get a notice: the socket brought a frame of another prompt.
    pub others: Vec<R>,
}

impl<R> Route<R> {
    /// Whether exactly one run gets the frame.
    pub fn is_to_one(&self) -> bool {
        self.first.is_some() && self.more.is_empty()
    }

    /// The runs that get the frame.
    pub fn recipients(&self) -> impl Iterator<Item = &R> {
        self.first.iter().chain(&self.more)
    }
}

impl<R: Clone + PartialEq> Endpoint<R> {
    /// The receivers of a text frame.
    pub fn route_frame(&mut self, now: f64, frame: &Frame) -> Route<R> {
        match (&frame.prompt_id, &frame.body) {
            (Some(prompt_id), body) => {
                let others = self.others(now, prompt_id);
                self.speaker.clear();
                if !ends_prompt(body) {
                    self.speaker.push_str(prompt_id);
                }
                self.route_to(prompt_id, others, true)
            }
            // Old servers and custom nodes leave the prompt out.
            (None, Body::Progress { .. }) => self.route_unnamed(now, true),
            (None, _) => {
                let mut runs = self.runs().cloned();
                Route { first: runs.next(), more: runs.collect(), others: Vec::new() }
            }
        }
    }

    /// The receivers of a binary frame.
    pub fn route_binary(&mut self, now: f64, frame: &BinaryFrame) -> Route<R> {
        let named = match frame {
            BinaryFrame::Preview(preview) => {
                preview.metadata.as_ref().and_then(|metadata| metadata.prompt_id.as_deref())
            }
            BinaryFrame::ProgressText { .. } => None,
        };
        let Some(prompt_id) = named else { return self.route_unnamed(now, false) };
        let others = self.others(now, prompt_id);
        self.speaker.clear();
        self.speaker.push_str(prompt_id);
        self.route_to(prompt_id, others, false)
    }

    fn route_unnamed(&mut self, now: f64, is_buffered: bool) -> Route<R> {
        let speaker = std::mem::take(&mut self.speaker);
        let others = self.others(now, &speaker);
        let route = self.route_to(&speaker, others, is_buffered);
        self.speaker = speaker;
        route
    }

    /// The runs of a prompt. A prompt without a run may belong to a submission that is not answered yet: those get the
    /// frame if they would buffer it.
    fn route_to(&self, prompt_id: &str, others: Vec<R>, is_buffered: bool) -> Route<R> {
        let mut runs = self.runs_of(prompt_id).cloned();
        let first = runs.next();
        let mut more: Vec<R> = runs.collect();
        if first.is_none() && is_buffered {
            more.extend_from_slice(&self.submitting);
        }
        more.extend_from_slice(&self.watchers);
        Route { first, more, others }
    }

    /// The runs that get a notice of a frame of another prompt: at once the one whose frames came before, the others
    /// once a second. A notice to each of a thousand runs would make every frame a thousand times as expensive.
    fn others(&mut self, now: f64, prompt_id: &str) -> Vec<R> {
        let is_other = |(id, run): &(Rc<str>, R)| (**id != *prompt_id).then(|| run.clone());
        // A clock that was set back makes the difference negative.
        if !(0.0..NOTICE_INTERVAL_MS).contains(&(now - self.noticed_at)) {
            self.noticed_at = now;
            return self.accepted.iter().filter_map(is_other).collect();
        }
        if self.speaker == prompt_id { Vec::new() } else { self.runs_of(&self.speaker).cloned().collect() }
    }

    /// The run that gets a text frame of the prompt which the last frame named, where no other run gets it or a notice of it.
    pub fn sole_recipient(&self, now: f64, prompt_id: &str) -> Option<R> {
        let is_noticed = self.accepted.len() == 1 || (0.0..NOTICE_INTERVAL_MS).contains(&(now - self.noticed_at));
        if !is_noticed || !self.watchers.is_empty() || self.speaker != prompt_id {
            return None;
        }
        let mut runs = self.runs_of(prompt_id);
        runs.next().filter(|_| runs.next().is_none()).cloned()
    }

    fn runs_of(&self, prompt_id: &str) -> impl Iterator<Item = &R> {
        let start = self.accepted.partition_point(|(id, _)| **id < *prompt_id);
        let runs = self.accepted[start..].iter();
        runs.take_while(move |(id, _)| **id == *prompt_id).map(|(_, run)| run)
    }

    /// The runs to which a frame that was too large to be read may belong.
    pub fn runs_of_unread_frame(&self) -> Vec<R> {
        self.runs().cloned().collect()
    }
}

/// Whether frames that name no prompt belong to another prompt after this one.
fn ends_prompt(body: &Body) -> bool {
    match body {
        Body::ExecutingNull | Body::ExecutionSuccess | Body::ExecutionInterrupted { .. } => true,
        Body::ExecutionError(failure) => !failure.is_blocker(),
        _ => false,
    }
}
