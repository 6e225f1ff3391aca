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

use crate::workflow::export::expand::{Expansion, NodeRef};
use crate::workflow::export::setters::Setters;
use crate::workflow::model::error::ConvertError;
use crate::workflow::model::graph::Graphs;
use crate::workflow::model::link::End;
use crate::workflow::model::node::{Mode, Node, Role};
use crate::workflow::model::types::{fits, is_wildcard};
use crate::workflow::model::value::Value;

/// What a link gives.
#[derive(Clone, Copy)]
pub(crate) enum Resolved<'d> {
    /// An output of a node.
    Output(NodeRef, Value<'d>),
    /// A value that an instance has for a widget inside.
    Value(Value<'d>),
    /// Nothing, and why.
    Nothing(Missing),
}

/// Why a link gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// Nothing is linked, here or further on.
    Unlinked,
    /// It comes from a Get node whose Set node is not there.
    Setter,
    /// It comes from a muted node.
    Muted,
    /// It comes through a bypassed node without an input that fits.
    Bypass,
}

/// Short chains are cheaper to walk than to remember.
const REMEMBER_FROM: usize = 8;

/// More steps than the links of any workflow take together.
const MAX_STEPS: usize = 50_000_000;

/// The visits of a walk to a node.
#[derive(Default)]
struct Mark<'d> {
    /// Which walk the visits belong to.
    walk: usize,
    /// Inputs (false) and outputs (true) visited.
    visits: Vec<(usize, bool)>,
    /// Where long chains led from its outputs, by scope and type wanted, so that many consumers along one chain cost no
    /// more than one.
    known: Vec<(usize, usize, &'d str, Resolved<'d>)>,
}

/// Follows links.
pub(crate) struct Resolver<'g, 'd> {
    graphs: &'g Graphs<'d>,
    expansion: &'g Expansion,
    marks: Vec<Vec<Mark<'d>>>,
    walks: usize,
    /// Steps of all walks.
    steps: usize,
    setters: Setters<'d>,
}

/// The next thing to look at.
#[derive(Clone, Copy)]
enum Step<'d> {
    Input(NodeRef, usize, Option<&'d str>),
    Output(NodeRef, Value<'d>, &'d str),
}

impl<'g, 'd> Resolver<'g, 'd> {
    pub fn new(graphs: &'g Graphs<'d>, expansion: &'g Expansion) -> Self {
        let mut marks = Vec::new();
        for graph in &graphs.graphs {
            let mut of_graph = Vec::new();
            of_graph.resize_with(graph.nodes.len(), Mark::default);
            marks.push(of_graph);
        }
        Resolver { graphs, expansion, marks, walks: 0, steps: 0, setters: Setters::new(graphs) }
    }

