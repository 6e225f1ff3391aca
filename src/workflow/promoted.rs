//! Widgets inside a subgraph that its instances show as their own (rule S2).
//!
//! An instance's `widgets_values[k]` belongs to the k-th definition input that reaches a widget; inputs linked from
//! outside still take a place; where a value is missing, the value inside stays. Of nested instances the outermost input
//! that is not linked counts. Older files list `properties.proxyWidgets` as `[[node id, widget], …]` instead, whose k-th
//! entry has `widgets_values[k]`: such an entry becomes an input of the definition (and so of all its instances) unless
//! there is one for that widget already; `"-1"` names the instance's own input; an entry for a primitive node takes that
//! node's place.

use std::borrow::Cow;

use super::graph::{Boundary, Graph, Graphs};
use super::json::Json;
use super::links::{End, Link};
use super::node::{Input, Node, Promoted, Role};
use super::widgets::WidgetRole;

/// Nested promotions that are followed.
const MAX_CHAIN: usize = 100;

/// The inputs inside to which a definition's input leads: node and slot.
fn target<'g, 'd>(graph: &'g Graph<'d>, boundary: &Boundary) -> impl Iterator<Item = (usize, usize)> + use<'g, 'd> {
    let links = boundary.links.clone();
    links.into_iter().filter_map(move |link| match graph.links.get(link)? {
        Link { gone: false, target: End::Node(node), target_slot: Some(slot), .. } => {
            graph.nodes[*node].inputs.get(*slot).map(|_| (*node, *slot))
        }
        _ => None,
    })
}

/// The widget that an input stands for.
fn promoted_at<'d>(node: &Node<'d>, slot: usize) -> Option<Promoted<'d>> {
    let input = &node.inputs[slot];
    if node.is_instance() {
        return input.promoted.clone();
    }
    let widget = &node.widgets[node.widget_of(input)?];
    let first = match widget.role {
        WidgetRole::Combo(first) => first.map(Cow::Borrowed),
        WidgetRole::Selector(spec) => super::dynamic::first_key(spec),
        _ => None,
    };
    Some(Promoted { value: widget.value.clone(), first, spec: widget.spec })
}

/// The node and the widget (of an instance: the input) that a definition's input stands for.
fn source<'g, 'd>(graph: &'g Graph<'d>, boundary: &Boundary) -> Option<(usize, &'g str)> {
    target(graph, boundary).find_map(|(at, slot)| {
        let node = &graph.nodes[at];
        let input = &node.inputs[slot];
        if node.is_instance() {
            return Some((at, &*input.name));
        }
        node.widget_of(input).map(|widget| (at, &*node.widgets[widget].name))
    })
}

/// Gives an instance the promoted widgets of its definition, and the values that the file has for them.
pub(crate) fn bring_in<'d>(node: &mut Node<'d>, definition: &Graph<'d>) {
    for (input, boundary) in node.inputs.iter_mut().zip(&definition.inputs) {
        let found = target(definition, boundary).find_map(|(at, slot)| promoted_at(&definition.nodes[at], slot));
        if found.is_some() {
            input.widget = Some(input.name.clone());
        }
        input.promoted = found;
    }
    let values = node.raw.get("widgets_values").items();
    let set_aside = set_aside(node);
    let mut places = values.iter();
    for input in &mut node.inputs {
        let Some(promoted) = &mut input.promoted else {
            continue;
        };
        let saved = places.next();
        let other = set_aside.iter().find(|(name, _)| *name == input.name).map(|(_, value)| *value);
        if let Some(value) = other.or(saved) {
            promoted.value = Some(Cow::Borrowed(value));
        }
    }
}

/// Values of the instance's own inputs that an earlier migration could not place.
fn set_aside<'d>(node: &Node<'d>) -> Vec<(&'d str, &'d Json<'d>)> {
    let entries = node.property("proxyWidgetErrorQuarantine").items().iter().filter(|entry| entry.has("hostValue"));
    entries
        .filter_map(|entry| match entry.get("originalEntry").items() {
            [id, name, ..] if id.str() == Some("-1") => Some((name.str()?, entry.get("hostValue"))),
            _ => None,
        })
        .collect()
}

