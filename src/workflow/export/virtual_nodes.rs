//! Nodes that exist in the editor only (rule P3), beside those of the editor itself (Reroute, PrimitiveNode, Note,
//! MarkdownNote, subgraph instances): they are code in the browser that custom node packs bring along, so the object
//! info does not know them.

use crate::text::index::Index;
use crate::workflow::export::expand::{Expansion, Frame, Place};
use crate::workflow::model::graph::Graphs;
use crate::workflow::model::node::{Node, Role};

/// The part that a type plays which neither the object info nor the editor knows.
pub(crate) fn role<'d>(class_type: &str) -> Role<'d> {
    match class_type {
        "SetNode" | "easy setNode" => Role::Setter,
        "GetNode" | "easy getNode" => Role::Getter,
        "Reroute (rgthree)" => Role::Reroute,
        "Label (rgthree)"
        | "Bookmark (rgthree)"
        | "Fast Muter (rgthree)"
        | "Fast Bypasser (rgthree)"
        | "Fast Groups Muter (rgthree)"
        | "Fast Groups Bypasser (rgthree)"
        | "Fast Actions Button (rgthree)"
        | "Mute / Bypass Relay (rgthree)"
        | "Mute / Bypass Repeater (rgthree)"
        | "Node Collector (rgthree)"
        | "Random Unmuter (rgthree)" => Role::Virtual,
        _ => Role::Unknown,
    }
}

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
    pub fn find(&self, graphs: &Graphs, expansion: &Expansion, getter: Place) -> Option<Place> {
        let name = name(expansion.node(graphs, getter))?;
        let mut frame = getter.0;
        loop {
            let Frame { graph, parent, .. } = expansion.frames[frame];
            if let Some(at) = self.graphs[graph].first(name) {
                return Some((frame, at));
            }
            if frame == 0 {
                return None;
            }
            frame = parent;
        }
    }
}
