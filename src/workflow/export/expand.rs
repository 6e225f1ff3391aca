//! Subgraph instances replaced by the nodes inside them (rule P2).
//!
//! The nodes of the root come in topological order, the saved order breaking ties; behind an instance come the nodes
//! inside it, whose ids are joined by `:` (`12:3`, `12:3:7`). An instance at the root that is muted or bypassed gives
//! nothing; inside of subgraphs such an instance still gives its nodes.

use crate::text::index::sorted;
use crate::workflow::load::file::Document;
use crate::workflow::model::error::ConvertError;
use crate::workflow::model::graph::{Graph, Graphs};
use crate::workflow::model::node::{Mode, Node, Role};

/// More nodes than any workflow comes to; subgraphs in subgraphs can multiply without end.
const MAX_NODES: usize = 200_000;
/// The most that the ids of all nodes may come to, in bytes: ids inside of subgraphs repeat those of the instances.
const MAX_IDS: usize = 64_000_000;
/// More levels of subgraphs than any workflow has.
pub(crate) const MAX_LEVELS: usize = 64;

/// An instance of a graph; the first scope is the root.
pub(crate) struct Scope {
    pub graph: usize,
    /// The scope of the graph that holds the instance, and the instance there.
    pub parent: usize,
    pub host: usize,
    /// The id of the instance, with what is joined to it; empty at the root.
    pub path: String,
    /// The scopes inside it by instance, in ascending order.
    inner: Vec<(usize, usize)>,
}

/// A node in a scope.
pub(crate) type NodeRef = (usize, usize);

/// All nodes of a workflow with subgraphs taken apart.
pub(crate) struct Expansion {
    pub scopes: Vec<Scope>,
    /// All nodes in order.
    pub order: Vec<NodeRef>,
    /// How long all ids are together, in bytes.
    id_bytes: usize,
}

impl Expansion {
    /// Takes a workflow apart whose size has been checked.
    pub fn new(graphs: &Graphs) -> Result<Self, ConvertError> {
        let mut expansion = Expansion { scopes: Vec::new(), order: Vec::new(), id_bytes: 0 };
        let root = graphs.root();
        expansion.scopes.push(Scope { graph: root, parent: 0, host: 0, path: String::new(), inner: Vec::new() });
        for node in execution_order(&graphs.graphs[root]) {
            expansion.order.push((0, node));
            if graphs.graphs[root].nodes[node].mode == Mode::Active {
                expansion.enter(graphs, (0, node));
            }
            if expansion.id_bytes > MAX_IDS {
                return Err(ConvertError::TooLarge("the ids of the nodes come to more than 64 MB"));
            }
        }
        let inner = std::mem::take(&mut expansion.scopes[0].inner);
        let order = sorted(inner.len(), &|a, b| inner[a] < inner[b]);
        expansion.scopes[0].inner = order.into_iter().map(|at| inner[at]).collect();
        Ok(expansion)
    }

    /// Adds the nodes inside an instance.
    fn enter(&mut self, graphs: &Graphs, place: NodeRef) {
        let Role::Instance(graph) = self.node(graphs, place).role else {
            return;
        };
        if self.id_bytes > MAX_IDS {
            return;
        }
        let path = self.id(graphs, place);
        let length = path.len();
        self.id_bytes += length;
        let scope = self.scopes.len();
        self.scopes.push(Scope { graph, parent: place.0, host: place.1, path, inner: Vec::new() });
        self.scopes[place.0].inner.push((place.1, scope));
        for node in 0..graphs.graphs[graph].nodes.len() {
            self.order.push((scope, node));
            self.id_bytes += length + graphs.graphs[graph].nodes[node].id.len();
            self.enter(graphs, (scope, node));
        }
    }

    pub fn graph<'g, 'd>(&self, graphs: &'g Graphs<'d>, scope: usize) -> &'g Graph<'d> {
        &graphs.graphs[self.scopes[scope].graph]
    }

    pub fn node<'g, 'd>(&self, graphs: &'g Graphs<'d>, (scope, node): NodeRef) -> &'g Node<'d> {
        &self.graph(graphs, scope).nodes[node]
    }

    /// The scope of what is inside an instance.
    pub fn inside(&self, (scope, node): NodeRef) -> Option<usize> {
        let inner = &self.scopes[scope].inner;
        let at = inner.partition_point(|(host, _)| *host < node);
        inner.get(at).filter(|(host, _)| *host == node).map(|(_, scope)| *scope)
    }

