//! What a run is told.

use crate::protocol::binary::BinaryFrame;
use crate::protocol::frame::Frame;
use crate::protocol::history::HistoryAnswer;
use crate::protocol::queue::QueueAnswer;

/// What a run is told.
#[derive(Debug, Clone)]
pub enum Input<'a> {
    /// The prompt is about to be sent. Frames from here on may be its own.
    Submitting,
    /// The server answered that it took the prompt, under this id.
    Accepted(&'a str),
    /// The socket is open. Told again while it is open, it means nothing.
    SocketOpened,
    /// The socket closed, or could not be opened.
    SocketClosed,
    /// The socket cannot be opened, and never will be, for this reason.
    SocketImpossible(&'static str),
    /// A text frame.
    Frame(&'a Frame<'a>),
    /// A binary frame, without its picture.
    Binary(&'a BinaryFrame),
    /// A frame that names another prompt came over a socket that runs share. Says that the socket hears, and that this
    /// run is not the one that runs. Who gives each run its own frames only tells the others the first of each row of
    /// frames of one prompt, and then one a second.
    ForeignFrame,
    /// The answer to a probe, with the probe's id.
    Answer(u32, Answer),
    /// The time of [`Run::timer`](crate::session::run::machine::Run::timer) has come.
    Timer,
    /// The caller wants the run stopped.
    Cancel,
    /// The same from a caller who stops it on the server himself.
    Cancelled,
    /// The caller stops waiting and lets the run go on.
    Leave,
}

/// The answer to a probe.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Of the history.
    History(HistoryAnswer),
    /// Of the queue.
    Queue(QueueAnswer),
    /// There was none, or none that makes sense; with the HTTP status, where there was one.
    Failed(Option<u16>),
}
