//! What the editor does to the types of sockets once a file is loaded (rule L5).
//!
//! Inputs that share a type (`MatchType`) take on what their links bring, and so do the outputs that belong to them; a
//! Reroute takes on the type of what comes into it, through any number of Reroutes. A link that no longer fits is cut.
//! Elsewhere types are not compared: a link between types that do not fit stays.

use crate::workflow::model::arena::Arena;
use crate::workflow::model::graph::{Graph, Graphs};
use crate::workflow::model::link::End;
use crate::workflow::model::node::Role;
use crate::workflow::model::object_info::Class;
use crate::workflow::model::spec::Dynamic;
use crate::workflow::model::types::{each, fits};

/// Settles the types in all graphs.
pub(crate) fn types(graphs: &mut Graphs) {
    let arena = graphs.arena;
    for graph in &mut graphs.graphs {
        settle_matches(graph, arena);
        settle_reroutes(graph);
    }
}

/// More inputs than share a type on any class.
const MAX_MEMBERS: usize = 200;

/// The group that an input of a class belongs to, and the types it allows.
fn group<'d>(class: &'d Class, name: &str) -> Option<(&'d str, &'d str)> {
    class.inputs.iter().find_map(|spec| match &spec.dynamic {
        Dynamic::Match { template, input } if *spec.name == *name => Some((&**template, &*input.ty)),
        _ => None,
    })
}

fn settle_matches<'d>(graph: &mut Graph<'d>, arena: &'d Arena) {
    let mut pending: Vec<(usize, &'d Class, &'d str)> = Vec::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        let Role::Class(class) = node.role else {
            continue;
        };
        let first = pending.len();
        for spec in &class.inputs {
            if let Dynamic::Match { template, .. } = &spec.dynamic {
                // Each group of a node once.
                if pending[first..].iter().all(|(.., other)| **other != **template) {
                    pending.push((at, class, template));
                }
            }
        }
    }
    if pending.is_empty() {
        return;
    }
    let mut from: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    for (at, link) in graph.links.iter().enumerate() {
        if let Some((origin, _)) = link.origin_node() {
            from[origin].push(at);
        }
    }
    // Types go on from node to node; a circle of them would go on for ever.
    let most = 16 * (pending.len() + graph.links.len());
    let mut next = 0;
    while let Some((at, class, template)) = pending.get(next).copied().filter(|_| next < most) {
        next += 1;
        let Some(ty) = settle_group(graph, at, class, template, arena) else {
            continue;
        };
        for output in 0..graph.nodes[at].outputs.len().min(class.output_matches.len()) {
            if *class.output_matches[output] != *template || graph.nodes[at].outputs[output] == ty {
                continue;
            }
            graph.nodes[at].outputs[output] = ty;
            for link_at in &from[at] {
                let link = graph.links[*link_at];
                if link.origin_node() != Some((at, output)) {
                    continue;
                }
                let wanted = match (link.target_node(), link.target, link.target_slot) {
                    (Some((target, slot)), ..) => {
                        let input = graph.nodes[target].inputs[slot];
                        if let Role::Class(class) = graph.nodes[target].role {
                            pending.extend(group(class, input.name).map(|(template, _)| (target, class, template)));
                        }
                        Some(input.ty)
                    }
                    (None, End::Boundary, Some(slot)) => graph.outputs.get(slot).map(|boundary| boundary.ty),
                    _ => None,
                };
                if wanted.is_some_and(|wanted| !fits(ty, wanted)) {
                    graph.cut(*link_at);
                }
            }
        }
    }
}

