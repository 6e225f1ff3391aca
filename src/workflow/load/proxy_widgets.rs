//! `properties.proxyWidgets`, by which older files name the widgets that an instance shows (rule S2).
//!
//! It is a list of `[node id, widget]`, whose k-th entry has `widgets_values[k]`. An entry becomes an input of the definition,
//! and so of all its instances, unless there is one for that widget already. `"-1"` names the instance's own input. An entry
//! for a primitive node takes that node's place.

mod entries;

use entries::{Entry, entries, without_prefix};

use crate::text::index::Index;
use crate::workflow::load::promoted::{promoted_of, source};
use crate::workflow::model::graph::{Boundary, Graphs};
use crate::workflow::model::link::{End, Link};
use crate::workflow::model::node::{Input, Node, Role};
use crate::workflow::model::value::Value;

/// More entries than any file has; such a list counts as none.
const MAX_ENTRIES: usize = 10_000;
/// More inputs than the lists of any file make; where they would come to more, they count as none.
const MAX_CREATED: usize = 1_000_000;
/// Nested promotions that are followed.
const MAX_CHAIN: usize = 100;

/// What becomes of an entry.
enum Plan<'d> {
    /// The instance has an input for it.
    Input(usize),
    /// The definition gets an input for this widget input.
    Create(usize, usize),
    /// The definition gets an input in place of a primitive node.
    Primitive(usize),
    /// An input of the instance by name.
    Named(&'d str),
    /// Nothing that a prompt shows.
    Nothing,
}

/// An instance: graph and node.
type Host = (usize, usize);

/// Turns the `proxyWidgets` of all instances in a graph into inputs of their definitions.
pub(crate) fn migrate_all(graphs: &mut Graphs, at: usize) {
    for node in 0..graphs.graphs[at].nodes.len() {
        let Role::Instance(definition) = graphs.graphs[at].nodes[node].role else {
            continue;
        };
        if definition != at && graphs.graphs[definition].built {
            migrate(graphs, (at, node), definition);
        }
    }
}

fn migrate<'d>(graphs: &mut Graphs<'d>, host: Host, definition: usize) {
    let mut list = entries(&graphs.graphs[host.0].nodes[host.1]);
    for entry in &mut list {
        if !resolves(graphs, definition, entry) {
            without_prefix(entry);
        }
    }
    if list.is_empty() || list.len() > MAX_ENTRIES {
        return;
    }
    let instances = instances_of(graphs, definition);
    // Every instance gets every new input.
    if list.len().saturating_mul(instances.len()) > MAX_CREATED {
        return;
    }
    // What to do is decided for all entries before anything is changed.
    let sources = sources(graphs, definition);
    let plans: Vec<Plan> = list.iter().map(|entry| plan(graphs, host, definition, entry, &sources)).collect();
    let mut primitives: Vec<usize> = Vec::new();
    let (first_link, first_slot) = (graphs.graphs[definition].links.len(), graphs.graphs[definition].inputs.len());
    for (entry, plan) in list.iter().zip(&plans) {
        let slot = match *plan {
            Plan::Input(slot) => Some(slot),
            Plan::Create(node, slot) => {
                let input = graphs.graphs[definition].nodes[node].inputs[slot];
                Some(match input.link.and_then(|link| link.checked_sub(first_link)) {
                    // An entry before this one is about the same widget; the last value counts.
                    Some(before) => first_slot + before,
                    None => add_input(graphs, definition, entry.widget, input.ty, &[(node, slot)], &instances),
                })
            }
            Plan::Named(name) => graphs.graphs[host.0].nodes[host.1].input_named(name),
            Plan::Primitive(node) => {
                if !primitives.contains(&node) {
                    primitives.push(node);
                }
                None
            }
            Plan::Nothing => None,
        };
        set_value(graphs, host, slot, entry.value);
    }
    for primitive in primitives {
        let of = |plan: &Plan| matches!(plan, Plan::Primitive(node) if *node == primitive);
        let entries: Vec<&Entry> =
            list.iter().zip(&plans).filter(|(_, plan)| of(plan)).map(|(entry, _)| entry).collect();
        let slot = replace_primitive(graphs, definition, primitive, &entries, &instances);
        set_value(graphs, host, slot, entries.iter().find_map(|entry| entry.value));
    }
}