/// An entry of `proxyWidgets`.
struct Entry<'d> {
    id: Cow<'d, str>,
    widget: Cow<'d, str>,
    /// Tells nested widgets of the same name apart: the id of the node inside that has it.
    inner: Option<Cow<'d, str>>,
    /// `None` where the file has no value for it.
    value: Option<&'d Json<'d>>,
}

/// Reads `proxyWidgets`, a list or its JSON text; a list that is not made as it should be counts as none.
fn entries<'d>(node: &Node<'d>) -> Vec<Entry<'d>> {
    let property = node.property("proxyWidgets");
    let parsed = property.str().and_then(|text| Json::parse(text).ok());
    let values = node.raw.get("widgets_values").items();
    let mut entries = Vec::new();
    for (at, entry) in parsed.as_ref().unwrap_or(property).items().iter().enumerate() {
        let text = |part: &Json<'d>| match part {
            Json::String(text) => Some(text.clone()),
            _ => None,
        };
        let (id, widget, inner) = match entry.items() {
            [id, widget] => (text(id), text(widget), None),
            [id, widget, inner @ Json::String(_)] => (text(id), text(widget), text(inner)),
            _ => return Vec::new(),
        };
        let (Some(id), Some(widget)) = (id, widget) else {
            return Vec::new();
        };
        entries.push(Entry { id, widget, inner, value: values.get(at) });
    }
    entries
}

/// Older names carry the ids on the way to a nested widget: `12: 3: seed`.
fn without_prefix(entry: &mut Entry) {
    while let Some((id, rest)) = entry.widget.split_once(':') {
        let (id, rest) = (id.trim().to_owned(), rest.trim_start().to_owned());
        if id.is_empty() || rest.is_empty() || !id.bytes().all(|b| b.is_ascii_digit()) {
            return;
        }
        entry.inner = Some(Cow::Owned(id));
        entry.widget = Cow::Owned(rest);
    }
}

/// What becomes of an entry.
enum Plan<'d> {
    /// The instance has an input for it.
    Input(usize),
    /// The definition gets an input for this widget input.
    Create(usize, usize),
    /// The definition gets an input in place of a primitive node.
    Primitive(usize),
    /// An input of the instance by name.
    Named(Cow<'d, str>),
    /// Nothing that a prompt shows.
    Nothing,
}

/// Turns the `proxyWidgets` of all instances in a graph into inputs of their definitions.
pub(crate) fn migrate_proxies(graphs: &mut Graphs, at: usize) {
    for host in 0..graphs.graphs[at].nodes.len() {
        let node = &graphs.graphs[at].nodes[host];
        let Role::Instance(definition) = node.role else {
            continue;
        };
        if definition == at || !graphs.graphs[definition].built {
            continue;
        }
        let mut list = entries(node);
        for entry in &mut list {
            if !resolves(graphs, definition, &entry.id, &entry.widget) {
                without_prefix(entry);
            }
        }
        // What to do is decided for all entries before anything is changed.
        let plans: Vec<Plan> = list.iter().map(|entry| plan(graphs, (at, host), definition, entry)).collect();
        let mut of_primitives: Vec<(usize, Vec<&Entry>)> = Vec::new();
        for (entry, plan) in list.iter().zip(plans) {
            match plan {
                Plan::Input(slot) => set_value(graphs, (at, host), slot, entry.value),
                Plan::Create(node, slot) => {
                    let ty = graphs.graphs[definition].nodes[node].inputs[slot].ty.clone();
                    let slot = add_input(graphs, definition, &entry.widget, ty, &[(node, slot)]);
                    set_value(graphs, (at, host), slot, entry.value);
                }
                Plan::Primitive(node) => match of_primitives.iter_mut().find(|(other, _)| *other == node) {
                    Some((_, entries)) => entries.push(entry),
                    None => of_primitives.push((node, vec![entry])),
                },
                Plan::Named(name) => {
                    if let Some(slot) = graphs.graphs[at].nodes[host].input_named(&name) {
                        set_value(graphs, (at, host), slot, entry.value);
                    }
                }
                Plan::Nothing => {}
            }
        }
        for (primitive, entries) in of_primitives {
            if let Some(slot) = replace_primitive(graphs, definition, primitive, &entries) {
                let value = entries.iter().find_map(|entry| entry.value);
                set_value(graphs, (at, host), slot, value);
            }
        }
    }
}

