//! Inputs that may get a link (`analyse_graph`, `is_connectable`).
//!
//! - Those of all nodes but the pack's own, that have no link. An id that the link table does not have is none.
//! - A widget where the node's table says so; any other input unless the node's table says otherwise.
//! - The unlinked outputs of a subgraph.

use crate::text::index::Index;
use crate::workflow::model::graph::Graphs;
use crate::workflow::model::link::End;
use crate::workflow::model::node::{Input, Role};
use crate::workflow::packs::use_everywhere::budget::{Budget, TooMuchWork};
use crate::workflow::packs::use_everywhere::nodes::is_own;
use crate::workflow::packs::use_everywhere::properties::Connectable;

/// An input that may get a link.
pub(super) struct Receiver<'d> {
    pub end: End,
    pub slot: usize,
    pub ty: &'d str,
    pub name: &'d str,
    /// Its name as the editor shows it.
    pub label: &'d str,
    /// The same, in the language of the editor.
    pub shown: &'d str,
    /// Of the node.
    pub title: &'d str,
}

/// What a subgraph's own outputs have for a title.
const OUTPUTS: &str = "subgraph output node";

/// The inputs of the types that are wanted.
pub(super) fn find<'d>(
    graphs: &Graphs<'d>,
    at: usize,
    is_wanted: &dyn Fn(&str) -> bool,
    budget: &mut Budget,
) -> Result<Vec<Receiver<'d>>, TooMuchWork> {
    let mut receivers = Vec::new();
    let graph = &graphs.graphs[at];
    for (node_at, node) in graph.nodes.iter().enumerate() {
        let is_free = |input: &&Input| input.link.is_none() && is_wanted(input.ty);
        if is_own(node) || !node.inputs.iter().any(|input| is_free(&input)) {
            continue;
        }
        let Some(connectable) = Connectable::of(node, at == graphs.root()) else { continue };
        let inputs = Index::new(node.inputs.iter().map(|input| input.name));
        let widgets = Index::new(node.widgets.iter().map(|widget| widget.name));
        let declared = match node.role {
            Role::Class(class) => Index::new(class.inputs.iter().map(|spec| &*spec.name)),
            _ => Index::default(),
        };
        let saved = Index::new(node.raw.inputs.iter().map(|input| input.name.or_empty()));
        for (slot, input) in node.inputs.iter().enumerate().filter(|(_, input)| is_free(input)) {
            budget.spend(1 + connectable.entries())?;
            // Of several of one name the first counts for all.
            let first = &node.inputs[inputs.first(input.name).unwrap_or(slot)];
            let has_widget = input.promoted.is_some() || widgets.first(input.name).is_some();
            let is_listed = has_widget && saved.first(input.name).is_some();
            let takes = match first.widget {
                Some(_) => connectable.widget(input.name, is_listed),
                None => connectable.socket(input.name),
            };
            if takes {
                // Of several of one name the last counts. Inputs of the class are called by their names in any language.
                let in_file = saved.all(input.name).last().map(|(_, at)| &node.raw.inputs[*at]);
                let text = |text: Option<&'d str>| text.filter(|text| !text.is_empty());
                let label = text(in_file.and_then(|saved| saved.label.str()));
                let translated = text(in_file.and_then(|saved| saved.localized_name.str()));
                let translated = translated.filter(|_| declared.first(input.name).is_none());
                let shown = label.or(translated).unwrap_or(input.name);
                receivers.push(Receiver {
                    end: End::Node(node_at),
                    slot: inputs.first(input.name).unwrap_or(slot),
                    ty: input.ty,
                    name: input.name,
                    label: label.unwrap_or(input.name),
                    shown,
                    title: node.title,
                });
            }
        }
    }
    for (slot, output) in graph.outputs.iter().enumerate() {
        if is_wanted(output.ty) && output.links.iter().all(|link| graph.links[*link].gone) {
            let label = if output.label.is_empty() { output.name } else { output.label };
            let (end, ty, name) = (End::Boundary, output.ty, output.name);
            receivers.push(Receiver { end, slot, ty, name, label, shown: label, title: OUTPUTS });
        }
    }
    Ok(receivers)
}
