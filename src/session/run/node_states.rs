//! Which nodes of a prompt have run, which did not have to, and how much of the whole that makes.

use std::rc::Rc;

use crate::session::run::graph::{Graph, Id};

/// The state of each node, and the lists of them that events carry. Nodes are named by their position in the graph.
#[derive(Debug, Clone)]
pub struct NodeStates {
    nodes: Vec<Node>,
    /// Sum of the fractions of nodes that have begun and are not done.
    begun: f64,
    /// Nodes that ran to their end, in the order in which they did.
    pub completed: Rc<Vec<Id>>,
    /// Nodes that did not run: cached, or ancestors of a finished node.
    pub skipped: Rc<Vec<Id>>,
    /// Completed and skipped nodes.
    pub done: Rc<Vec<Id>>,
    /// Marks of the search for an ancestor: a node that carries the number of the current search was visited.
    visited: Vec<u32>,
    searches: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Node {
    list: List,
    /// It, or a node that it shows, was seen running.
    has_run: bool,
    /// It is finished, and not in its list yet.
    is_finished: bool,
    /// The server took its result from the cache.
    is_cached: bool,
    /// It, or a node that it shows, has shown an output.
    has_output: bool,
    /// The fraction of its work that is done, 0 to 1.
    fraction: f64,
    /// How many of the nodes that it expanded into have ended.
    inner_ended: f64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum List {
    #[default]
    None,
    Completed,
    Skipped,
}

impl NodeStates {
    /// Nothing is done yet.
    pub fn new(count: usize) -> NodeStates {
        NodeStates {
            nodes: vec![Node::default(); count],
            begun: 0.0,
            completed: Rc::default(),
            skipped: Rc::default(),
            done: Rc::default(),
            visited: vec![0; count],
            searches: 0,
        }
    }

    /// The share of the prompt's nodes that is done.
    pub fn share(&self) -> f64 {
        (self.done.len() as f64 + self.begun) / self.nodes.len() as f64
    }

    /// Whether the node was seen running.
    pub fn has_run(&self, node: usize) -> bool {
        self.nodes[node].has_run
    }

    /// Whether the node ran to its end, or its result was cached.
    pub fn has_result(&self, node: usize) -> bool {
        self.nodes[node].list == List::Completed || self.nodes[node].is_cached
    }

    /// Whether the node has shown an output.
    pub fn has_output(&self, node: usize) -> bool {
        self.nodes[node].has_output
    }

    /// The node has shown an output.
    pub fn set_output(&mut self, node: usize) {
        self.nodes[node].has_output = true;
    }

    /// The node runs. It is no longer skipped if it was counted so: besides the lazy node that finished without it
    /// another node reads from it, or the server has dropped its cached result.
    pub fn begin(&mut self, graph: &Graph, node: usize) {
        self.nodes[node].has_run = true;
        if self.nodes[node].list == List::Skipped {
            self.nodes[node].list = List::None;
            remove(&mut self.skipped, &graph.ids[node]);
            remove(&mut self.done, &graph.ids[node]);
        }
    }

    /// These nodes are finished.
    pub fn finish(&mut self, graph: &Graph, finished: &[usize]) {
        for node in finished {
            self.nodes[*node].is_finished = true;
        }
        for node in finished {
            self.complete(graph, *node);
        }
    }

    fn complete(&mut self, graph: &Graph, node: usize) {
        let state = self.nodes[node];
        // The server calls cached nodes finished too.
        if state.list == List::Completed || (state.is_cached && !state.has_run) {
            return;
        }
        self.skip_ancestors(graph, node);
        let id = &graph.ids[node];
        if state.list == List::Skipped {
            remove(&mut self.skipped, id);
        } else {
            self.add_to_done(node, id);
        }
        self.nodes[node].list = List::Completed;
        Rc::make_mut(&mut self.completed).push(id.clone());
    }

    /// Ancestors of a finished node that were not seen running are skipped. The walk stops at nodes that are done, so
    /// that all walks of a run together visit each link once, and at nodes that run.
    fn skip_ancestors(&mut self, graph: &Graph, node: usize) {
        let mut open = graph.parents(node).to_vec();
        while let Some(parent) = open.pop() {
            let state = self.nodes[parent];
            if state.list == List::None && !state.has_run && !state.is_finished {
                open.extend_from_slice(graph.parents(parent));
                self.skip(graph, parent);
            }
        }
    }

    fn skip(&mut self, graph: &Graph, node: usize) {
        let id = &graph.ids[node];
        self.nodes[node].list = List::Skipped;
        Rc::make_mut(&mut self.skipped).push(id.clone());
        self.add_to_done(node, id);
    }

    /// The server took the node's result from its cache.
    pub fn set_cached(&mut self, graph: &Graph, node: usize) {
        self.nodes[node].is_cached = true;
        match self.nodes[node].list {
            _ if self.nodes[node].has_run => {}
            List::None => self.skip(graph, node),
            // Where frames were missed it was taken for completed.
            List::Completed => {
                self.nodes[node].list = List::Skipped;
                remove(&mut self.completed, &graph.ids[node]);
                Rc::make_mut(&mut self.skipped).push(graph.ids[node].clone());
            }
            List::Skipped => {}
        }
    }

    /// The run is complete: nodes that ran are completed, all others are skipped.
    pub fn end(&mut self, graph: &Graph) {
        for node in 0..self.nodes.len() {
            match self.nodes[node] {
                Node { list: List::None, has_run: true, .. } => self.complete(graph, node),
                Node { list: List::None, has_run: false, .. } => self.skip(graph, node),
                _ => {}
            }
        }
    }

    fn add_to_done(&mut self, node: usize, id: &Id) {
        self.begun -= std::mem::take(&mut self.nodes[node].fraction);
        Rc::make_mut(&mut self.done).push(id.clone());
    }

    /// How much of a node's work is done. It never falls, because some nodes count their steps more than once.
    pub fn set_fraction(&mut self, node: usize, fraction: f64) {
        let state = &mut self.nodes[node];
        if state.list == List::None && fraction > state.fraction {
            self.begun += fraction - state.fraction;
            state.fraction = fraction;
        }
    }

    /// How much of the work of an expanding node is done: `ended` of its inner nodes, fractions included. How many there
    /// will be is not known, so each one takes a smaller part of the rest.
    pub fn set_inner(&mut self, node: usize, ended: f64) {
        self.set_fraction(node, ended / (ended + 1.0));
    }

    /// One more inner node of an expanding node has ended. Returns how many have.
    pub fn count_inner(&mut self, node: usize) -> f64 {
        self.nodes[node].inner_ended += 1.0;
        self.nodes[node].inner_ended
    }

    /// How many inner nodes of an expanding node have ended, as far as they were counted.
    pub fn inner_ended(&self, node: usize) -> f64 {
        self.nodes[node].inner_ended
    }

    /// Whether `node` is an ancestor of `of`. Does not look beyond nodes that have a result: where no input is lazy all
    /// ancestors have one once `of` runs.
    pub fn is_open_ancestor(&mut self, graph: &Graph, node: usize, of: usize) -> bool {
        self.searches += 1;
        let mut open = graph.parents(of).to_vec();
        while let Some(parent) = open.pop() {
            if parent == node {
                return true;
            }
            if self.has_result(parent) || self.visited[parent] == self.searches {
                continue;
            }
            self.visited[parent] = self.searches;
            open.extend_from_slice(graph.parents(parent));
        }
        false
    }
}

fn remove(list: &mut Rc<Vec<Id>>, id: &Id) {
    Rc::make_mut(list).retain(|other| !Rc::ptr_eq(other, id));
}