/// Gives the inputs of a group the types that they can still take, and the type that comes out; `None` where the links
/// contradict each other.
fn settle_group<'d>(
    graph: &mut Graph<'d>,
    at: usize,
    class: &'d Class,
    template: &str,
    arena: &'d Arena,
) -> Option<&'d str> {
    let specs = class.inputs.iter().filter_map(|spec| match &spec.dynamic {
        Dynamic::Match { template: other, input } if **other == *template => Some((&*spec.name, &*input.ty)),
        _ => None,
    });
    let specs: Vec<(&str, &str)> = specs.take(MAX_MEMBERS).collect();
    // Slot, types allowed, type that arrives.
    let mut members: Vec<(usize, &str, &str)> = Vec::new();
    for (slot, input) in graph.nodes[at].inputs.iter().enumerate() {
        let Some((_, allowed)) = specs.iter().find(|(name, _)| *name == input.name) else {
            continue;
        };
        if members.len() == MAX_MEMBERS {
            break;
        }
        let link = input.link.map(|link| graph.links[link]).filter(|link| !link.gone);
        let ty = link.and_then(|link| match (link.origin, link.origin_slot.index()?) {
            (End::Node(origin), output) => graph.nodes[origin].outputs.get(output).copied(),
            (End::Boundary, slot) => graph.inputs.get(slot).map(|boundary| boundary.ty),
            (End::Missing, _) => None,
        });
        members.push((slot, allowed, ty.unwrap_or("*")));
    }
    for (slot, allowed, _) in &members {
        // Wildcards allow everything, so they need not be looked at.
        let others = members.iter().filter(|(other, _, ty)| other != slot && *ty != "*");
        let mut lists: Vec<&str> = Vec::new();
        for (.., ty) in others {
            if !lists.contains(ty) {
                lists.push(ty);
            }
        }
        lists.push(allowed);
        graph.nodes[at].inputs[*slot].ty = in_common(&lists, arena)?;
    }
    let arriving: Vec<&str> = members.iter().map(|(.., ty)| *ty).collect();
    in_common(&arriving, arena)
}

/// The types that all comma lists share, wildcards aside.
fn in_common<'d>(lists: &[&'d str], arena: &'d Arena) -> Option<&'d str> {
    let has = |list: &str, ty: &str| list == "*" || each(list).any(|other| other == ty);
    let Some(first) = lists.iter().find(|list| **list != "*") else {
        return Some("*");
    };
    let common: Vec<&str> = each(first).filter(|ty| lists.iter().all(|list| has(list, ty))).collect();
    if common.is_empty() { None } else { Some(arena.keep(common.join(","))) }
}

/// What feeds a reroute.
#[derive(Clone, Copy, PartialEq)]
enum Root {
    NotLooked,
    OnTheWay,
    Nothing,
    Output(usize, usize),
}

fn settle_reroutes(graph: &mut Graph) {
    let mut roots = vec![Root::NotLooked; graph.nodes.len()];
    for at in 0..graph.links.len() {
        let (Some((origin, _)), Some((target, slot))) = (graph.links[at].origin_node(), graph.links[at].target_node())
        else {
            continue;
        };
        if !is_reroute(graph, origin) || is_reroute(graph, target) {
            continue;
        }
        let Root::Output(node, output) = root(graph, origin, &mut roots) else {
            continue;
        };
        let ty = graph.nodes[node].outputs.get(output).copied().unwrap_or("");
        if !ty.is_empty() && !fits(ty, graph.nodes[target].inputs[slot].ty) {
            graph.cut(at);
        }
    }
}

fn is_reroute(graph: &Graph, node: usize) -> bool {
    matches!(graph.nodes[node].role, Role::Reroute)
}

/// What feeds a reroute through any number of reroutes. A circle of reroutes is cut where it closes.
fn root(graph: &mut Graph, reroute: usize, roots: &mut [Root]) -> Root {
    let mut chain = Vec::new();
    let mut at = reroute;
    let found = loop {
        if roots[at] != Root::NotLooked {
            break roots[at];
        }
        roots[at] = Root::OnTheWay;
        chain.push(at);
        let Some(link) = graph.nodes[at].inputs.first().and_then(|input| input.link) else {
            break Root::Nothing;
        };
        let Some((origin, output)) = graph.links[link].origin_node() else {
            break Root::Nothing;
        };
        if !is_reroute(graph, origin) {
            break Root::Output(origin, output);
        }
        if roots[origin] == Root::OnTheWay {
            graph.cut(link);
            break Root::Nothing;
        }
        at = origin;
    };
    for at in chain {
        roots[at] = found;
    }
    found
}
