//! Nodes that did not reach the prompt (rule P3).

use super::expand::{Expansion, Place};
use super::graph::Graphs;
use super::node::{Mode, Node, Role};

/// Why a node is not in the prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// It is muted (mode 2), or inside of an instance that is.
    Muted,
    /// It is bypassed (mode 4), or inside of an instance that is.
    Bypassed,
    /// It exists in the editor only: a note, a Reroute, a primitive, a Set or Get node, or a subgraph, whose nodes are
    /// in the prompt instead.
    Virtual,
    /// The object info does not know its type.
    UnknownType,
}

impl Reason {
    /// The reason as one word or two.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Muted => "muted",
            Reason::Bypassed => "bypassed",
            Reason::Virtual => "virtual",
            Reason::UnknownType => "unknown type",
        }
    }
}

/// A node that did not reach the prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    /// The id that it would have in the prompt.
    pub node: String,
    /// Its type in the workflow.
    pub class_type: String,
    /// Why.
    pub reason: Reason,
}

/// Why a node does not reach the prompt; `None` for one that does.
pub(crate) fn reason(node: &Node) -> Option<Reason> {
    match (node.mode, node.role) {
        (Mode::Muted, _) => Some(Reason::Muted),
        (Mode::Bypassed, _) => Some(Reason::Bypassed),
        (Mode::Active, Role::Class(_)) => None,
        (Mode::Active, Role::Unknown) => Some(Reason::UnknownType),
        (Mode::Active, _) => Some(Reason::Virtual),
    }
}

/// Lists the nodes that did not reach the prompt.
pub(crate) fn list(graphs: &Graphs, expansion: &Expansion) -> Vec<Dropped> {
    let mut dropped = Vec::new();
    for place in &expansion.order {
        let node = expansion.node(graphs, *place);
        if let Some(reason) = reason(node) {
            let id = expansion.id(graphs, *place);
            if expansion.inside(*place).is_none() {
                inside(graphs, node, &id, reason, &mut dropped);
            }
            dropped.push(Dropped { node: id, class_type: name(graphs, node), reason });
        }
    }
    dropped
}

/// The nodes inside of an instance that gives nothing.
fn inside(graphs: &Graphs, node: &Node, id: &str, reason: Reason, dropped: &mut Vec<Dropped>) {
    let Role::Instance(definition) = node.role else {
        return;
    };
    for node in &graphs.graphs[definition].nodes {
        let mut inner = String::from(id);
        inner.push(':');
        inner.push_str(&node.id);
        inside(graphs, node, &inner, reason, dropped);
        dropped.push(Dropped { node: inner, class_type: name(graphs, node), reason });
    }
}

/// What a node is called in the file.
fn name(_graphs: &Graphs, node: &Node) -> String {
    node.class_type.to_owned()
}

/// The places of nodes of unknown type that would be in the prompt.
pub(crate) fn unknown(graphs: &Graphs, expansion: &Expansion) -> Vec<Place> {
    let is_unknown = |place: &&Place| reason(expansion.node(graphs, **place)) == Some(Reason::UnknownType);
    expansion.order.iter().filter(is_unknown).copied().collect()
}
