//! A link inside one graph.

use crate::workflow::model::value::Value;

/// One end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Node(usize),
    /// The inputs, or the outputs, of the subgraph itself.
    Boundary,
    Missing,
}

/// A link.
#[derive(Clone, Copy)]
pub(crate) struct Link<'d> {
    /// Orders the links of an output.
    pub order: u64,
    pub origin: End,
    /// As the file writes it, which is how it reaches the prompt.
    pub origin_slot: Value<'d>,
    /// The type that the file has for it.
    pub ty: &'d str,
    pub target: End,
    /// The input where it ends now; for the subgraph's outputs the slot of the table.
    pub target_slot: Option<usize>,
    /// Cut.
    pub gone: bool,
}

impl Link<'_> {
    /// The output of a node where the link begins, unless it is cut.
    pub fn origin_node(&self) -> Option<(usize, usize)> {
        match self.origin {
            End::Node(node) if !self.gone => Some((node, self.origin_slot.index()?)),
            _ => None,
        }
    }

    /// The input of a node where the link ends, unless it is cut.
    pub fn target_node(&self) -> Option<(usize, usize)> {
        match self.target {
            End::Node(node) if !self.gone => Some((node, self.target_slot?)),
            _ => None,
        }
    }
}
