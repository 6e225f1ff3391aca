//! The events of a run, before they become JavaScript objects.

use std::rc::Rc;

use crate::protocol::binary::Preview;
use crate::protocol::history::{HistoryItem, Outcome};
use crate::session::run::graph::Id;
use crate::session::run::snapshot::Snapshot;

/// `M` is the message that the event's frame came in.
#[derive(Debug, Clone)]
pub struct Event<M> {
    pub kind: EventKind<M>,
    /// Which probe found it; none where a frame brought it.
    pub detected_by: Option<DetectedBy>,
    /// Unix time in milliseconds.
    pub at: f64,
    pub progress: Snapshot,
    /// Milliseconds from the submission to the start, or until now while the prompt waits.
    pub queued_ms: f64,
    /// Milliseconds since the submission.
    pub elapsed_ms: f64,
    /// Milliseconds since the current node began.
    pub node_ms: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetectedBy {
    /// `GET /history/{prompt_id}`.
    History,
    /// `GET /queue`.
    Queue,
}

#[derive(Debug, Clone)]
pub enum EventKind<M> {
    /// The server took the prompt.
    Submitted,
    /// The server refused some outputs of the prompt: its node errors, as JSON text.
    Refused(Rc<str>),
    /// A text frame, under its own name.
    Frame(M),
    /// A preview picture; its bytes stay in the message.
    Preview {
        preview: Preview,
        /// The node that it shows: the one its metadata names, else the current one.
        node: Option<Id>,
        /// The name of its file, where it is a result of the node: see `Effect::KeepPicture`.
        filename: Option<Rc<str>>,
        message: M,
    },
    /// A line of text about a node.
    ProgressText { node: String, text: String },
    /// The position in the queue.
    Queue(QueueStatus),
    /// The state of the socket.
    Connection(ConnectionStatus),
    /// An output whose `executed` frame was missed, read from the history. The output is JSON text.
    Output { node: String, output: String },
    /// A terminal event.
    End(End, EndSource<M>),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Completed,
    Error,
    Interrupted,
}

impl End {
    pub fn from_outcome(outcome: Outcome) -> End {
        match outcome {
            Outcome::Completed => End::Completed,
            Outcome::Failed => End::Error,
            Outcome::Interrupted => End::Interrupted,
        }
    }

    /// The type of its event.
    pub fn name(self) -> &'static str {
        match self {
            End::Completed => "completed",
            End::Error => "error",
            End::Interrupted => "interrupted",
        }
    }
}

/// What a terminal event was made from.
#[derive(Debug, Clone)]
pub enum EndSource<M> {
    /// A frame.
    Frame(M),
    /// The history.
    History(Rc<HistoryItem>),
    /// Neither history nor queue knows the prompt any more.
    Vanished,
    /// The server refuses every probe, with status 401 or 403.
    Refused(u16),
    /// A server that had answered cannot be reached any more.
    Unreachable,
    /// The caller cancelled the run.
    Cancelled,
}

/// Data of a `queue` event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueStatus {
    /// 0: it runs. 1: it is the next to run.
    pub position: usize,
    /// How many prompts run on the server.
    pub running: usize,
    /// How many wait.
    pub pending: usize,
}

/// Data of a `connection` event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionStatus {
    pub state: ConnectionState,
    pub reason: &'static str,
    /// How many tries in a row to open the socket have failed.
    pub attempt: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// The socket is open.
    Open,
    /// It is not; it will be tried again, and the server is asked meanwhile.
    Reconnecting,
    /// The socket is silent, or there is none: the server is asked.
    Polling,
}
