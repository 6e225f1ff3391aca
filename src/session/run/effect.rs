//! What a run wants done.

use std::rc::Rc;

use crate::protocol::binary::Preview;
use crate::session::run::event::{End, Event};
use crate::session::run::graph::Id;
use crate::session::run::polling::Probe;

/// What a run wants done.
#[derive(Debug, Clone)]
pub enum Effect {
    /// From here on the server is known to have the prompt: it answered the submission, or a frame named it.
    Accepted,
    /// Hand this event to the callback.
    Emit(Box<Event>),
    /// Keep the picture of the frame that is being handled: it is a result of the run, and the server does not have it.
    KeepPicture {
        /// The node whose result it is.
        node: Id,
        /// Its name among the outputs of the node.
        filename: Rc<str>,
        /// Where it is in the frame.
        preview: Preview,
    },
    /// Open the socket, if it is not open already.
    OpenSocket,
    /// Close the socket cleanly and open it again: it is deaf, or does not come to open.
    ReplaceSocket,
    /// Ask the server; answer with this id. At most one probe is waited for: a new one makes the last one void.
    Ask(Probe, u32),
    /// Stop the prompt on the server.
    CancelOnServer,
    /// Nobody has ever answered: of a run that was picked up nothing can be said. Wanted again with every further try.
    NoContact,
    /// The run is over for its caller: nothing follows, and nothing may be left.
    Finish(Finish),
}

/// How a run is over for its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finish {
    /// A terminal event said so.
    Ended(End),
    /// The caller gave up: it cancelled the run, or waits no longer.
    Abandoned,
}
