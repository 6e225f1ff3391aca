//! Nodes that exist in the editor only (rule P3), beside those of the editor itself (Reroute, PrimitiveNode, Note,
//! MarkdownNote, subgraph instances): they are code in the browser that custom node packs bring along, so the object
//! info does not know them.

use std::collections::HashMap;

use super::expand::{Expansion, Place};
use super::graph::Graphs;
use super::node::{Node, Role};

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

/// The setters of every graph, by the name that they give.
pub(crate) struct Setters<'g> {
    by_name: HashMap<(usize, &'g str), usize>,
}

/// The name that a setter gives and a getter asks for: its first value.
fn name<'d>(node: &Node<'d>) -> Option<&'d str> {
    node.raw.get("widgets_values").items().first()?.str()
}

impl<'g> Setters<'g> {
    pub fn new<'d: 'g>(graphs: &'g Graphs<'d>) -> Self {
        let mut by_name = HashMap::new();
        for (graph, nodes) in graphs.graphs.iter().map(|graph| &graph.nodes).enumerate() {
            for (at, node) in nodes.iter().enumerate().filter(|(_, node)| matches!(node.role, Role::Setter)) {
                if let Some(name) = name(node) {
                    by_name.entry((graph, name)).or_insert(at);
                }
            }
        }
        Setters { by_name }
    }

    /// The setter that a getter means: in its own graph, else in those that hold it, the nearest first.
    pub fn find(&self, graphs: &Graphs<'_>, expansion: &Expansion, getter: Place) -> Option<Place> {
        let name = name(expansion.node(graphs, getter))?;
        let mut frame = getter.0;
        loop {
            if let Some(at) = self.by_name.get(&(expansion.frames[frame].graph, name)) {
                return Some((frame, *at));
            }
            if frame == 0 {
                return None;
            }
            frame = expansion.frames[frame].parent;
        }
    }
}
