//! Primitive nodes (rule P1).
//!
//! A primitive pushes its value into the widget at the end of each of its links in the same graph; not through a
//! Reroute, and not into an input without a widget. A muted one still does. Its value is the saved one where its saved
//! type is that of the widget at its first link, else that widget's own. A FLOAT is rounded to the precision of the
//! widget it reaches and clamped, an INT is rounded to its step and not clamped.

use std::borrow::Cow;

use super::graph::{Graph, Graphs};
use super::json::{self, Json};
use super::links::End;
use super::node::{Node, Role};
use super::spec::{Range, Spec};
use super::widgets::{Value, Widget, WidgetRole};

/// A widget that a primitive reaches: node and widget (of an instance: input).
struct Reached {
    node: usize,
    slot: usize,
}

/// Pushes the values of all primitives.
pub(crate) fn push_values(graphs: &mut Graphs) {
    for graph in &mut graphs.graphs {
        if !graph.nodes.iter().any(|node| matches!(node.role, Role::Primitive)) {
            continue;
        }
        let mut reached: Vec<Vec<(u64, Reached)>> = Vec::new();
        reached.resize_with(graph.nodes.len(), Vec::new);
        for link in &graph.links {
            if let (false, End::Node(from), Some(0), End::Node(node), Some(slot)) =
                (link.gone, link.origin, link.origin_index(), link.target, link.target_slot)
            {
                if matches!(graph.nodes[from].role, Role::Primitive) {
                    reached[from].push((link.order, Reached { node, slot }));
                }
            }
        }
        for (from, mut ends) in reached.into_iter().enumerate() {
            ends.sort_by_key(|(order, _)| *order);
            let Some((_, first)) = ends.first() else {
                continue;
            };
            let Some(value) = value(graph, from, first) else {
                continue;
            };
            for (_, end) in &ends {
                push(&mut graph.nodes[end.node], end.slot, &value);
            }
        }
    }
}

/// The value of a primitive.
fn value<'d>(graph: &Graph<'d>, primitive: usize, first: &Reached) -> Option<Cow<'d, Json<'d>>> {
    let target = &graph.nodes[first.node];
    let input = target.inputs.get(first.slot)?;
    let saved = graph.nodes[primitive].raw.get("widgets_values").items().first();
    let saved_type = graph.nodes[primitive].raw.get("outputs").items().first().and_then(|out| out.get("type").str());
    let own: Value = if target.is_instance() {
        input.promoted.as_ref()?.value.clone()
    } else if input.widget.is_some() {
        target.widgets.get(target.widget_of(input)?)?.value.clone()
    } else {
        None
    };
    let same_type = saved_type.is_some_and(|saved| saved == input.ty);
    match saved.filter(|_| same_type) {
        Some(value) => Some(Cow::Borrowed(value)),
        None => own,
    }
}

fn push<'d>(node: &mut Node<'d>, slot: usize, value: &Cow<'d, Json<'d>>) {
    let Some(input) = node.inputs.get_mut(slot) else {
        return;
    };
    if let Some(promoted) = &mut input.promoted {
        promoted.value = Some(value.clone());
        return;
    }
    let input = &node.inputs[slot];
    let Some(at) = node.widget_of(input) else {
        return;
    };
    node.set_widget(at, value.clone());
    round(&mut node.widgets[at]);
}

/// What a number's widget does to a value that is set by hand.
fn round(widget: &mut Widget) {
    let value = widget.value.as_deref();
    let rounded = match widget.role {
        WidgetRole::Int(spec) => round_int(to_number(value), spec),
        WidgetRole::Float(spec) => match round_float(to_number(value), spec.number) {
            Some(rounded) => rounded,
            None => return,
        },
        _ => return,
    };
    widget.value = Some(Cow::Owned(json::from_f64(rounded)));
}

/// What JavaScript's arithmetic takes a value for.
fn to_number(value: Option<&Json>) -> f64 {
    match value {
        Some(Json::Number(_)) => value.and_then(Json::number).unwrap_or(f64::NAN),
        Some(Json::String(text)) => {
            let text = text.trim();
            if text.is_empty() { 0.0 } else { serde_json::from_str(text).unwrap_or(f64::NAN) }
        }
        Some(Json::Null | Json::Bool(false)) => 0.0,
        Some(Json::Bool(true)) => 1.0,
        _ => f64::NAN,
    }
}

/// JavaScript's `Math.round`.
fn half_up(value: f64) -> f64 {
    (value + 0.5).floor()
}

fn round_int(value: f64, spec: &Spec) -> f64 {
    let step = spec.number.step.filter(|step| *step != 0.0).unwrap_or(1.0);
    if step == 1.0 {
        return half_up(value);
    }
    let offset = spec.number.min.unwrap_or(0.0) % step;
    half_up((value - offset) / step) * step + offset
}

/// `None` where the widget does not round.
fn round_float(value: f64, limits: Range) -> Option<f64> {
    let step = limits.step.unwrap_or(0.5);
    let mut precision = 0;
    let mut scaled = step;
    while scaled < 1.0 - 1e-9 && precision < 20 {
        scaled *= 10.0;
        precision += 1;
    }
    let power = 10f64.powi(precision);
    let decimals = |value: f64| half_up(value * power) / power;
    let rounded = match limits.round.filter(|round| *round != 0.0) {
        Some(round) => decimals(half_up(value / round) * round),
        None if precision > 0 => decimals(value),
        None => return None,
    };
    Some(rounded.max(limits.min.unwrap_or(0.0)).min(limits.max.unwrap_or(2048.0)))
}
