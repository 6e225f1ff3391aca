//! Widgets inside a subgraph that its instances show as their own (rule S2).
//!
//! An instance's `widgets_values[k]` belongs to the k-th definition input that reaches a widget; inputs linked from
//! outside still take a place; where a value is missing, the value inside stays. Of nested instances the outermost input
//! that is not linked counts. What older files have instead is in `proxy_widgets`.

use crate::workflow::model::graph::{Boundary, Graph};
use crate::workflow::model::json::Json;
use crate::workflow::model::node::{Input, Node, Promoted};
use crate::workflow::model::value::Value;

/// Entries of a quarantine that are looked through.
const MAX_ENTRIES: usize = 1000;

/// The inputs inside to which a definition's input leads: node and slot.
fn targets<'g, 'd>(
    graph: &'g Graph<'d>,
    boundary: &'g Boundary,
) -> impl Iterator<Item = (&'g Node<'d>, usize, &'g Input<'d>)> {
    boundary.links.iter().filter_map(|link| {
        let (node, slot) = graph.links.get(*link)?.target_node()?;
        Some((&graph.nodes[node], node, graph.nodes[node].inputs.get(slot)?))
    })
}

/// The widget that an input stands for.
fn promoted_at<'d>(node: &Node<'d>, input: &Input<'d>) -> Option<Promoted<'d>> {
    if node.is_instance() {
        return input.promoted;
    }
    let widget = &node.widgets[node.widget_of(input)?];
    Some(Promoted { value: widget.value, first: widget.first(), spec: widget.spec })
}

/// The first widget that a definition's input leads to.
pub(crate) fn promoted_of<'d>(graph: &Graph<'d>, boundary: &Boundary) -> Option<Promoted<'d>> {
    targets(graph, boundary).find_map(|(node, _, input)| promoted_at(node, input))
}

/// The node and the widget (of an instance: the input) that a definition's input stands for.
pub(crate) fn source<'d>(graph: &Graph<'d>, boundary: &Boundary) -> Option<(usize, &'d str)> {
    targets(graph, boundary).find_map(|(node, at, input)| {
        if node.is_instance() {
            return Some((at, input.name));
        }
        node.widget_of(input).map(|widget| (at, node.widgets[widget].name))
    })
}

/// Gives an instance the promoted widgets of its definition, and the values that the file has for them.
pub(crate) fn bring_in<'d>(node: &mut Node<'d>, definition: &Graph<'d>) {
    let mut places = node.raw.values.items().iter();
    for (at, boundary) in definition.inputs.iter().enumerate() {
        let Some(mut promoted) = promoted_of(definition, boundary) else {
            continue;
        };
        let saved = places.next();
        if let Some(value) = set_aside(node, boundary.name).or(saved) {
            promoted.value = Value::Json(value);
        }
        let input = &mut node.inputs[at];
        input.widget = Some(input.name);
        input.promoted = Some(promoted);
    }
}

/// The value of an instance's own input that an earlier migration could not place.
fn set_aside<'d>(node: &Node<'d>, name: &str) -> Option<&'d Json<'d>> {
    let mut entries = node.property("proxyWidgetErrorQuarantine").items().iter().take(MAX_ENTRIES);
    let entry = entries.find(|entry| match entry.list("originalEntry") {
        [id, input, ..] => id.str() == Some("-1") && input.str() == Some(name) && entry.has("hostValue"),
        _ => false,
    })?;
    Some(entry.get("hostValue"))
}
