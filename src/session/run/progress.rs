//! The progress of a run: which nodes are done, which one runs, and the fraction of the prompt that is done.

use std::rc::Rc;

use crate::protocol::frame::{Body, NodePhase, NodeState};
use crate::session::run::graph::{Graph, Id};
use crate::session::run::node_states::NodeStates;
use crate::session::run::snapshot::Snapshot;
use crate::text::index::sorted;

/// Follows one run through its frames. Each step costs the same however many nodes the prompt has.
#[derive(Debug, Clone)]
pub struct Progress {
    graph: Graph,
    states: NodeStates,
    /// Servers since 0.3.45 send whole snapshots, which say of each node whether it is finished; older ones only say
    /// which node begins.
    has_snapshots: bool,
    /// No frame was missed since the list of cached nodes: a node that shows its output without having run took it from
    /// the cache, even where it is not in that list. The second of two equal nodes does that.
    is_whole: bool,
    current: Option<Current>,
    /// More than the steps of the current node has changed since the last snapshot.
    has_news: bool,
    seen: Snapshot,
}

/// The node that the server calls running.
#[derive(Debug, Clone)]
struct Current {
    /// As frames name it.
    id: Id,
    /// The node of the prompt that it is, or that shows it.
    shown: Option<usize>,
    /// Another node expanded into it.
    is_inner: bool,
    /// Unix time in milliseconds.
    since: f64,
}

impl Progress {
    /// Nothing is done yet.
    pub fn new(graph: Graph) -> Progress {
        let seen = Snapshot {
            node_current: None,
            node_title: None,
            node_type: None,
            nodes_total: graph.ids.clone(),
            nodes_completed: Rc::default(),
            nodes_skipped: Rc::default(),
            nodes_done: Rc::default(),
            node_progress_value: 0.0,
            node_progress_max: 0.0,
            nodes_progress: 0.0,
        };
        Progress {
            states: NodeStates::new(graph.len()),
            graph,
            has_snapshots: false,
            is_whole: false,
            current: None,
            has_news: true,
            seen,
        }
    }

    /// The state for an event.
    pub fn snapshot(&mut self) -> Snapshot {
        self.has_news = false;
        let (completed, skipped, done) = (&self.states.completed, &self.states.skipped, &self.states.done);
        Snapshot {
            nodes_completed: completed.clone(),
            nodes_skipped: skipped.clone(),
            nodes_done: done.clone(),
            ..self.seen.clone()
        }
    }

    /// Whether a `progress` frame of this node changes the steps and the share of the last snapshot, and no more.
    pub fn has_only_steps_of(&self, node: &str) -> bool {
        !self.has_news && self.current.as_ref().is_some_and(|current| *current.id == *node)
    }

    /// The share of the prompt's nodes that is done, 0 to 1.
    pub fn share(&self) -> f64 {
        self.seen.nodes_progress
    }

    /// The node that runs, if one does.
    pub fn current(&self) -> Option<&Id> {
        self.seen.node_current.as_ref()
    }

    /// Milliseconds since the current node began; 0 where none runs.
    pub fn node_execution_ms(&self, now: f64) -> f64 {
        self.current.as_ref().map_or(0.0, |current| now - current.since)
    }

    /// Whether the prompt's nodes are known.
    pub fn knows_nodes(&self) -> bool {
        !self.graph.is_empty()
    }

    /// Whether a node belongs to the prompt, as far as that is known, or runs.
    pub fn may_own(&self, node: &str) -> bool {
        let runs = self.current.as_ref().is_some_and(|current| *current.id == *node);
        self.graph.is_empty() || runs || self.position(node, None).is_some()
    }

    /// Whether a node that should have shown an output has not: nothing reads from it, and it ran or was cached, or no
    /// node has shown anything.
    pub fn lacks_output(&self) -> bool {
        let nothing_shown = (0..self.graph.len()).all(|node| !self.states.has_output(node));
        let may_show = |node| self.states.has_run(node) || self.states.has_result(node) || nothing_shown;
        let lacks = |node| !self.states.has_output(node) && !self.graph.sends_results(node) && may_show(node);
        self.graph.leaves().any(lacks)
    }

