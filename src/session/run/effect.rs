//! Effects of a run: what its caller has to do.

use std::rc::Rc;

use crate::protocol::binary::Preview;
use crate::session::run::event::{End, Event};
use crate::session::run::graph::Id;
use crate::session::run::polling::Probe;

/// `M` is the message that a frame came in, see [`Input`](crate::session::run::input::Input).
#[derive(Debug, Clone)]
pub enum Effect<M> {
    /// The server has the prompt: it answered the submission, or a frame named the fresh id.
    Accepted,
    /// Hand the event to the callback.
    Emit(Box<Event<M>>),
    /// Keep the picture in this message: it is a result of the run, and the server does not have it.
    KeepPicture {
        /// The node whose result it is.
        node: Id,
        /// Its name among the outputs of the node.
        filename: Rc<str>,
        /// Where in the message it is.
        preview: Preview,
        message: M,
    },
    /// Open the socket unless it is open.
    OpenSocket,
    /// Close the socket cleanly and open it again: it is stale, or has not opened in time.
    ReplaceSocket,
    /// Ask the server, and answer with this id. A later probe makes an earlier one void.
    Ask(Probe, u32),
    /// Cancel the prompt on the server.
    CancelOnServer,
    /// No server has ever answered. Repeated after each further try that fails.
    NoContact,
    /// The run is over for its caller. It is the last effect: release timer, requests and socket.
    Finish(Finish),
}

/// How a run is over for its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finish {
    /// A terminal event was emitted.
    Ended(End),
    /// The caller stopped waiting, or cancelled before the server had the prompt. There is no terminal event.
    Abandoned,
}
