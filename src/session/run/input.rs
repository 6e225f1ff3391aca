//! Inputs of a run.

use crate::protocol::binary::BinaryFrame;
use crate::protocol::frame::Frame;
use crate::protocol::history::HistoryAnswer;
use crate::protocol::queue::QueueAnswer;

/// `M` is the message that a frame was read from. The run hands it on with the events that it makes of the frame.
#[derive(Debug, Clone)]
pub enum Input<'a, M> {
    /// The prompt is about to be sent. Frames from here on may be its own.
    Submitting,
    /// The server took the prompt, under this id.
    Accepted(&'a str),
    /// The server refused some outputs of the prompt and runs the rest: the node errors of its answer, as JSON text.
    Refused(&'a str),
    /// The socket is open. Repeated while it is open, it changes nothing.
    SocketOpened,
    /// The socket closed, or could not be opened.
    SocketClosed,
    /// The socket cannot be opened, now or later, for this reason.
    SocketImpossible(&'static str),
    /// A text frame.
    Frame(&'a Frame<'a>, M),
    /// A binary frame, without its picture.
    Binary(&'a BinaryFrame, M),
    /// The shared socket brought a frame of another prompt: it is not stale, and the other prompt is executing. Sent
    /// when the prompt changes, and at most once a second while it does not.
    OtherPromptFrame,
    /// The socket brought a frame that was too large to be read: it may have been the run's own.
    FrameDropped,
    /// The answer to a probe, with the probe's id.
    Answer(u32, Answer),
    /// The time of `poll_timeout` has come.
    Timeout,
    /// The caller wants the run cancelled.
    Cancel,
    /// As `Cancel`, from a caller that cancels it on the server itself.
    Cancelled,
    /// The caller stops waiting; the run goes on.
    Leave,
}

/// The answer to a probe.
#[derive(Debug, Clone)]
pub enum Answer {
    History(HistoryAnswer),
    Queue(QueueAnswer),
    /// No answer, or none that makes sense; with the HTTP status, where there was one.
    Failed(Option<u16>),
}
