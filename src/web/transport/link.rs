//! The interface between a run and its transport.

use std::rc::Rc;

use crate::session::run::input::Input;
use crate::web::transport::message::{Message, ProgressSource};

/// What brings the frames of one run or of several.
pub trait Transport {
    /// A run that is about to be submitted joins.
    fn join(&self, run: &RunLink);
    /// The prompt id of a run is known.
    fn accept(&self, run: &RunLink, prompt_id: &Rc<str>);
    /// A run leaves.
    fn leave(&self, run: &RunLink);
    /// A run wants it open.
    fn open(&self, run: &RunLink);
    /// A run wants it closed and opened again.
    fn replace(&self, run: &RunLink);
}

/// The run's side.
pub trait Receiver {
    fn receive(&self, input: Input<Message>);

    /// Receives a `progress` frame by the short way; false where it has to be received as any frame.
    fn repeat_progress(&self, _now: f64, _value: f64, _source: &ProgressSource) -> bool {
        false
    }
}

/// A run as its transport knows it.
#[derive(Clone)]
pub struct RunLink(pub Rc<dyn Receiver>);

impl PartialEq for RunLink {
    fn eq(&self, other: &RunLink) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}