    /// Whether a picture that came for this node is a result of it. Then it has shown an output.
    pub fn takes_picture(&mut self, id: &str) -> bool {
        let node = self.graph.find(id).filter(|node| self.graph.sends_results(*node));
        node.into_iter().for_each(|node| self.states.set_output(node));
        node.is_some()
    }

    /// Sets the prompt of a run that was picked up without one. The node that runs is kept.
    pub fn learn_graph(&mut self, graph: Graph) {
        let (current, share, has_snapshots) = (self.current.take(), self.seen.nodes_progress, self.has_snapshots);
        *self = Progress::new(graph);
        self.has_snapshots = has_snapshots;
        self.seen.nodes_progress = share;
        if let Some(current) = current {
            self.begin(&current.id, None, current.since);
        }
        self.measure();
    }

    /// Frames may have been missed here.
    pub fn miss(&mut self) {
        self.is_whole = false;
    }

    /// Takes in a frame of this run.
    pub fn update(&mut self, now: f64, body: &Body) {
        self.has_news |= !matches!(body, Body::Progress { .. });
        match body {
            Body::ExecutionCached { nodes } => {
                self.is_whole = true;
                nodes.iter().for_each(|id| self.set_cached(id));
            }
            Body::ExecutingNode { node, display } => self.begin(node, display.as_deref(), now),
            Body::ExecutingNull => self.leave(None),
            Body::Progress { node, value, max } => {
                // Very old servers do not name the node: it is the current one.
                if let Some(node) = node {
                    self.begin(node, None, now);
                }
                self.set_steps(*value, *max);
            }
            Body::ProgressState { nodes } => self.read_states(nodes),
            Body::Executed { node, display, output } => self.executed(node, display.as_deref(), output.is_some()),
            Body::Status { .. }
            | Body::ExecutionStart
            | Body::ExecutionSuccess
            | Body::ExecutionError(_)
            | Body::ExecutionInterrupted { .. }
            | Body::Other => return,
        }
        self.measure();
    }

    /// Takes in nodes that the history calls cached.
    pub fn skip_all(&mut self, nodes: &[String]) {
        self.has_news = true;
        nodes.iter().for_each(|id| self.set_cached(id));
        self.measure();
    }

    /// Takes in a node whose output the history has.
    pub fn complete_one(&mut self, node: &str) {
        self.has_news = true;
        if let Some(node) = self.graph.find(node) {
            self.states.finish(&self.graph, &[node]);
        }
        self.measure();
    }

    /// The run is complete.
    pub fn complete_run(&mut self) {
        self.leave(None);
        self.states.end(&self.graph);
        self.seen.nodes_progress = 1.0;
    }

    /// The run has ended otherwise: no node runs any more.
    pub fn stop(&mut self) {
        self.set_current(None);
    }

    /// The position of a node, or of the one that shows it.
    fn position(&self, id: &str, display: Option<&str>) -> Option<usize> {
        let shown = || display.and_then(|display| self.graph.find(display));
        self.graph.find(id).or_else(shown).or_else(|| self.graph.find_origin(id))
    }

    fn set_cached(&mut self, id: &str) {
        if let Some(node) = self.graph.find(id) {
            self.states.set_cached(&self.graph, node);
        }
    }

    fn executed(&mut self, id: &str, display: Option<&str>, has_output: bool) {
        let node = self.graph.find(id);
        if let Some(node) = node {
            if self.is_whole && !self.states.has_run(node) {
                self.states.set_cached(&self.graph, node);
            } else {
                self.states.finish(&self.graph, &[node]);
            }
        }
        if has_output && let Some(node) = node.or_else(|| self.position(id, display)) {
            self.states.set_output(node);
        }
    }

