//! Nodes by the names that file name patterns use (rule P4): the node's "Node name for S&R", which is its type unless
//! the file says otherwise, else its title. Nodes inside of an instance come before the instance; of several the first
//! counts.

use crate::text::index::Index;
use crate::workflow::export::expand::MAX_LEVELS;
use crate::workflow::export::file_names::{self, SAVERS};
use crate::workflow::model::graph::Graphs;
use crate::workflow::model::node::Role;
use crate::workflow::model::value::Value;

/// Nodes by name.
pub(crate) struct Names<'d> {
    /// Graph and node.
    places: Vec<(usize, usize)>,
    by_property: Index<'d>,
    by_title: Index<'d>,
}

impl<'d> Names<'d> {
    /// The names in a graph and in the graphs inside it.
    pub fn read(graphs: &Graphs<'d>, graph: usize) -> Self {
        let mut places = Vec::new();
        visit(graphs, graph, 0, &mut vec![false; graphs.graphs.len()], &mut places);
        let mut properties = Vec::new();
        let mut titles = Vec::new();
        for (at, (graph, node)) in places.iter().enumerate() {
            let node = &graphs.graphs[*graph].nodes[*node];
            // The savers whose file names are resolved have no name of their own.
            let own = matches!(node.role, Role::Class(_)) && !SAVERS.contains(&node.class_type);
            let property = node.property("Node name for S&R").str().or(own.then_some(node.class_type));
            properties.extend(property.map(|property| (property, at)));
            titles.push((node.title, at));
        }
        Names { places, by_property: Index::of(properties), by_title: Index::of(titles) }
    }

    /// The value of a node's widget as part of a file name.
    pub fn value(&self, graphs: &Graphs<'d>, name: &str, widget: &str) -> Option<String> {
        let at = self.by_property.first(name).or_else(|| self.by_title.first(name))?;
        let (graph, node) = self.places[at];
        let node = &graphs.graphs[graph].nodes[node];
        let value = if node.is_instance() {
            node.inputs[node.input_named(widget)?].promoted?.value
        } else {
            node.widgets[node.widget_named(widget)?].value
        };
        let value = if value.is_nothing() { Value::Text("") } else { value };
        Some(file_names::for_file_name(value.text(graphs.arena)))
    }
}

fn visit(graphs: &Graphs, graph: usize, level: usize, seen: &mut [bool], places: &mut Vec<(usize, usize)>) {
    if level > MAX_LEVELS || std::mem::replace(&mut seen[graph], true) {
        return;
    }
    for (at, node) in graphs.graphs[graph].nodes.iter().enumerate() {
        if let Role::Instance(definition) = node.role {
            visit(graphs, definition, level + 1, seen, places);
        }
        places.push((graph, at));
    }
}
