//! Nodes that did not reach the prompt (rule P3).

use serde::{Serialize, Serializer};

use crate::workflow::export::expand::Expansion;
use crate::workflow::model::error::ConvertError;
use crate::workflow::model::graph::Graphs;
use crate::workflow::model::node::{Mode, Node, Role};
use crate::workflow::packs;

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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dropped {
    /// The id that it would have in the prompt.
    pub node: String,
    /// Its type in the workflow.
    pub class_type: String,
    /// Why.
    #[serde(serialize_with = "as_text")]
    pub reason: Reason,
    /// The custom node pack that it comes from, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
}

fn as_text<S: Serializer>(reason: &Reason, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(reason.as_str())
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

/// The most that the list may take, in bytes: subgraphs repeat ids and types.
const MAX_LIST: usize = 64_000_000;

/// The list as it is made.
#[derive(Default)]
struct List {
    dropped: Vec<Dropped>,
    bytes: usize,
}

impl List {
    fn push(&mut self, node: &Node, id: String, reason: Reason) {
        self.bytes += id.len() + node.class_type.len();
        if self.bytes <= MAX_LIST {
            let pack = packs::pack_of(node).map(str::to_owned);
            self.dropped.push(Dropped { node: id, class_type: node.class_type.to_owned(), reason, pack });
        }
    }
}

/// Lists the nodes that did not reach the prompt.
pub(crate) fn list(graphs: &Graphs, expansion: &Expansion) -> Result<Vec<Dropped>, ConvertError> {
    let mut dropped = List::default();
    for place in &expansion.order {
        let node = expansion.node(graphs, *place);
        if let Some(reason) = reason(node) {
            let id = expansion.id(graphs, *place);
            if expansion.inside(*place).is_none() {
                add_inside(graphs, node, &id, reason, &mut dropped);
            }
            dropped.push(node, id, reason);
        }
    }
    if dropped.bytes > MAX_LIST {
        return Err(ConvertError::TooLarge("the nodes that are left out come to more than 64 MB"));
    }
    Ok(dropped.dropped)
}

/// The nodes inside of a muted or bypassed instance. The depth has been checked.
fn add_inside(graphs: &Graphs, node: &Node, id: &str, reason: Reason, dropped: &mut List) {
    if let Role::Instance(definition) = node.role {
        for node in &graphs.graphs[definition].nodes {
            let id = [id, ":", node.id].concat();
            add_inside(graphs, node, &id, reason, dropped);
            dropped.push(node, id, reason);
        }
    }
}