    /// A snapshot has all nodes that have begun.
    fn read_states(&mut self, nodes: &[NodeState]) {
        self.has_snapshots = true;
        let (mut finished, mut inner) = (Vec::new(), Vec::new());
        for state in nodes {
            let fraction = if state.phase == NodePhase::Finished { 1.0 } else { fraction(state.value, state.max) };
            match (self.graph.find(&state.node), state.phase) {
                (_, NodePhase::Other) => {}
                (Some(node), NodePhase::Finished) => finished.push(node),
                (Some(node), NodePhase::Running) => {
                    self.states.begin(&self.graph, node);
                    self.states.set_fraction(node, fraction);
                }
                (None, _) => {
                    inner.extend(self.position(&state.node, state.display.as_deref()).map(|node| (node, fraction)));
                }
            }
        }
        self.states.finish(&self.graph, &finished);
        let order = sorted(inner.len(), &|one, other| inner[one].0 < inner[other].0);
        for part in order.chunk_by(|one, other| inner[*one].0 == inner[*other].0) {
            let node = inner[part[0]].0;
            self.states.begin(&self.graph, node);
            self.states.set_inner(node, part.iter().map(|at| inner[*at].1).sum());
        }
    }

    /// The server says that this node runs.
    fn begin(&mut self, id: &str, display: Option<&str>, now: f64) {
        if self.current.as_ref().is_some_and(|current| *current.id == *id) {
            return;
        }
        let known = self.graph.find(id);
        let shown = known.or_else(|| self.position(id, display));
        let before = self.current.as_ref().filter(|current| shown.is_some() && current.shown == shown);
        let since = before.map_or(now, |before| before.since);
        self.leave(shown);
        if let Some(node) = shown {
            self.states.begin(&self.graph, node);
        }
        let id = known.map_or_else(|| Id::from(id), |node| self.graph.ids[node].clone());
        self.set_current(Some(Current { id, shown, is_inner: known.is_none() && shown.is_some(), since }));
    }

    /// The current node is left, for the node `next` of the prompt or one that it shows.
    fn leave(&mut self, next: Option<usize>) {
        if let Some(Current { shown: Some(node), is_inner, .. }) = self.current
            && !self.has_snapshots
        {
            if is_inner {
                let ended = self.states.count_inner(node);
                self.states.set_inner(node, ended);
            }
            // A lazy node begins before the nodes that it asks for, and again after them; an expanding node waits for
            // what it expanded into.
            let waits = next.is_some_and(|next| next == node || self.states.is_open_ancestor(&self.graph, next, node));
            if !waits {
                self.states.finish(&self.graph, &[node]);
            }
        }
        self.set_current(None);
    }

    fn set_current(&mut self, current: Option<Current>) {
        self.has_news = true;
        (self.seen.node_progress_value, self.seen.node_progress_max) = (0.0, 0.0);
        let shown = current.as_ref().and_then(|current| current.shown);
        let names = shown.map(|node| self.graph.names(node));
        self.seen.node_title = names.and_then(|names| names.title.clone());
        self.seen.node_type = names.and_then(|names| names.class.clone());
        let unknown = current.as_ref().map(|current| current.id.clone());
        self.seen.node_current = shown.map(|node| self.graph.ids[node].clone()).or(unknown);
        self.current = current;
    }

    /// Steps of the current node.
    fn set_steps(&mut self, value: f64, max: f64) {
        if let Some(Current { shown: Some(node), is_inner, .. }) = self.current {
            let fraction = fraction(value, max);
            if !is_inner {
                self.states.set_fraction(node, fraction);
            } else if !self.has_snapshots {
                self.states.set_inner(node, self.states.inner_ended(node) + fraction);
            }
        }
        (self.seen.node_progress_value, self.seen.node_progress_max) = (value.max(0.0), max.max(0.0));
    }

    fn measure(&mut self) {
        if !self.graph.is_empty() {
            // Sums of fractions are inexact, and a node can turn out not to be done: the progress never falls.
            self.seen.nodes_progress = self.states.share().min(1.0).max(self.seen.nodes_progress);
        }
    }
}

fn fraction(value: f64, max: f64) -> f64 {
    if max > 0.0 && value > 0.0 { (value / max).min(1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests;
