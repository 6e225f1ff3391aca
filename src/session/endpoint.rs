//! The client's end of one socket that runs share: when it is opened, closed and replaced, and, in [`routing`], which run
//! a frame belongs to.

pub mod routing;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use crate::text::fifo::Fifo;

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
    effects: Fifo<Effect<R>>,
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

/// What the caller of the endpoint has to do.
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

/// How long a closing connection may hold back its successor.
pub const CLOSING_LIMIT_MS: f64 = 2_000.0;
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
            effects: Fifo::default(),
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
        self.effects.pop()
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
            State::Open => self.effects.push(Effect::Opened(run.clone())),
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
        self.effects.push(Effect::Send(FEATURE_FLAGS));
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

    fn runs(&self) -> impl Iterator<Item = &R> {
        self.submitting.iter().chain(self.accepted.iter().map(|(_, run)| run)).chain(&self.watchers)
    }

    fn connect(&mut self) {
        self.state = State::Connecting;
        self.effects.push(Effect::Connect);
    }

    fn close(&mut self, reopen: bool) {
        self.speaker.clear();
        self.state = State::Closing { reopen };
        self.effects.push(Effect::Close);
    }
}
