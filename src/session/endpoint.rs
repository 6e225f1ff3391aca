//! The client's end of one socket that runs share: which run a frame belongs to, and when the socket is opened, closed
//! and replaced.

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::rc::Rc;

use crate::protocol::binary::BinaryFrame;
use crate::protocol::frame::{Body, Frame};

/// One socket, and the runs that use it. `R` is a handle of a run.
#[derive(Debug)]
pub struct Endpoint<R> {
    /// Runs whose prompt id may still change: very old servers choose it.
    submitting: Vec<R>,
    /// Sorted by prompt id; runs of one prompt are neighbours.
    accepted: Vec<(Rc<str>, R)>,
    /// They get the frames of all prompts.
    watchers: Vec<R>,
    state: State,
    has_opened: bool,
    /// The socket could not be given the headers that the server may want.
    lacks_headers: bool,
    /// The prompt that the last frame on this connection named, unless that frame ended it. Frames that name none belong
    /// to it. Empty: none.
    speaker: String,
    /// When all runs last got a notice of frames of other prompts.
    noticed_at: f64,
    effects: VecDeque<Effect<R>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Idle,
    Connecting,
    Open,
    /// The old connection is being closed. A new one has to wait for that: ComfyUI would unregister the new one when it
    /// notices the end of the old one.
    Closing {
        /// Connect once it is closed.
        reopen: bool,
    },
}

/// What the endpoint wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect<R> {
    /// Open a connection, and report [`Endpoint::socket_opened`] or [`Endpoint::socket_closed`].
    Connect,
    /// Send a text frame.
    Send(&'static str),
    /// Close the connection cleanly, and report [`Endpoint::socket_closed`] once it is, or after [`CLOSING_LIMIT_MS`].
    Close,
    /// Tell this run that the socket is open.
    Opened(R),
    /// Tell this run that the socket is closed, or could not be opened.
    Closed(R),
    /// Tell this run that the socket cannot be opened, and why.
    Impossible(R, &'static str),
}

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

/// How long a closing connection may hold back its successor.
pub const CLOSING_LIMIT_MS: f64 = 2_000.0;
/// The interval of the notices that frames of other prompts come.
const NOTICE_INTERVAL_MS: f64 = 1_000.0;
/// The first message of a client, once for each connection: previews then name their prompt and node.
const FEATURE_FLAGS: &str = r#"{"type":"feature_flags","data":{"supports_preview_metadata":true}}"#;
const LACKS_HEADERS: &str =
    "the socket does not open, and this runtime's WebSocket cannot send the login or the headers";

impl<R: Clone + PartialEq> Default for Endpoint<R> {
    fn default() -> Self {
        Endpoint {
            submitting: Vec::new(),
            accepted: Vec::new(),
            watchers: Vec::new(),
            state: State::Idle,
            has_opened: false,
            lacks_headers: false,
            speaker: String::new(),
            noticed_at: f64::NEG_INFINITY,
            effects: VecDeque::new(),
        }
    }
}

impl<R: Clone + PartialEq> Endpoint<R> {
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether a run or a watcher uses the socket.
    pub fn is_used(&self) -> bool {
        !self.submitting.is_empty() || !self.accepted.is_empty() || !self.watchers.is_empty()
    }

    /// The next effect; `None` when all are done.
    pub fn poll_effect(&mut self) -> Option<Effect<R>> {
        self.effects.pop_front()
    }

    /// A run that is about to be submitted joins.
    pub fn join(&mut self, run: R) {
        self.submitting.push(run);
    }

    /// The prompt id of a run is known: from here on it gets its own frames only.
    pub fn accept(&mut self, run: R, prompt_id: &Rc<str>) {
        self.submitting.retain(|other| *other != run);
        let at = self.accepted.partition_point(|(other, _)| other <= prompt_id);
        self.accepted.insert(at, (prompt_id.clone(), run));
    }

    /// A watcher joins. It gets the news of the socket, as runs do, and every frame.
    pub fn watch(&mut self, watcher: R) {
        self.watchers.push(watcher);
    }

    /// A run or a watcher leaves; the last one closes the socket.
    pub fn leave(&mut self, run: &R) {
        self.submitting.retain(|other| other != run);
        self.accepted.retain(|(_, other)| other != run);
        self.watchers.retain(|other| other != run);
        if !self.is_used() && matches!(self.state, State::Open | State::Connecting) {
            self.close(false);
        }
    }

    /// A run wants the socket open.
    pub fn open(&mut self, run: &R) {
        match self.state {
            State::Idle => self.connect(),
            State::Connecting => {}
            State::Open => self.effects.push_back(Effect::Opened(run.clone())),
            State::Closing { .. } => self.state = State::Closing { reopen: true },
        }
    }

    /// A run wants the socket closed and opened again: it is stale, or has not opened in time. The other runs get
    /// [`Effect::Closed`], because frames may be missed.
    pub fn replace(&mut self, run: &R) {
        match self.state {
            State::Idle => self.connect(),
            State::Closing { .. } => self.state = State::Closing { reopen: true },
            State::Connecting | State::Open => {
                self.close(true);
                let others: Vec<R> = self.runs().filter(|other| *other != run).cloned().collect();
                self.effects.extend(others.into_iter().map(Effect::Closed));
            }
        }
    }

    /// The connection is open.
    pub fn socket_opened(&mut self) {
        if self.state != State::Connecting {
            return;
        }
        self.state = State::Open;
        self.has_opened = true;
        self.speaker.clear();
        self.effects.push_back(Effect::Send(FEATURE_FLAGS));
        let runs: Vec<R> = self.runs().cloned().collect();
        self.effects.extend(runs.into_iter().map(Effect::Opened));
    }

    /// The connection is closed, or could not be opened.
    pub fn socket_closed(&mut self) {
        let is_impossible = self.state == State::Connecting && self.lacks_headers && !self.has_opened;
        self.speaker.clear();
        match self.state {
            State::Idle => {}
            State::Closing { reopen } => {
                self.state = State::Idle;
                if reopen && self.is_used() {
                    self.connect();
                }
            }
            State::Connecting | State::Open => {
                self.state = State::Idle;
                let runs: Vec<R> = self.runs().cloned().collect();
                let tell =
                    |run| if is_impossible { Effect::Impossible(run, LACKS_HEADERS) } else { Effect::Closed(run) };
                self.effects.extend(runs.into_iter().map(tell));
            }
        }
    }

    /// The connection is being opened without the headers that it should carry.
    pub fn socket_lacks_headers(&mut self) {
        self.lacks_headers = true;
    }

    /// Who gets a text frame.
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

    /// Who gets a binary frame.
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

    /// The run that gets a text frame of the prompt which the last frame named, where nobody else gets it or is told of it.
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

    fn runs(&self) -> impl Iterator<Item = &R> {
        self.submitting.iter().chain(self.accepted.iter().map(|(_, run)| run)).chain(&self.watchers)
    }

    fn connect(&mut self) {
        self.state = State::Connecting;
        self.effects.push_back(Effect::Connect);
    }

    fn close(&mut self, reopen: bool) {
        self.speaker.clear();
        self.state = State::Closing { reopen };
        self.effects.push_back(Effect::Close);
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