fn set_value<'d>(graphs: &mut Graphs<'d>, (at, host): (usize, usize), slot: usize, value: Option<&'d Json<'d>>) {
    let input = &mut graphs.graphs[at].nodes[host].inputs[slot];
    if let (Some(promoted), Some(value)) = (&mut input.promoted, value) {
        promoted.value = Some(Cow::Borrowed(value));
    }
}

fn plan<'d>(graphs: &Graphs<'d>, (at, host): (usize, usize), definition: usize, entry: &Entry<'d>) -> Plan<'d> {
    let inside = &graphs.graphs[definition];
    let source_node = inside.by_id.get(&entry.id).copied();
    let is_source = |boundary: &Boundary| {
        source(inside, boundary).is_some_and(|(node, widget)| Some(node) == source_node && widget == entry.widget)
    };
    if let Some(slot) = inside.inputs.iter().position(is_source) {
        return Plan::Input(slot);
    }
    let Some(at_source) = source_node else {
        return if entry.id == "-1" { Plan::Named(entry.widget.clone()) } else { Plan::Nothing };
    };
    let node = &inside.nodes[at_source];
    if matches!(node.role, Role::Primitive) {
        let marked = inside.replaced.get(&at_source).map(|name| &**name);
        let marked = marked.or_else(|| node.property("proxyBypassedToSubgraphInput").str());
        let existing = marked.and_then(|name| graphs.graphs[at].nodes[host].input_named(name));
        return existing.map_or(Plan::Primitive(at_source), Plan::Input);
    }
    match widget_input(graphs, node, entry) {
        Some(slot) => Plan::Create(at_source, slot),
        None => Plan::Nothing,
    }
}

/// The socket beside the widget that an entry names.
fn widget_input(graphs: &Graphs, node: &Node, entry: &Entry) -> Option<usize> {
    if entry.widget.starts_with("$$") {
        return None;
    }
    if let Role::Instance(definition) = node.role {
        let inside = graphs.graphs.get(definition)?;
        let stands_for = |input: &Input| {
            let boundary = inside.inputs.iter().find(|boundary| boundary.name == input.name);
            boundary.and_then(|boundary| source(inside, boundary))
        };
        let named = |input: &Input| match (stands_for(input), entry.inner.as_deref()) {
            (Some((at, widget)), Some(inner)) => widget == entry.widget && inside.nodes[at].id == inner,
            (None, Some(_)) => false,
            (found, None) => input.name == entry.widget || found.is_some_and(|(_, widget)| widget == entry.widget),
        };
        let found = node.inputs.iter().position(named).filter(|slot| node.inputs[*slot].promoted.is_some());
        return found
            .or_else(|| node.inputs.iter().position(|input| input.promoted.is_some() && input.name == entry.widget));
    }
    let widget = &node.widgets[node.widget_named(&entry.widget)?];
    if !widget.slot && !widget.prompt {
        return None;
    }
    node.inputs.iter().position(|input| input.widget.as_ref() == Some(&entry.widget))
}

