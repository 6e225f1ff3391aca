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

use std::borrow::Cow;

use super::graph::Graphs;
use super::json::{self, Json};
use super::limits::Limits;
use super::links::End;
use super::names::Names;
use super::node::{Node, Role};
use super::spec::Spec;
use super::text;
use super::widgets::{Value, Widget, WidgetRole};

/// Where a primitive's links end: node and input, by link id.
type Ends = Vec<(u64, usize, usize)>;

/// Pushes the values of all primitives.
pub(crate) fn push_values(graphs: &mut Graphs) {
    for at in 0..graphs.graphs.len() {
        let graph = &graphs.graphs[at];
        if !graph.nodes.iter().any(|node| matches!(node.role, Role::Primitive)) {
            continue;
        }
        let mut ends: Vec<Ends> = vec![Vec::new(); graph.nodes.len()];
        for link in &graph.links {
            if let (false, End::Node(from), Some(0), End::Node(node), Some(slot)) =
                (link.gone, link.origin, link.origin_index(), link.target, link.target_slot)
            {
                if matches!(graph.nodes[from].role, Role::Primitive) {
                    ends[from].push((link.order, node, slot));
                }
            }
        }
        for (from, mut ends) in ends.into_iter().enumerate() {
            ends.sort_unstable();
            push_value(graphs, at, from, &ends);
        }
    }
}

fn push_value(graphs: &mut Graphs, at: usize, primitive: usize, ends: &Ends) {
    let graph = &graphs.graphs[at];
    let Some((own, spec)) = ends.first().and_then(|(_, node, slot)| widget_at(&graph.nodes[*node], *slot)) else {
        return;
    };
    let node = &graph.nodes[primitive];
    let saved = node.raw.get("widgets_values").items().first();
    let saved_type = node.raw.get("outputs").items().first().and_then(|output| output.get("type").str());
    let same_type = saved_type.is_some_and(|saved| saved == spec.type_name);
    let mut value = match saved.filter(|_| same_type) {
        Some(value) => Some(Cow::Borrowed(value)),
        None => own,
    };
    if spec.is_text {
        value = value.map(super::widgets::as_text);
    }
    if value.as_ref().is_none_or(|value| value.is_null()) {
        value = spec.first.or(value);
    }
    let Some(mut value) = value else {
        return;
    };
    if node.property("Run widget replace on values").truthy() {
        if let Json::String(template) = &*value {
            let names = Names::read(graphs, at);
            let replaced = text::replace_patterns(template, |pattern| {
                let (name, widget) = pattern.split_once('.').filter(|(_, widget)| !widget.contains('.'))?;
                names.value(graphs, name, widget)
            });
            value = Cow::Owned(Json::String(Cow::Owned(replaced)));
        }
    }
    let nodes = &mut graphs.graphs[at].nodes;
    let Some(mut limits) = spec.limits else {
        return push_to_all(nodes, ends, &value);
    };
    for (_, node, slot) in ends {
        let other =
            widget_at(&nodes[*node], *slot).filter(|(_, other)| other.in_form).and_then(|(_, other)| other.limits);
        let Some(common) = other.and_then(|other| limits.in_common(&other)) else {
            continue;
        };
        limits = common;
        let mut number = to_number(Some(&value));
        if matches!(*value, Json::Number(_)) {
            number = number.max(limits.min()).min(limits.max());
        }
        match limits.round(number) {
            Some(rounded) => value = Cow::Owned(json::from_f64(rounded)),
            None if matches!(*value, Json::Number(_)) && to_number(Some(&value)) != number => {
                value = Cow::Owned(json::from_f64(number));
            }
            None => {}
        }
        push_to_all(nodes, ends, &value);
    }
    push_to_all(nodes, ends, &value);
}

/// What a primitive needs to know of the widget at one of its links.
struct At<'d> {
    type_name: &'d str,
    is_text: bool,
    first: Value<'d>,
    limits: Option<Limits>,
    /// There is a widget, and not just a type that could have one.
    in_form: bool,
}

/// The widget at an input, and its value. An input without one counts where its type could have one.
fn widget_at<'d>(node: &Node<'d>, slot: usize) -> Option<(Value<'d>, At<'d>)> {
    let input = node.inputs.get(slot)?;
    if let Some(promoted) = &input.promoted {
        let at = At {
            type_name: promoted.spec.map_or("", |spec| &spec.ty),
            is_text: false,
            first: promoted.first.clone(),
            limits: promoted.spec.and_then(Spec::limits),
            in_form: true,
        };
        return Some((promoted.value.clone(), at));
    }
    if input.widget.is_none() {
        let kind = super::spec::Kind::of(&input.ty)?;
        let type_name = kind.type_name()?;
        return Some((
            None,
            At { type_name, is_text: false, first: None, limits: Limits::of(type_name), in_form: false },
        ));
    }
    let widget = node.widgets.get(node.widget_of(input)?)?;
    let spec = widget.spec.filter(|_| input.known)?;
    let first = match widget.role {
        WidgetRole::Combo(first) => first.map(Cow::Borrowed),
        _ => None,
    };
    let at = At {
        type_name: &spec.ty,
        is_text: matches!(widget.role, WidgetRole::Text | WidgetRole::Dynamic(true)),
        first,
        limits: spec.limits(),
        in_form: true,
    };
    Some((widget.value.clone(), at))
}

fn push_to_all<'d>(nodes: &mut [Node<'d>], ends: &Ends, value: &Cow<'d, Json<'d>>) {
    for (_, node, slot) in ends {
        push(&mut nodes[*node], *slot, value);
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
    let unlimited = node.class_type == "PrimitiveFloat";
    if let Some(widget) = node.widgets.get_mut(at) {
        round(widget, unlimited);
    }
}

/// What a number's widget does to a value that is set by hand.
fn round(widget: &mut Widget, unlimited: bool) {
    let Some(limits) = widget.spec.filter(|_| matches!(widget.role, WidgetRole::Number)).and_then(Spec::limits) else {
        return;
    };
    if let Some(mut rounded) = limits.round(to_number(widget.value.as_deref())) {
        if limits.float && !unlimited {
            rounded = rounded.max(limits.min()).min(limits.max());
        }
        widget.value = Some(Cow::Owned(json::from_f64(rounded)));
    }
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