/// The instances of a definition that are there already.
fn instances_of(graphs: &Graphs, definition: usize) -> Vec<Host> {
    let mut instances = Vec::new();
    for (at, graph) in graphs.graphs.iter().enumerate() {
        for (node, one) in graph.nodes.iter().enumerate() {
            if matches!(one.role, Role::Instance(other) if other == definition) {
                instances.push((at, node));
            }
        }
    }
    instances
}

fn set_value<'d>(graphs: &mut Graphs<'d>, host: Host, slot: Option<usize>, value: Option<Value<'d>>) {
    let input = slot.and_then(|slot| graphs.graphs[host.0].nodes[host.1].inputs.get_mut(slot));
    if let (Some(Input { promoted: Some(promoted), .. }), Some(value)) = (input, value) {
        promoted.value = value;
    }
}

/// The inputs of a definition by what they stand for.
fn sources<'d>(graphs: &Graphs<'d>, definition: usize) -> Index<'d> {
    let inside = &graphs.graphs[definition];
    let source_of = |(slot, boundary)| source(inside, boundary).map(|(at, widget)| (key(graphs, at, widget), slot));
    Index::of(inside.inputs.iter().enumerate().filter_map(source_of).collect())
}

/// A widget of a node inside, as one text.
fn key<'d>(graphs: &Graphs<'d>, node: usize, widget: &str) -> &'d str {
    graphs.arena.join(&[graphs.arena.number(node), " ", widget])
}

fn plan<'d>(graphs: &Graphs<'d>, host: Host, definition: usize, entry: &Entry<'d>, sources: &Index) -> Plan<'d> {
    let inside = &graphs.graphs[definition];
    let Some(at) = inside.by_id.first(entry.id) else {
        return if entry.id == "-1" { Plan::Named(entry.widget) } else { Plan::Nothing };
    };
    if let Some(slot) = sources.first(key(graphs, at, entry.widget)) {
        return Plan::Input(slot);
    }
    let node = &inside.nodes[at];
    if matches!(node.role, Role::Primitive) {
        let replaced = inside.replaced.iter().find(|(primitive, _)| *primitive == at).map(|(_, name)| *name);
        let marked = replaced.or(node.property("proxyBypassedToSubgraphInput").str());
        let existing = marked.and_then(|name| graphs.graphs[host.0].nodes[host.1].input_named(name));
        return existing.map_or(Plan::Primitive(at), Plan::Input);
    }
    widget_input(graphs, node, entry).map_or(Plan::Nothing, |slot| Plan::Create(at, slot))
}

/// The socket beside the widget that an entry names.
fn widget_input(graphs: &Graphs, node: &Node, entry: &Entry) -> Option<usize> {
    if entry.widget.starts_with("$$") {
        return None;
    }
    let Role::Instance(definition) = node.role else {
        let widget = &node.widgets[node.widget_named(entry.widget)?];
        let shown = widget.slot || widget.prompt;
        return node.inputs.iter().position(|input| shown && input.widget == Some(entry.widget));
    };
    let inside = graphs.graphs.get(definition)?;
    let named = |(slot, input): (usize, &Input)| {
        let boundary = inside.inputs.get(slot).filter(|boundary| boundary.name == input.name);
        let boundary = boundary.or_else(|| inside.inputs.iter().find(|boundary| boundary.name == input.name));
        match (boundary.and_then(|boundary| source(inside, boundary)), entry.inner) {
            (Some((at, widget)), Some(inner)) => widget == entry.widget && inside.nodes[at].id == inner,
            (None, Some(_)) => false,
            (found, None) => input.name == entry.widget || found.is_some_and(|(_, widget)| widget == entry.widget),
        }
    };
    let shown = |slot: &usize| node.inputs[*slot].promoted.is_some();
    let found = node.inputs.iter().enumerate().position(named).filter(shown);
    found.or_else(|| node.input_named(entry.widget).filter(shown))
}