    /// The id of a node in the prompt.
    pub fn id(&self, graphs: &Graphs, place: NodeRef) -> String {
        let path = &self.scopes[place.0].path;
        let joint = if path.is_empty() { "" } else { ":" };
        [path, joint, self.node(graphs, place).id].concat()
    }
}

/// Refuses workflows whose subgraphs contain themselves or expand into too many nodes.
pub(crate) fn check_size(document: &Document) -> Result<(), ConvertError> {
    let root = document.graphs.len() - 1;
    // Levels and nodes of each graph, once known.
    let mut known: Vec<Option<(usize, usize)>> = vec![None; root + 1];
    let mut open = vec![false; root + 1];
    // Graph, next node, and the counts so far. A stack instead of recursion, because the nesting can be deep.
    let mut stack = vec![(root, 0usize, 0usize, 0usize)];
    while let Some((graph, next, mut levels, mut nodes)) = stack.pop() {
        open[graph] = true;
        let list = &document.graphs[graph].nodes;
        let mut at = next;
        let mut instance = None;
        while let Some(node) = list.get(at) {
            instance = node.class_type.str().and_then(|ty| document.definitions.first(ty));
            if instance.is_some() {
                break;
            }
            at += 1;
        }
        let Some(definition) = instance else {
            // Nodes with many inputs count as several.
            let own: usize = list.iter().map(|node| 1 + node.inputs.len() / 16).sum();
            known[graph] = Some((levels + 1, nodes.saturating_add(own)));
            open[graph] = false;
            continue;
        };
        if let Some((inner_levels, inner_nodes)) = known[definition] {
            levels = levels.max(inner_levels);
            nodes = nodes.saturating_add(inner_nodes);
            stack.push((graph, at + 1, levels, nodes));
        } else if open[definition] {
            return Err(ConvertError::Subgraphs("a subgraph contains itself, directly or through others"));
        } else {
            stack.push((graph, at, levels, nodes));
            stack.push((definition, 0, 0, 0));
        }
    }
    let (levels, nodes) = known[root].unwrap_or((0, 0));
    if levels > MAX_LEVELS {
        return Err(ConvertError::Subgraphs("subgraphs are nested deeper than 64 levels"));
    }
    if nodes > MAX_NODES {
        return Err(ConvertError::Subgraphs("the subgraphs come to more than 200,000 nodes"));
    }
    Ok(())
}

/// Nodes in topological order (Kahn's algorithm); nodes in a circle come last, by id.
fn execution_order(graph: &Graph) -> Vec<usize> {
    let count = graph.nodes.len();
    let linked = |node: &Node| node.inputs.iter().filter(|input| input.link.is_some()).count();
    let mut waits_for: Vec<usize> = graph.nodes.iter().map(linked).collect();
    // Links by node, output and id.
    let mut links: Vec<(usize, usize, u64, usize)> = Vec::new();
    for link in &graph.links {
        if let (Some((origin, slot)), Some((target, _))) = (link.origin_node(), link.target_node()) {
            if slot < graph.nodes[origin].outputs.len() {
                links.push((origin, slot, link.order, target));
            }
        }
    }
    let by_origin = sorted(links.len(), &|a, b| links[a] < links[b]);
    let mut order: Vec<usize> = (0..count).filter(|at| waits_for[*at] == 0).collect();
    let mut done = vec![false; count];
    let mut next = 0;
    while let Some(at) = order.get(next).copied() {
        next += 1;
        done[at] = true;
        let start = by_origin.partition_point(|link| links[*link].0 < at);
        for link in by_origin.iter().skip(start) {
            let (origin, _, _, target) = links[*link];
            if origin != at {
                break;
            }
            waits_for[target] = waits_for[target].wrapping_sub(1);
            if waits_for[target] == 0 {
                order.push(target);
            }
        }
    }
    let rest: Vec<usize> = (0..count).filter(|at| !done[*at]).collect();
    let id = |at: usize| graph.nodes[rest[at]].id.parse().unwrap_or(u32::MAX);
    order.extend(sorted(rest.len(), &|a, b| id(a) < id(b)).into_iter().map(|at| rest[at]));
    order
}
