//! The progress fields of events.

use std::rc::Rc;

use crate::session::run::graph::Id;

/// The progress fields of an event. Lists are shared between events until they change.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The node that runs, if one does. Of a node that another one expanded into, that other one.
    pub node_current: Option<Id>,
    /// Its title in the prompt.
    pub node_title: Option<Rc<str>>,
    /// Its class.
    pub node_type: Option<Rc<str>>,
    /// All nodes of the prompt, in topological order.
    pub nodes_total: Rc<Vec<Id>>,
    /// Nodes that ran to their end, in the order in which they did.
    pub nodes_completed: Rc<Vec<Id>>,
    /// Nodes that did not run: cached, or ancestors of a finished node.
    pub nodes_skipped: Rc<Vec<Id>>,
    /// Completed and skipped nodes, each once.
    pub nodes_done: Rc<Vec<Id>>,
    /// Steps that the current node has done.
    pub node_progress_value: f64,
    /// Steps that the current node has in all; 0 where the server did not say.
    pub node_progress_max: f64,
    /// The share of the prompt's nodes that is done, 0 to 1; never falls, and is 1 once the run has completed.
    pub nodes_progress: f64,
}
