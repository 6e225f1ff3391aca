//! The graphs of a workflow: the root and every subgraph definition.
//!
//! A definition is here once, however many instances there are; what differs between instances is only the values of
//! their own inputs.

use crate::text::index::Index;
use crate::workflow::model::arena::Arena;
use crate::workflow::model::link::{End, Link};
use crate::workflow::model::node::Node;
use crate::workflow::model::saved::SavedGraph;
use crate::workflow::model::value::Value;

/// All graphs of a workflow; the last is the root.
pub(crate) struct Graphs<'d> {
    pub arena: &'d Arena,
    pub graphs: Vec<Graph<'d>>,
    pub notes: Vec<Note>,
}

/// A note about a node of a graph; it becomes one warning for each place of the node in the prompt.
pub(crate) struct Note {
    pub graph: usize,
    pub node: usize,
    /// Empty where it is about the node as a whole.
    pub input: String,
    pub rule: &'static str,
    pub message: String,
    /// The custom node pack of the rule.
    pub pack: Option<&'static str>,
}

/// The root or a subgraph definition.
#[derive(Default)]
pub(crate) struct Graph<'d> {
    /// The graph as the file has it.
    pub raw: Option<&'d SavedGraph<'d>>,
    pub nodes: Vec<Node<'d>>,
    /// Where the node is that the file calls by this id.
    pub by_id: Index<'d>,
    pub links: Vec<Link<'d>>,
    /// Where the link is that the file calls by this id.
    pub link_ids: Index<'d>,
    /// A definition's own inputs and outputs.
    pub inputs: Vec<Boundary<'d>>,
    pub outputs: Vec<Boundary<'d>>,
    /// Primitive nodes that an input has taken the place of: node and name of the input.
    pub replaced: Vec<(usize, &'d str)>,
    /// Names of inputs that were asked for again, with the last number that kept them apart.
    pub numbers: Vec<(&'d str, usize)>,
    /// Made already.
    pub built: bool,
}

/// An input or output of a subgraph definition.
pub(crate) struct Boundary<'d> {
    pub name: &'d str,
    /// What the editor shows in place of the name; empty where that is the name.
    pub label: &'d str,
    pub ty: &'d str,
    /// The links that lead from or to it inside, in the file's order.
    pub links: Vec<usize>,
}

impl<'d> Graphs<'d> {
    pub fn root(&self) -> usize {
        self.graphs.len() - 1
    }

    /// Adds a link inside a graph from an output of a node, or from an input of the subgraph itself, to an input of a
    /// node, or to an output of the subgraph. A link that ended there is cut.
    pub fn add_link(&mut self, graph: usize, (origin, slot): (End, usize), (target, target_slot): (End, usize)) {
        let origin_slot = Value::Raw(self.arena.number(slot));
        let graph = &mut self.graphs[graph];
        let link = graph.links.len();
        match target {
            End::Node(node) => {
                let Some(input) = graph.nodes.get_mut(node).and_then(|node| node.inputs.get_mut(target_slot)) else {
                    return;
                };
                if let Some(before) = input.link.replace(link) {
                    graph.links[before].gone = true;
                }
            }
            End::Boundary => match graph.outputs.get_mut(target_slot) {
                Some(output) => output.links.push(link),
                None => return,
            },
            End::Missing => return,
        }
        let target_slot = Some(target_slot);
        graph.links.push(Link { order: u64::MAX, origin, origin_slot, ty: "", target, target_slot, gone: false });
    }
}

impl Graph<'_> {
    /// Takes a link away.
    pub fn cut(&mut self, link: usize) {
        let link = &mut self.links[link];
        if let Some((node, slot)) = link.target_node() {
            self.nodes[node].inputs[slot].link = None;
        }
        link.gone = true;
    }
}
