//! What the editor does to the types of sockets once a file is loaded (rule L5).
//!
//! Inputs that share a type (`MatchType`) take on what their links bring, and so do the outputs that belong to them; a
//! Reroute takes on the type of what comes into it, through any number of Reroutes. A link that no longer fits is cut.
//! Elsewhere types are not compared: a link between types that do not fit stays.

use std::borrow::Cow;
use std::collections::VecDeque;

use super::graph::{Graph, Graphs};
use super::links::End;
use super::node::Role;
use super::resolve::fits;
use super::spec::{Dynamic, Spec};

/// Settles the types in all graphs.
pub(crate) fn types(graphs: &mut Graphs) {
    for graph in &mut graphs.graphs {
        let mut cut = Vec::new();
        settle_matches(graph, &mut cut);
        settle_reroutes(graph, &mut cut);
        cut_links(graph, &cut);
    }
}

fn cut_links(graph: &mut Graph, cut: &[usize]) {
    for link in cut {
        let link = &mut graph.links[*link];
        link.gone = true;
        if let (End::Node(node), Some(slot)) = (link.target, link.target_slot) {
            graph.nodes[node].inputs[slot].link = None;
        }
    }
}

/// The group that an input of a class belongs to, and the types it allows.
fn group<'d>(specs: &'d [Spec], name: &str) -> Option<(&'d str, &'d str)> {
    specs.iter().find_map(|spec| match &spec.dynamic {
        Dynamic::Match { template, input } if spec.name == name => Some((template.as_str(), input.ty.as_str())),
        _ => None,
    })
}

fn settle_matches<'d>(graph: &mut Graph<'d>, cut: &mut Vec<usize>) {
    let mut from: Vec<Vec<usize>> = Vec::new();
    let mut pending: VecDeque<(usize, &'d str)> = VecDeque::new();
    for (at, node) in graph.nodes.iter().enumerate() {
        if let Role::Class(class) = node.role {
            let groups = class.inputs.iter().filter_map(|spec| match &spec.dynamic {
                Dynamic::Match { template, .. } => Some((at, template.as_str())),
                _ => None,
            });
            pending.extend(groups);
        }
    }
    if pending.is_empty() {
        return;
    }
    from.resize_with(graph.nodes.len(), Vec::new);
    for (at, link) in graph.links.iter().enumerate() {
        if let (false, End::Node(origin)) = (link.gone, link.origin) {
            from[origin].push(at);
        }
    }
    // Types go on from node to node; a circle of them would go on for ever.
    let mut budget = 16 * (pending.len() + graph.links.len());
    while let Some((at, template)) = pending.pop_front() {
        let Role::Class(class) = graph.nodes[at].role else {
            continue;
        };
        let Some(ty) = settle_group(graph, at, &class.inputs, template) else {
            continue;
        };
        let groups = class.output_matches.iter().take(graph.nodes[at].outputs.len()).enumerate();
        let outputs: Vec<usize> =
            groups.filter(|(_, group)| group.as_deref() == Some(template)).map(|(output, _)| output).collect();
        for output in outputs {
            if graph.nodes[at].outputs[output] == ty || budget == 0 {
                continue;
            }
            graph.nodes[at].outputs[output] = ty.clone();
            for link in &from[at] {
                let link_at = *link;
                let link = &graph.links[link_at];
                if link.origin_index() != Some(output) || cut.contains(&link_at) {
                    continue;
                }
                let (target, slot) = match (link.target, link.target_slot) {
                    (End::Node(target), Some(slot)) => (target, slot),
                    (End::Boundary, Some(slot)) => {
                        let boundary = graph.outputs.get(slot);
                        if boundary.is_some_and(|boundary| !fits(&ty, &boundary.ty)) {
                            cut.push(link_at);
                        }
                        continue;
                    }
                    _ => continue,
                };
                let input = &graph.nodes[target].inputs[slot];
                if !fits(&ty, &input.ty) {
                    cut.push(link_at);
                }
                if let Role::Class(class) = graph.nodes[target].role {
                    if let Some((template, _)) = group(&class.inputs, &input.name) {
                        budget = budget.saturating_sub(1);
                        pending.push_back((target, template));
                    }
                }
            }
        }
    }
}

/// Gives the inputs of a group the types that they can still take, and the type that comes out; `None` where the links
/// contradict each other.
fn settle_group<'d>(graph: &mut Graph<'d>, at: usize, specs: &'d [Spec], template: &str) -> Option<Cow<'d, str>> {
    let members: Vec<(usize, &'d str)> = graph.nodes[at]
        .inputs
        .iter()
        .enumerate()
        .filter_map(|(slot, input)| match group(specs, &input.name) {
            Some((other, allowed)) if other == template => Some((slot, allowed)),
            _ => None,
        })
        .collect();
    let arriving = |slot: usize| -> Cow<'d, str> {
        let link = graph.nodes[at].inputs[slot].link.map(|link| &graph.links[link]);
        let ty = link.filter(|link| !link.gone).and_then(|link| match link.origin {
            End::Node(origin) => graph.nodes[origin].outputs.get(link.origin_index()?).cloned(),
            End::Boundary => graph.inputs.get(link.origin_index()?).map(|boundary| boundary.ty.clone()),
            End::Missing => None,
        });
        ty.unwrap_or(Cow::Borrowed("*"))
    };
    let arriving: Vec<Cow<'d, str>> = members.iter().map(|(slot, _)| arriving(*slot)).collect();
    for (member, (slot, allowed)) in members.iter().enumerate() {
        let others = arriving.iter().enumerate().filter(|(other, _)| *other != member).map(|(_, ty)| &**ty);
        let ty = in_common(others.chain([*allowed]))?;
        graph.nodes[at].inputs[*slot].ty = Cow::Owned(ty);
    }
    in_common(arriving.iter().map(|ty| &**ty)).map(Cow::Owned)
}

/// The types that all comma lists share, wildcards aside.
fn in_common<'t>(lists: impl Iterator<Item = &'t str>) -> Option<String> {
    let mut common: Option<Vec<&str>> = None;
    for list in lists.filter(|list| *list != "*") {
        let list: Vec<&str> = list.split(',').collect();
        common = Some(match common {
            None => list,
            Some(common) => common.into_iter().filter(|ty| list.contains(ty)).collect(),
        });
    }
    match common {
        None => Some("*".to_owned()),
        Some(types) if types.is_empty() => None,
        Some(types) => Some(types.join(",")),
    }
}