/// Whether a node id and a name lead to a widget, through any number of instances.
fn resolves(graphs: &Graphs, definition: usize, id: &str, widget: &str) -> bool {
    let mut inside = &graphs.graphs[definition];
    let Some(mut at) = inside.by_id.get(id).copied() else {
        return false;
    };
    let mut widget = widget;
    for _ in 0..MAX_CHAIN {
        let node = &inside.nodes[at];
        let Role::Instance(next) = node.role else {
            return node.widget_named(widget).is_some();
        };
        inside = &graphs.graphs[next];
        let boundary = inside.inputs.iter().find(|boundary| boundary.name == widget);
        match boundary.and_then(|boundary| source(inside, boundary)) {
            Some((found, name)) => (at, widget) = (found, name),
            None => return false,
        }
    }
    false
}

/// Adds an input to a definition, linked to these inputs inside, and to all its instances.
fn add_input<'d>(
    graphs: &mut Graphs<'d>,
    definition: usize,
    name: &str,
    ty: Cow<'d, str>,
    targets: &[(usize, usize)],
) -> usize {
    let inside = &mut graphs.graphs[definition];
    let slot = inside.inputs.len();
    let name: Cow<'d, str> = Cow::Owned(unique(name, &inside.inputs));
    let mut links = Vec::new();
    for (node, target_slot) in targets {
        let link = inside.links.len();
        if let Some(old) = inside.nodes[*node].inputs[*target_slot].link.replace(link) {
            inside.links[old].gone = true;
        }
        links.push(link);
        inside.links.push(Link {
            order: u64::MAX,
            origin: End::Boundary,
            origin_slot: Cow::Owned(super::json::from_f64(slot as f64)),
            target: End::Node(*node),
            target_slot: Some(*target_slot),
            gone: false,
        });
    }
    inside.inputs.push(Boundary { name: name.clone(), ty: ty.clone(), links });
    let promoted = targets.iter().find_map(|(node, slot)| promoted_at(&inside.nodes[*node], *slot));
    let widget = promoted.is_some().then(|| name.clone());
    for node in graphs.graphs.iter_mut().flat_map(|graph| &mut graph.nodes) {
        if matches!(node.role, Role::Instance(other) if other == definition) {
            let input = Input::socket(name.clone(), ty.clone());
            node.inputs.push(Input { widget: widget.clone(), promoted: promoted.clone(), ..input });
        }
    }
    slot
}

fn unique(name: &str, taken: &[Boundary]) -> String {
    let mut unique = name.to_owned();
    let mut number = 0;
    while taken.iter().any(|boundary| boundary.name == unique) {
        number += 1;
        unique = name.to_owned();
        unique.push('_');
        unique.push_str(&number.to_string());
    }
    unique
}

/// Puts an input of the definition in the place of a primitive node; `None` where its links do not allow it.
fn replace_primitive<'d>(
    graphs: &mut Graphs<'d>,
    definition: usize,
    primitive: usize,
    entries: &[&Entry],
) -> Option<usize> {
    let inside = &graphs.graphs[definition];
    let node = &inside.nodes[primitive];
    let widget = &entries.first()?.widget;
    if entries.iter().any(|entry| entry.widget != *widget) {
        return None;
    }
    let ty = node.outputs.first().cloned().unwrap_or(Cow::Borrowed("*"));
    let mut targets = Vec::new();
    for link in &inside.links {
        if link.gone || link.origin != End::Node(primitive) || link.origin_index() != Some(0) {
            continue;
        }
        let (End::Node(to), Some(slot)) = (link.target, link.target_slot) else {
            return None;
        };
        let wanted = &*inside.nodes[to].inputs.get(slot)?.ty;
        if wanted != ty && wanted != "*" && ty != "*" {
            return None;
        }
        targets.push((to, slot));
    }
    if targets.is_empty() {
        return None;
    }
    let renamed = Some(node.title).filter(|title| *title != "PrimitiveNode" && !title.is_empty());
    let name = renamed.unwrap_or(widget).to_owned();
    let slot = add_input(graphs, definition, &name, ty, &targets);
    let inside = &mut graphs.graphs[definition];
    let name = inside.inputs[slot].name.clone();
    inside.replaced.insert(primitive, name);
    Some(slot)
}
