//! Setters and getters of custom node packs: a getter hands on what the setter of the same name gets.

use crate::text::index::Index;
use crate::workflow::export::expand::{Expansion, NodeRef, Scope};
use crate::workflow::model::graph::Graphs;
use crate::workflow::model::node::{Node, Role};

/// The setters of each graph, by the name that they give.
pub(crate) struct Setters<'d> {
    graphs: Vec<Index<'d>>,
}

/// The name that a setter gives and a getter asks for: its first value.
fn name<'d>(node: &Node<'d>) -> Option<&'d str> {
    node.raw.values.items().first()?.str()
}

impl<'d> Setters<'d> {
    pub fn new(graphs: &Graphs<'d>) -> Self {
        let mut setters = Setters { graphs: Vec::new() };
        for graph in &graphs.graphs {
            let mut names = Vec::new();
            for (at, node) in graph.nodes.iter().enumerate() {
                if matches!(node.role, Role::Setter) {
                    names.extend(name(node).map(|name| (name, at)));
                }
            }
            setters.graphs.push(Index::of(names));
        }
        setters
    }

    /// The setter that a getter means: in its own graph, else in those that hold it, the nearest first.
    pub fn find(&self, graphs: &Graphs, expansion: &Expansion, getter: NodeRef) -> Option<NodeRef> {
        let name = name(expansion.node(graphs, getter))?;
        let mut scope = getter.0;
        loop {
            let Scope { graph, parent, .. } = expansion.scopes[scope];
            if let Some(at) = self.graphs[graph].first(name) {
                return Some((scope, at));
            }
            if scope == 0 {
                return None;
            }
            scope = parent;
        }
    }
}
