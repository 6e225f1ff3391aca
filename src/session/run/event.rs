//! What a run tells its callback, before it becomes a JavaScript object.

use std::rc::Rc;

use crate::protocol::binary::Preview;
use crate::protocol::history::{HistoryItem, Outcome};
use crate::session::run::graph::Id;
use crate::session::run::progress::Snapshot;

/// One event: what happened, and how far the run is.
#[derive(Debug, Clone)]
pub struct Event {
    /// What happened.
    pub what: What,
    /// Set where a probe found it, not a frame.
    pub detected_by: Option<DetectedBy>,
    /// Unix time in milliseconds.
    pub at: f64,
    /// How far the run is.
    pub progress: Snapshot,
    /// Milliseconds from the submission to the start, or until now while it waits.
    pub queued_ms: f64,
    /// Milliseconds since the submission.
    pub elapsed_ms: f64,
    /// Milliseconds since the current node began.
    pub node_ms: f64,
}

/// Which probe found what no frame had said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetectedBy {
    /// `GET /history/{prompt_id}`.
    History,
    /// `GET /queue`.
    Queue,
}

/// What happened.
#[derive(Debug, Clone)]
pub enum What {
    /// The server took the prompt.
    Submitted,
    /// A text frame, under its own name.
    Frame(FrameText),
    /// A preview picture; the bytes stay where the frame is.
    Preview {
        /// Its description.
        preview: Preview,
        /// The node that it shows: from the metadata, else the current one.
        node: Option<Id>,
        /// The name of the file that it is, where it is a result of the node: see [`Effect::KeepPicture`].
        ///
        /// [`Effect::KeepPicture`]: crate::session::run::effect::Effect::KeepPicture
        filename: Option<Rc<str>>,
    },
    /// A line of text about a node.
    ProgressText {
        /// The node.
        node: String,
        /// The line.
        text: String,
    },
    /// Where the prompt stands in the queue.
    Queue(QueueNews),
    /// What is going on with the socket.
    Connection(ConnectionNews),
    /// An output whose `executed` frame was missed, out of the history.
    Output {
        /// The node.
        node: String,
        /// Its output as JSON text.
        output: String,
    },
    /// The end; nothing follows.
    End(End, EndSource),
}

/// The text of the frame that an event comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameText {
    /// The frame that is being handled right now.
    Current,
    /// A frame that was kept aside.
    Kept(Rc<str>),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// `completed`.
    Completed,
    /// `error`.
    Error,
    /// `interrupted`.
    Interrupted,
}

impl End {
    /// How a prompt in the history ended.
    pub fn of(outcome: Outcome) -> End {
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

/// Where the end was read.
#[derive(Debug, Clone)]
pub enum EndSource {
    /// In a frame.
    Frame(FrameText),
    /// In the history.
    History(Rc<HistoryItem>),
    /// Nowhere: neither the history nor the queue knows the prompt any more.
    Vanished,
    /// The server refuses to say anything: status 401 or 403.
    Refused(u16),
    /// The server was there and could not be reached any more.
    Unreachable,
    /// Nowhere: the caller has taken it back.
    Cancelled,
}

/// Data of a `queue` event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueNews {
    /// 0: it runs. 1: it is the next to run. And so on.
    pub position: usize,
    /// How many prompts the server runs.
    pub running: usize,
    /// How many wait.
    pub pending: usize,
}

/// Data of a `connection` event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionNews {
    /// What the run relies on now.
    pub state: ConnectionState,
    /// Why.
    pub reason: &'static str,
    /// How many times in a row the socket was tried without success.
    pub attempt: u32,
}

/// State in a `connection` event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// The socket is open.
    Open,
    /// It is not; it will be tried again, and the server is asked meanwhile.
    Reconnecting,
    /// The socket says nothing, or there is none: the server is asked.
    Polling,
}