    /// What the link at an input gives.
    pub fn input(&mut self, place: NodeRef, slot: usize) -> Result<Resolved<'d>, ConvertError> {
        self.walks += 1;
        self.walk(place, slot).map_err(|what| {
            let input = self.expansion.node(self.graphs, place).inputs.get(slot).map_or("", |input| input.name);
            ConvertError::BadLink { node: self.expansion.id(self.graphs, place), input: input.to_owned(), what }
        })
    }

    fn walk(&mut self, place: NodeRef, slot: usize) -> Result<Resolved<'d>, &'static str> {
        let mut passed: Vec<(NodeRef, usize, &'d str)> = Vec::new();
        let mut steps = 0;
        let mut step = Step::Input(place, slot, None);
        let given = loop {
            if self.steps > MAX_STEPS {
                return Err("the links of the workflow lead through more nodes than can be meant");
            }
            step = match step {
                Step::Input(place, slot, wanted) => {
                    if !self.visit(place, slot, false) {
                        return Err("its link leads in a circle");
                    }
                    match self.through_input(place, slot, wanted)? {
                        Ok(step) => step,
                        Err(given) => break given,
                    }
                }
                Step::Output(place, slot, wanted) => {
                    let node = self.expansion.node(self.graphs, place);
                    if node.mode == Mode::Muted {
                        break Resolved::Nothing(Missing::Muted);
                    }
                    if node.mode == Mode::Active && !node.is_virtual() {
                        break Resolved::Output(place, slot);
                    }
                    let at = slot.index().unwrap_or(usize::MAX);
                    steps += 1;
                    if steps >= REMEMBER_FROM {
                        let known = &self.mark(place).known;
                        let same = |(scope, slot, ty, _): &&(usize, usize, &str, Resolved)| {
                            (*scope, *slot, *ty) == (place.0, at, wanted)
                        };
                        if let Some((.., given)) = known.iter().find(same) {
                            break *given;
                        }
                        self.steps += self.mark(place).known.len() / 8;
                    }
                    passed.push((place, at, wanted));
                    if !self.visit(place, at, true) {
                        return Err("its link leads in a circle");
                    }
                    match self.through_output(place, at, wanted)? {
                        Ok(step) => step,
                        Err(given) => break given,
                    }
                }
            };
        };
        if steps >= REMEMBER_FROM {
            for (place, slot, wanted) in passed {
                self.mark(place).known.push((place.0, slot, wanted, given));
            }
        }
        Ok(given)
    }

    fn mark(&mut self, (scope, node): NodeRef) -> &mut Mark<'d> {
        &mut self.marks[self.expansion.scopes[scope].graph][node]
    }

    /// Records a visit; false if it is not the first. The editor identifies places by definition, not by instance.
    fn visit(&mut self, place: NodeRef, slot: usize, is_output: bool) -> bool {
        let walk = self.walks;
        let mark = self.mark(place);
        if mark.walk != walk {
            mark.walk = walk;
            mark.visits.clear();
        }
        let is_first = !mark.visits.contains(&(slot, is_output));
        mark.visits.push((slot, is_output));
        let looked_at = mark.visits.len() / 8;
        self.steps += 1 + looked_at;
        is_first
    }

    /// From an input: the next step, or what it gives.
    fn through_input(
        &self,
        place: NodeRef,
        slot: usize,
        wanted: Option<&'d str>,
    ) -> Result<Result<Step<'d>, Resolved<'d>>, &'static str> {
        let graph = self.expansion.graph(self.graphs, place.0);
        let Some(input) = graph.nodes[place.1].inputs.get(slot) else {
            return Err("a bypassed node on its way has no input to go on from");
        };
        let Some(link) = input.link.map(|link| &graph.links[link]) else {
            return Ok(Err(Resolved::Nothing(Missing::Unlinked)));
        };
        match link.origin {
            End::Boundary if place.0 > 0 => {
                let scope = &self.expansion.scopes[place.0];
                let host = (scope.parent, scope.host);
                let inputs = &self.expansion.node(self.graphs, host).inputs;
                let Some(at) = link.origin_slot.index().filter(|at| *at < inputs.len()) else {
                    return Err("its link comes from an input that the subgraph does not have");
                };
                Ok(match (inputs[at].link, inputs[at].promoted) {
                    (Some(_), _) => Ok(Step::Input(host, at, None)),
                    (None, Some(promoted)) => Err(Resolved::Value(promoted.value)),
                    (None, None) => Err(Resolved::Nothing(Missing::Unlinked)),
                })
            }
            End::Node(origin) => Ok(Ok(Step::Output((place.0, origin), link.origin_slot, wanted.unwrap_or(input.ty)))),
            _ => Err("its link comes from a node that is not there"),
        }
    }

    /// From an output of a node that does not reach the prompt itself: the next step, or what it gives.
    fn through_output(
        &self,
        place: NodeRef,
        at: usize,
        wanted: &'d str,
    ) -> Result<Result<Step<'d>, Resolved<'d>>, &'static str> {
        let node = self.expansion.node(self.graphs, place);
        let unlinked = Ok(Err(Resolved::Nothing(Missing::Unlinked)));
        if node.mode == Mode::Bypassed {
            let Some(output) = node.outputs.get(at) else {
                return Err("its link comes from an output that the node does not have");
            };
            return Ok(match through_bypass(node, at, output, wanted) {
                Some(input) => Ok(Step::Input(place, input, None)),
                None => Err(Resolved::Nothing(Missing::Bypass)),
            });
        }
        match node.role {
            Role::Instance(_) => {
                let Some(scope) = self.expansion.inside(place) else {
                    return unlinked;
                };
                let inside = self.expansion.graph(self.graphs, scope);
                let Some(output) = inside.outputs.get(at) else {
                    return Err("its link comes from an output that the subgraph does not have");
                };
                match output.links.iter().map(|link| &inside.links[*link]).find(|link| !link.gone) {
                    None => unlinked,
                    Some(link) => match link.origin {
                        End::Node(origin) => Ok(Ok(Step::Output((scope, origin), link.origin_slot, wanted))),
                        _ => Err("its link comes from a subgraph that hands an input straight on"),
                    },
                }
            }
            Role::Getter => match self.setters.find(self.graphs, self.expansion, place) {
                Some(setter) => Ok(Ok(Step::Input(setter, at, Some(wanted)))),
                None => Ok(Err(Resolved::Nothing(Missing::Setter))),
            },
            _ if at < node.inputs.len() => Ok(Ok(Step::Input(place, at, Some(wanted)))),
            _ => unlinked,
        }
    }
}

/// The input of a bypassed node that takes the place of an output.
fn through_bypass(node: &Node, at: usize, output: &str, wanted: &str) -> Option<usize> {
    let inputs = &node.inputs;
    if is_wildcard(wanted) {
        return Some(if at < inputs.len() { at } else { 0 });
    }
    let fitting = |ty: &str| fits(ty, output) && fits(ty, wanted);
    if inputs.get(at).is_some_and(|input| fitting(input.ty)) {
        return Some(at);
    }
    let exact = inputs.iter().position(|input| input.ty == wanted);
    exact.or_else(|| inputs.iter().position(|input| fitting(input.ty)))
}
