//! Subgraph instances replaced by the nodes inside them (rule P2).
//!
//! The nodes of the root come in topological order, the saved order breaking ties; behind an instance come the nodes
//! inside it, whose ids are joined by `:` (`12:3`, `12:3:7`). An instance at the root that is muted or bypassed gives
//! nothing; inside of subgraphs such an instance still gives its nodes.

use std::collections::{HashMap, VecDeque};

use super::error::ConvertError;
use super::graph::{Graph, Graphs};
use super::links::End;
use super::node::{Mode, Role};

/// More nodes than any workflow comes to; subgraphs in subgraphs can multiply without end.
const MAX_NODES: usize = 200_000;
/// More levels of subgraphs than any workflow has.
const MAX_LEVELS: usize = 64;

/// An instance of a graph; the first frame is the root.
pub(crate) struct Frame {
    pub graph: usize,
    /// The frame of the graph that holds the instance, and the instance there.
    pub parent: usize,
    pub host: usize,
    /// The id of the instance, with what is joined to it; empty at the root.
    pub path: String,
}

/// A node in a frame.
pub(crate) type Place = (usize, usize);

/// All nodes of a workflow with subgraphs taken apart.
pub(crate) struct Expansion {
    pub frames: Vec<Frame>,
    /// All nodes in order.
    pub order: Vec<Place>,
    inner: HashMap<Place, usize>,
}

impl Expansion {
    pub fn new(graphs: &Graphs) -> Result<Self, ConvertError> {
        check_size(graphs)?;
        let root = graphs.root();
        let frames = vec![Frame { graph: root, parent: 0, host: 0, path: String::new() }];
        let mut expansion = Expansion { frames, order: Vec::new(), inner: HashMap::new() };
        for node in execution_order(&graphs.graphs[root]) {
            expansion.order.push((0, node));
            if graphs.graphs[root].nodes[node].mode == Mode::Active {
                expansion.enter(graphs, (0, node));
            }
        }
        Ok(expansion)
    }

    /// Adds the nodes inside an instance; its depth has been checked.
    fn enter(&mut self, graphs: &Graphs, place: Place) {
        let node = self.node(graphs, place);
        let Role::Instance(graph) = node.role else {
            return;
        };
        let path = self.id(graphs, place);
        self.frames.push(Frame { graph, parent: place.0, host: place.1, path });
        let frame = self.frames.len() - 1;
        self.inner.insert(place, frame);
        for node in 0..graphs.graphs[graph].nodes.len() {
            self.order.push((frame, node));
            self.enter(graphs, (frame, node));
        }
    }

    pub fn graph<'g, 'd>(&self, graphs: &'g Graphs<'d>, frame: usize) -> &'g Graph<'d> {
        &graphs.graphs[self.frames[frame].graph]
    }

    pub fn node<'g, 'd>(&self, graphs: &'g Graphs<'d>, (frame, node): Place) -> &'g super::node::Node<'d> {
        &self.graph(graphs, frame).nodes[node]
    }

    /// The frame of what is inside an instance.
    pub fn inside(&self, place: Place) -> Option<usize> {
        self.inner.get(&place).copied()
    }

    /// The id of a node in the prompt.
    pub fn id(&self, graphs: &Graphs, place: Place) -> String {
        let mut id = String::new();
        self.write_id(graphs, place, &mut id);
        id
    }

    pub fn write_id(&self, graphs: &Graphs, place: Place, out: &mut String) {
        let path = &self.frames[place.0].path;
        out.push_str(path);
        if !path.is_empty() {
            out.push(':');
        }
        out.push_str(&self.node(graphs, place).id);
    }
}

/// Refuses workflows whose subgraphs contain themselves, or come to more nodes than can be meant.
fn check_size(graphs: &Graphs) -> Result<(), ConvertError> {
    // Levels and nodes of each graph, once known.
    let mut known: Vec<Option<(usize, usize)>> = vec![None; graphs.graphs.len()];
    let mut open = vec![false; graphs.graphs.len()];
    let mut stack = vec![(graphs.root(), 0usize, 0usize, 0usize)];
    open[graphs.root()] = true;
    while let Some((graph, next, mut levels, mut nodes)) = stack.pop() {
        let list = &graphs.graphs[graph].nodes;
        let instance = list.iter().enumerate().skip(next).find_map(|(at, node)| match node.role {
            Role::Instance(definition) => Some((at, definition)),
            _ => None,
        });
        let Some((at, definition)) = instance else {
            known[graph] = Some((levels + 1, nodes + list.len()));
            open[graph] = false;
            continue;
        };
        match known[definition] {
            Some((inner_levels, inner_nodes)) => {
                levels = levels.max(inner_levels);
                nodes = nodes.saturating_add(inner_nodes);
                stack.push((graph, at + 1, levels, nodes));
            }
            None if open[definition] => {
                return Err(ConvertError::Subgraphs("a subgraph contains itself, directly or through others"));
            }
            None => {
                open[definition] = true;
                stack.push((graph, at, levels, nodes));
                stack.push((definition, 0, 0, 0));
            }
        }
    }
    match known[graphs.root()] {
        Some((levels, _)) if levels > MAX_LEVELS => {
            Err(ConvertError::Subgraphs("subgraphs are nested deeper than 64 levels"))
        }
        Some((_, nodes)) if nodes > MAX_NODES => {
            Err(ConvertError::Subgraphs("the subgraphs come to more than 200,000 nodes"))
        }
        _ => Ok(()),
    }
}

/// Nodes in topological order: those that wait for nothing first, then whoever waits for nothing more; nodes in a circle
/// come last, by id.
fn execution_order(graph: &Graph) -> Vec<usize> {
    let mut waits_for: Vec<usize> =
        graph.nodes.iter().map(|node| node.inputs.iter().filter(|input| input.link.is_some()).count()).collect();
    let mut from: Vec<Vec<(usize, u64, usize)>> = vec![Vec::new(); graph.nodes.len()];
    for link in graph.links.iter().filter(|link| !link.gone && link.target_slot.is_some()) {
        if let (End::Node(origin), End::Node(target), Some(slot)) = (link.origin, link.target, link.origin_index()) {
            if slot < graph.nodes[origin].outputs.len() {
                from[origin].push((slot, link.order, target));
            }
        }
    }
    let mut ready: VecDeque<usize> = (0..graph.nodes.len()).filter(|at| waits_for[*at] == 0).collect();
    let mut order = Vec::with_capacity(graph.nodes.len());
    let mut done = vec![false; graph.nodes.len()];
    while let Some(at) = ready.pop_front() {
        order.push(at);
        done[at] = true;
        from[at].sort_unstable();
        for (_, _, target) in &from[at] {
            waits_for[*target] = waits_for[*target].wrapping_sub(1);
            if waits_for[*target] == 0 {
                ready.push_back(*target);
            }
        }
    }
    let mut rest: Vec<usize> = (0..graph.nodes.len()).filter(|at| !done[*at]).collect();
    rest.sort_by_key(|at| graph.nodes[*at].id.parse::<u32>().unwrap_or(u32::MAX));
    order.append(&mut rest);
    order
}
