//! Where a link leads (rule L4).
//!
//! - Origin muted: nowhere. Through a Reroute: on to its own input, still looking for the type that the consumer wants.
//! - Origin bypassed, output *s*, wanted type *T*: (a) *T* is `*` or empty: its input *s*, else its first; (b) input *s*
//!   if its type fits both output *s* and *T*; (c) the first input of exactly type *T*; (d) the first that fits both;
//!   (e) nowhere. Whether that input is linked plays no part. Then on from there, looking for that input's type.
//! - Types fit if they are equal but for upper and lower case, if either is a wildcard, or if they are comma lists that
//!   share one.
//! - Into an instance: on to the first link inside that leads to that output. From the inputs of a subgraph: on at the
//!   instance's input; where that is not linked, its promoted value is what the link gives.

use std::borrow::Cow;
use std::collections::HashMap;

use super::error::ConvertError;
use super::expand::{Expansion, Place};
use super::graph::Graphs;
use super::json::Json;
use super::links::End;
use super::node::{Mode, Role};
use super::virtual_nodes;

/// What a link gives.
#[derive(Clone)]
pub(crate) enum Given<'g, 'd> {
    /// An output of a node.
    Output(Place, &'g Json<'d>),
    /// A value that an instance has for a widget inside; `None` is JavaScript's `undefined`.
    Value(Option<&'g Json<'d>>),
    /// Nothing, and why.
    Nothing(Nothing),
}

/// Why a link gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nothing {
    /// Nothing is linked, here or further on.
    Unlinked,
    /// It comes from a muted node.
    Muted,
    /// It comes through a bypassed node without an input that fits.
    Bypass,
}

/// Short chains are cheaper to walk than to remember.
const REMEMBER_FROM: usize = 8;

