//! Primitive nodes (rule P1).
//!
//! A primitive pushes its value into the widget at the end of each of its links in the same graph; not through a
//! Reroute, and not into an input without a widget. A muted one still does.
//!
//! Its value is the saved one where its saved type is that of the widget at its first link (lowest link id), else that
//! widget's own; a null COMBO becomes the first option. A number is brought into the limits that the widgets at its links
//! have in common, link by link: clamped, then rounded to the common step (INT) or its precision (FLOAT), and pushed each
//! time; a link whose widget has other options, or limits without a common part, sets none. The widget that it reaches
//! rounds it once more, and clamps a FLOAT.

use crate::text::index::sorted;
use crate::workflow::export::file_names;
use crate::workflow::export::node_names::Names;
use crate::workflow::model::error::ConvertError;
use crate::workflow::model::graph::Graphs;
use crate::workflow::model::json;
use crate::workflow::model::kind::Kind;
use crate::workflow::model::limits::Limits;
use crate::workflow::model::node::{Node, Role};
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::WidgetRole;

/// The most that the texts of all primitives may come to, in bytes.
const MAX_MADE: usize = 64_000_000;

/// Where a link of a primitive ends: node and input.
type End = (usize, usize);

/// Pushes the values of all primitives.
pub(crate) fn push_values(graphs: &mut Graphs) -> Result<(), ConvertError> {
    for at in 0..graphs.graphs.len() {
        let graph = &graphs.graphs[at];
        // The links of all primitives by node and link id.
        let mut links: Vec<(usize, u64, End)> = Vec::new();
        for link in &graph.links {
            if let (Some((from, 0)), Some(end)) = (link.origin_node(), link.target_node()) {
                if matches!(graph.nodes[from].role, Role::Primitive) {
                    links.push((from, link.order, end));
                }
            }
        }
        let order = sorted(links.len(), &|a, b| (links[a].0, links[a].1) < (links[b].0, links[b].1));
        let mut names = None;
        let mut next = 0;
        while let Some(primitive) = order.get(next).map(|at| links[*at].0) {
            let mut ends = Vec::new();
            while let Some((_, _, end)) = order.get(next).map(|at| links[*at]).filter(|(from, ..)| *from == primitive) {
                ends.push(end);
                next += 1;
            }
            push_value(graphs, at, primitive, &ends, &mut names)?;
        }
    }
    Ok(())
}

/// `names`: those of the graph, once a primitive has needed them.
fn push_value<'d>(
    graphs: &mut Graphs<'d>,
    at: usize,
    primitive: usize,
    ends: &[End],
    names: &mut Option<Names<'d>>,
) -> Result<(), ConvertError> {
    let graph = &graphs.graphs[at];
    let Some(first) = ends.first().and_then(|end| widget_at(&graph.nodes[end.0], end.1)) else {
        return Ok(());
    };
    let node = &graph.nodes[primitive];
    let saved_type = node.raw.outputs.first().and_then(|output| output.ty.str());
    let mut value = match node.raw.values.items().first() {
        Some(saved) if saved_type == Some(first.type_name) => Value::Json(saved),
        _ => first.value,
    };
    if first.is_text {
        value = node.as_text(value);
    }
    if value.is_nothing() && !first.first.is_nothing() {
        value = first.first;
    }
    if matches!(value, Value::Undefined) {
        return Ok(());
    }
    if let Some(template) = value.str().filter(|_| node.property("Run widget replace on values").truthy()) {
        let names = names.get_or_insert_with(|| Names::read(graphs, at));
        let replaced = file_names::replace_patterns(template, &mut |pattern| {
            let (name, widget) = pattern.split_once('.').filter(|(_, widget)| !widget.contains('.'))?;
            names.value(graphs, name, widget)
        });
        let replaced = replaced.filter(|_| graphs.arena.size() < MAX_MADE).ok_or_else(|| ConvertError::BadValue {
            node: node.id.to_owned(),
            input: "value".to_owned(),
            what: file_names::TOO_LONG,
        })?;
        value = Value::Text(graphs.arena.keep(replaced));
    }
    let arena = graphs.arena;
    let nodes = &mut graphs.graphs[at].nodes;
    // Pushing the same value again changes nothing.
    let mut pushed = None;
    if let Some(mut limits) = first.limits {
        for end in ends {
            let other = widget_at(&nodes[end.0], end.1).filter(|other| other.exists).and_then(|other| other.limits);
            let Some(common) = other.and_then(|other| limits.in_common(&other)) else {
                continue;
            };
            limits = common;
            let mut number = value.arithmetic();
            let is_number = value.number().is_some();
            if is_number {
                number = number.max(limits.min_or_default()).min(limits.max_or_default());
            }
            match limits.round(number) {
                Some(rounded) if value.is_large_integer(rounded) => {}
                Some(rounded) => value = Value::Raw(arena.keep(json::from_f64(rounded))),
                None if is_number && number != value.arithmetic() => {
                    value = Value::Raw(arena.keep(json::from_f64(number)))
                }
                None => {}
            }
            if pushed.is_none_or(|pushed| !value.same(pushed)) {
                push_to_all(nodes, ends, value);
                pushed = Some(value);
            }
        }
    }
    if pushed.is_none_or(|pushed| !value.same(pushed)) {
        push_to_all(nodes, ends, value);
    }
    Ok(())
}