/// What feeds a reroute.
#[derive(Clone, Copy, PartialEq)]
enum Root {
    NotLooked,
    OnTheWay,
    Nothing,
    Output(usize, usize),
}

fn settle_reroutes(graph: &Graph, cut: &mut Vec<usize>) {
    let mut roots = vec![Root::NotLooked; graph.nodes.len()];
    for (at, link) in graph.links.iter().enumerate() {
        let (false, End::Node(origin), End::Node(target), Some(slot)) =
            (link.gone, link.origin, link.target, link.target_slot)
        else {
            continue;
        };
        let is_reroute = |node: usize| matches!(graph.nodes[node].role, Role::Reroute);
        if !is_reroute(origin) || is_reroute(target) {
            continue;
        }
        let Root::Output(node, output) = root(graph, origin, &mut roots, cut) else {
            continue;
        };
        let (Some(ty), Some(input)) = (graph.nodes[node].outputs.get(output), graph.nodes[target].inputs.get(slot))
        else {
            continue;
        };
        if !ty.is_empty() && !fits(ty, &input.ty) {
            cut.push(at);
        }
    }
}

/// What feeds a reroute through any number of reroutes. A circle of reroutes is cut where it closes.
fn root(graph: &Graph, reroute: usize, roots: &mut [Root], cut: &mut Vec<usize>) -> Root {
    let mut chain = Vec::new();
    let mut at = reroute;
    let found = loop {
        if roots[at] != Root::NotLooked {
            break roots[at];
        }
        roots[at] = Root::OnTheWay;
        chain.push(at);
        let Some(link_at) = graph.nodes[at].inputs.first().and_then(|input| input.link) else {
            break Root::Nothing;
        };
        let link = &graph.links[link_at];
        let (End::Node(origin), Some(output)) = (link.origin, link.origin_index()) else {
            break Root::Nothing;
        };
        if !matches!(graph.nodes[origin].role, Role::Reroute) {
            break Root::Output(origin, output);
        }
        if roots[origin] == Root::OnTheWay {
            cut.push(link_at);
            break Root::Nothing;
        }
        at = origin;
    };
    for at in chain {
        roots[at] = found;
    }
    found
}