/// Follows links.
pub(crate) struct Resolver<'g, 'd> {
    pub graphs: &'g Graphs<'d>,
    pub expansion: &'g Expansion,
    /// Where long chains led from each of their outputs, so that many consumers along one chain cost no more than one.
    known: HashMap<(Place, usize, Cow<'g, str>), Given<'g, 'd>>,
    setters: virtual_nodes::Setters<'g>,
}

/// The next thing to look at.
enum Step<'g, 'd> {
    Input(Place, usize, Option<&'g str>),
    Output(Place, &'g Json<'d>, &'g str),
}

impl<'g, 'd> Resolver<'g, 'd> {
    pub fn new(graphs: &'g Graphs<'d>, expansion: &'g Expansion) -> Self {
        Resolver { graphs, expansion, known: HashMap::new(), setters: virtual_nodes::Setters::new(graphs) }
    }

    /// What the link at an input gives.
    pub fn input(&mut self, place: Place, slot: usize) -> Result<Given<'g, 'd>, ConvertError> {
        let (graphs, expansion) = (self.graphs, self.expansion);
        let error = |what| {
            Err(ConvertError::BadLink {
                node: expansion.id(graphs, place),
                input: expansion.node(graphs, place).inputs.get(slot).map_or(String::new(), |i| i.name.to_string()),
                what,
            })
        };
        // The editor tells places by definition, not by instance; a second visit is a circle to it.
        let mut visited: Vec<(usize, usize, usize, bool)> = Vec::new();
        let mut passed: Vec<(Place, usize, &'g str)> = Vec::new();
        let mut step = Step::Input(place, slot, None);
        let given = loop {
            match step {
                Step::Input(place, slot, wanted) => {
                    let graph = expansion.graph(graphs, place.0);
                    let Some(input) = graph.nodes[place.1].inputs.get(slot) else {
                        return error("a bypassed node on its way has no input to go on from");
                    };
                    let Some(link) = input.link.map(|link| &graph.links[link]) else {
                        break Given::Nothing(Nothing::Unlinked);
                    };
                    if visit(&mut visited, (expansion.frames[place.0].graph, place.1, slot, false)) {
                        return error("its link leads in a circle");
                    }
                    step = match link.origin {
                        End::Boundary if place.0 > 0 => {
                            let frame = &expansion.frames[place.0];
                            let host = (frame.parent, frame.host);
                            let inputs = &expansion.node(graphs, host).inputs;
                            let Some(at) = link.origin_index().filter(|at| *at < inputs.len()) else {
                                return error("its link comes from an input that the subgraph does not have");
                            };
                            if inputs[at].link.is_none() {
                                break match &inputs[at].promoted {
                                    Some(promoted) => Given::Value(promoted.value.as_deref()),
                                    None => Given::Nothing(Nothing::Unlinked),
                                };
                            }
                            Step::Input(host, at, None)
                        }
                        End::Node(origin) => {
                            Step::Output((place.0, origin), &link.origin_slot, wanted.unwrap_or(&input.ty))
                        }
                        _ => return error("its link comes from a node that is not there"),
                    };
                }
                Step::Output(place, slot, wanted) => {
                    let graph = expansion.graph(graphs, place.0);
                    let node = &graph.nodes[place.1];
                    let at = slot.index().unwrap_or(usize::MAX);
                    if node.mode == Mode::Muted {
                        break Given::Nothing(Nothing::Muted);
                    }
                    if node.mode == Mode::Active && !node.is_virtual() {
                        break Given::Output(place, slot);
                    }
                    if visit(&mut visited, (expansion.frames[place.0].graph, place.1, at, true)) {
                        return error("its link leads in a circle");
                    }
                    if visited.len() >= REMEMBER_FROM {
                        if let Some(known) = self.known.get(&(place, at, Cow::Borrowed(wanted))) {
                            break known.clone();
                        }
                        passed.push((place, at, wanted));
                    }
                    step = if node.mode == Mode::Bypassed {
                        let Some(output) = node.outputs.get(at) else {
                            return error("its link comes from an output that the node does not have");
                        };
                        let Some(input) = through_bypass(node, at, output, wanted) else {
                            break Given::Nothing(Nothing::Bypass);
                        };
                        Step::Input(place, input, None)
                    } else if let Role::Instance(_) = node.role {
                        let Some(frame) = expansion.inside(place) else {
                            break Given::Nothing(Nothing::Unlinked);
                        };
                        let inside = expansion.graph(graphs, frame);
                        let Some(output) = inside.outputs.get(at) else {
                            return error("its link comes from an output that the subgraph does not have");
                        };
                        match output.links.iter().map(|link| &inside.links[*link]).find(|link| !link.gone) {
                            None => break Given::Nothing(Nothing::Unlinked),
                            Some(link) => match link.origin {
                                End::Node(origin) => Step::Output((frame, origin), &link.origin_slot, wanted),
                                _ => return error("its link comes from a subgraph that hands an input straight on"),
                            },
                        }
                    } else if matches!(node.role, Role::Getter) {
                        match self.setters.find(graphs, expansion, place) {
                            Some(setter) => Step::Input(setter, at, Some(wanted)),
                            None => break Given::Nothing(Nothing::Unlinked),
                        }
                    } else if at < node.inputs.len() {
                        Step::Input(place, at, Some(wanted))
                    } else {
                        break Given::Nothing(Nothing::Unlinked);
                    };
                }
            }
        };
        for (place, slot, wanted) in passed {
            self.known.insert((place, slot, Cow::Borrowed(wanted)), given.clone());
        }
        Ok(given)
    }
}

/// Notes a visit; true where it is not the first.
fn visit<T: PartialEq>(visited: &mut Vec<T>, key: T) -> bool {
    // Chains are short; long ones are cut short by what is remembered, and a circle in one shows in its first part.
    if visited.contains(&key) {
        return true;
    }
    visited.push(key);
    false
}

/// The input of a bypassed node that takes the place of an output.
fn through_bypass(node: &super::node::Node, at: usize, output: &str, wanted: &str) -> Option<usize> {
    let inputs = &node.inputs;
    if is_wildcard(wanted) {
        return Some(if at < inputs.len() { at } else { 0 });
    }
    let fitting = |ty: &str| fits(ty, output) && fits(ty, wanted);
    if inputs.get(at).is_some_and(|input| fitting(&input.ty)) {
        return Some(at);
    }
    let exact = inputs.iter().position(|input| input.ty == wanted);
    exact.or_else(|| inputs.iter().position(|input| fitting(&input.ty)))
}

fn is_wildcard(ty: &str) -> bool {
    ty.is_empty() || ty == "*"
}

/// Whether an output of one type may go into an input of the other.
pub(crate) fn fits(a: &str, b: &str) -> bool {
    let equal = |a: &str, b: &str| is_wildcard(a) || is_wildcard(b) || a.eq_ignore_ascii_case(b);
    equal(a, b) || a.split(',').any(|a| b.split(',').any(|b| equal(a, b)))
}