/// The widget at a link of a primitive.
struct At<'d> {
    type_name: &'d str,
    value: Value<'d>,
    first: Value<'d>,
    is_text: bool,
    limits: Option<Limits>,
    /// There is a widget, and not just a type that could have one.
    exists: bool,
}

/// The widget at an input. An input without one counts where its type could have one.
fn widget_at<'d>(node: &Node<'d>, slot: usize) -> Option<At<'d>> {
    let input = node.inputs.get(slot)?;
    if input.widget.is_none() {
        let type_name = Kind::of_primitive(input.ty)?;
        let limits = Limits::of(type_name);
        let (value, first) = (Value::Undefined, Value::Undefined);
        return Some(At { type_name, value, first, is_text: false, limits, exists: false });
    }
    let (value, first, spec, is_text) = match input.promoted {
        Some(promoted) => (promoted.value, promoted.first, promoted.spec, false),
        None => {
            let widget = &node.widgets[node.widget_of(input)?];
            let is_text = matches!(widget.role, WidgetRole::Text | WidgetRole::Dynamic(true));
            (widget.value, widget.first(), widget.spec, is_text)
        }
    };
    let spec = spec.filter(|_| input.known)?;
    Some(At { type_name: &spec.ty, value, first, is_text, limits: spec.limits, exists: true })
}

fn push_to_all<'d>(nodes: &mut [Node<'d>], ends: &[End], value: Value<'d>) {
    for (node, slot) in ends {
        push(&mut nodes[*node], *slot, value);
    }
}

fn push<'d>(node: &mut Node<'d>, slot: usize, value: Value<'d>) {
    let Some(input) = node.inputs.get_mut(slot) else {
        return;
    };
    if let Some(promoted) = &mut input.promoted {
        promoted.value = value;
        return;
    }
    let input = *input;
    let Some(at) = node.widget_of(&input) else {
        return;
    };
    node.set_widget(at, value);
    // What a number's widget does to a value that is set by hand.
    let limits = node.widgets.get(at).and_then(|widget| widget.spec).and_then(|spec| spec.limits);
    let rounded = limits.and_then(|limits| Some((limits, limits.round(node.widgets[at].value.arithmetic())?)));
    if let Some((limits, mut rounded)) = rounded {
        if limits.float && node.class_type != "PrimitiveFloat" {
            rounded = rounded.max(limits.min_or_default()).min(limits.max_or_default());
        }
        if !node.widgets[at].value.is_large_integer(rounded) {
            node.widgets[at].value = Value::Raw(node.arena.keep(json::from_f64(rounded)));
        }
    }
}
