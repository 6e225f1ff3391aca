//! Nodes by the names that texts know them by (rule P4): the node's "Node name for S&R", which is its type unless the
//! file says otherwise, else its title. Nodes inside of an instance come before the instance; of several the first
//! counts.

use std::borrow::Cow;
use std::collections::HashMap;

use super::graph::Graphs;
use super::json::Json;
use super::node::Role;
use super::prompt::SAVERS;
use super::text;

/// Nodes by name: graph and node.
pub(crate) struct Names<'d> {
    by_property: HashMap<&'d str, (usize, usize)>,
    by_title: HashMap<&'d str, (usize, usize)>,
}

impl<'d> Names<'d> {
    /// The names in a graph and in the graphs inside it.
    pub fn read(graphs: &Graphs<'d>, graph: usize) -> Self {
        let mut names = Names { by_property: HashMap::new(), by_title: HashMap::new() };
        let mut seen = vec![false; graphs.graphs.len()];
        names.visit(graphs, graph, &mut seen);
        names
    }

    fn visit(&mut self, graphs: &Graphs<'d>, graph: usize, seen: &mut [bool]) {
        if std::mem::replace(&mut seen[graph], true) {
            return;
        }
        for (at, node) in graphs.graphs[graph].nodes.iter().enumerate() {
            if let Role::Instance(definition) = node.role {
                self.visit(graphs, definition, seen);
            }
            let property = node.property("Node name for S&R").str().or(match node.role {
                // The savers whose file names are resolved have no name of their own.
                Role::Class(_) if !SAVERS.contains(&node.class_type) => Some(node.class_type),
                _ => None,
            });
            if let Some(property) = property {
                self.by_property.entry(property).or_insert((graph, at));
            }
            self.by_title.entry(node.title).or_insert((graph, at));
        }
    }

    /// The value of a node's widget as part of a file name.
    pub fn value(&self, graphs: &Graphs, name: &str, widget: &str) -> Option<String> {
        let (graph, node) = *self.by_property.get(name).or_else(|| self.by_title.get(name))?;
        let node = &graphs.graphs[graph].nodes[node];
        let value = if node.is_instance() {
            let input = &node.inputs[node.input_named(widget)?];
            input.promoted.as_ref()?.value.as_deref()
        } else {
            node.widgets[node.widget_named(widget)?].value.as_deref()
        };
        let value = value.filter(|value| !value.is_null()).map_or(Cow::Borrowed(""), Json::to_text);
        Some(text::for_file_name(&value))
    }
}