/// Whether an entry leads to a widget by its names, through any number of instances.
fn resolves(graphs: &Graphs, definition: usize, entry: &Entry) -> bool {
    let mut inside = &graphs.graphs[definition];
    let mut found = inside.by_id.first(entry.id).map(|at| (at, entry.widget));
    for _ in 0..MAX_CHAIN {
        let Some((at, widget)) = found else {
            return false;
        };
        let Role::Instance(next) = inside.nodes[at].role else {
            return inside.nodes[at].widget_named(widget).is_some();
        };
        inside = &graphs.graphs[next];
        let boundary = inside.inputs.iter().find(|boundary| boundary.name == widget);
        found = boundary.and_then(|boundary| source(inside, boundary));
    }
    false
}

/// Adds an input to a definition, linked to these inputs inside, and to these instances of it.
fn add_input<'d>(
    graphs: &mut Graphs<'d>,
    definition: usize,
    name: &'d str,
    ty: &'d str,
    ends: &[(usize, usize)],
    instances: &[Host],
) -> usize {
    let arena = graphs.arena;
    let inside = &mut graphs.graphs[definition];
    let slot = inside.inputs.len();
    let mut unique = name;
    // Numbers below the last one given to this name are taken.
    let known = inside.numbers.iter().position(|(other, _)| *other == name);
    let known = known.unwrap_or_else(|| {
        inside.numbers.push((name, 0));
        inside.numbers.len() - 1
    });
    while inside.inputs.iter().any(|boundary| boundary.name == unique) {
        let number = &mut inside.numbers[known].1;
        *number += 1;
        unique = arena.join(&[name, "_", arena.number(*number)]);
    }
    let mut links = Vec::new();
    for (node, target_slot) in ends {
        let link = inside.links.len();
        if let Some(old) = inside.nodes[*node].inputs[*target_slot].link.replace(link) {
            inside.links[old].gone = true;
        }
        links.push(link);
        inside.links.push(Link {
            order: u64::MAX,
            origin: End::Boundary,
            origin_slot: Value::Raw(arena.number(slot)),
            ty,
            target: End::Node(*node),
            target_slot: Some(*target_slot),
            gone: false,
        });
    }
    let boundary = Boundary { name: unique, label: "", ty, links };
    let promoted = promoted_of(inside, &boundary);
    inside.inputs.push(boundary);
    let input = Input { widget: promoted.map(|_| unique), promoted, ..Input::socket(unique, ty) };
    for (graph, node) in instances {
        graphs.graphs[*graph].nodes[*node].inputs.push(input);
    }
    slot
}

/// Puts an input of the definition in the place of a primitive node; `None` where its links do not allow it.
fn replace_primitive<'d>(
    graphs: &mut Graphs<'d>,
    definition: usize,
    primitive: usize,
    entries: &[&Entry<'d>],
    instances: &[Host],
) -> Option<usize> {
    let inside = &graphs.graphs[definition];
    let node = &inside.nodes[primitive];
    let widget = entries.first()?.widget;
    if entries.iter().any(|entry| entry.widget != widget) {
        return None;
    }
    let ty = node.outputs.first().copied().unwrap_or("*");
    let mut ends = Vec::new();
    for link in &inside.links {
        if link.origin_node() == Some((primitive, 0)) {
            let (to, slot) = link.target_node()?;
            let wanted = inside.nodes[to].inputs.get(slot)?.ty;
            if wanted != ty && wanted != "*" && ty != "*" {
                return None;
            }
            ends.push((to, slot));
        }
    }
    if ends.is_empty() {
        return None;
    }
    let is_renamed = node.title != "PrimitiveNode" && !node.title.is_empty();
    let name = if is_renamed { node.title } else { widget };
    let slot = add_input(graphs, definition, name, ty, &ends, instances);
    let inside = &mut graphs.graphs[definition];
    inside.replaced.push((primitive, inside.inputs[slot].name));
    Some(slot)
}
