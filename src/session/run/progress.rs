//! How far a run is: which nodes are done, which one runs, how much of the whole that makes.

use std::rc::Rc;

use crate::protocol::frame::{Body, NodePhase};
use crate::session::run::graph::{Graph, Id};

/// The progress fields of an event. Lists are shared between events until they change.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The node that runs, if one does.
    pub node_current: Option<Id>,
    /// All nodes of the prompt, in topological order.
    pub nodes_total: Rc<Vec<Id>>,
    /// Nodes that ran to their end, in the order in which they did.
    pub nodes_completed: Rc<Vec<Id>>,
    /// Nodes that need not run: cached, or ancestors of a node seen running.
    pub nodes_skipped: Rc<Vec<Id>>,
    /// Completed and skipped nodes, each once.
    pub nodes_done: Rc<Vec<Id>>,
    /// Steps that the current node has done.
    pub node_progress_value: f64,
    /// Steps that the current node has in all; 0 where it tells none.
    pub node_progress_max: f64,
    /// The share of the prompt's nodes that is done, 0 to 1; never falls, and is 1 once the run has completed.
    pub nodes_progress: f64,
}

/// Follows one run through its frames. Each step costs the same however many nodes the prompt has.
#[derive(Debug, Clone)]
pub struct Progress {
    graph: Graph,
    nodes: Vec<Node>,
    /// Sum of the fractions of nodes that have begun and are not done.
    begun: f64,
    /// Servers since 0.3.45 send whole snapshots, which tell nodes that run side by side apart; older ones only say
    /// which node begins.
    has_snapshots: bool,
    current: Option<Current>,
    seen: Snapshot,
}

#[derive(Debug, Clone, Copy, Default)]
struct Node {
    completed: bool,
    skipped: bool,
    fraction: f64,
}

#[derive(Debug, Clone)]
struct Current {
    id: Id,
    /// Unix time in milliseconds.
    since: f64,
}

impl Progress {
    /// Nothing done yet.
    pub fn new(graph: Graph) -> Progress {
        let seen = Snapshot {
            node_current: None,
            nodes_total: graph.ids.clone(),
            nodes_completed: Rc::default(),
            nodes_skipped: Rc::default(),
            nodes_done: Rc::default(),
            node_progress_value: 0.0,
            node_progress_max: 0.0,
            nodes_progress: 0.0,
        };
        Progress {
            nodes: vec![Node::default(); graph.len()],
            graph,
            begun: 0.0,
            has_snapshots: false,
            current: None,
            seen,
        }
    }

    /// The state for an event.
    pub fn snapshot(&self) -> Snapshot {
        self.seen.clone()
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
        self.graph.is_empty() || self.graph.find(node).is_some() || self.seen.node_current.as_deref() == Some(node)
    }

    /// Sets the prompt of a run that was picked up without one. What was seen so far is kept.
    pub fn learn_graph(&mut self, graph: Graph) {
        let (completed, skipped) = (self.seen.nodes_completed.clone(), self.seen.nodes_skipped.clone());
        let (current, share) = (self.current.take(), self.seen.nodes_progress);
        let has_snapshots = self.has_snapshots;
        *self = Progress::new(graph);
        self.has_snapshots = has_snapshots;
        completed.iter().for_each(|id| self.complete(id));
        skipped.iter().for_each(|id| self.skip(id));
        self.seen.nodes_progress = share;
        if let Some(Current { id, since }) = current {
            self.begin(&id, since);
        }
        self.measure();
    }

    /// Takes in a frame of this run.
    pub fn update(&mut self, now: f64, body: &Body) {
        match body {
            Body::ExecutionCached { nodes } => nodes.iter().for_each(|id| self.skip(id)),
            Body::ExecutingNode { node } => {
                self.leave_current();
                self.begin(node, now);
            }
            Body::ExecutingNull => self.leave_current(),
            Body::Progress { node, value, max } => {
                if let Some(node) = node {
                    self.begin(node, now);
                }
                // Very old servers do not name the node: it is the current one.
                if let Some(Current { id, .. }) = &self.current {
                    self.set_fraction(&id.clone(), *value, *max);
                }
                (self.seen.node_progress_value, self.seen.node_progress_max) = (value.max(0.0), max.max(0.0));
            }
            Body::ProgressState { nodes } => {
                self.has_snapshots = true;
                for state in nodes {
                    match state.phase {
                        NodePhase::Finished => self.complete(&state.node),
                        NodePhase::Running => self.set_fraction(&state.node, state.value, state.max),
                        NodePhase::Other => {}
                    }
                }
            }
            Body::Executed { node, .. } => self.complete(node),
            Body::Status { .. }
            | Body::ExecutionStart
            | Body::ExecutionSuccess
            | Body::ExecutionError(_)
            | Body::ExecutionInterrupted { .. }
            | Body::Other => return,
        }
        self.measure();
    }

    /// Takes in nodes that history calls cached.
    pub fn skip_all(&mut self, nodes: &[String]) {
        nodes.iter().for_each(|id| self.skip(id));
        self.measure();
    }

    /// Takes in a node whose output history has.
    pub fn complete_one(&mut self, node: &str) {
        self.complete(node);
        self.measure();
    }

    /// The run is complete: nodes not heard of were cached or not needed.
    pub fn complete_run(&mut self) {
        self.leave_current();
        for id in self.graph.ids.clone().iter() {
            self.skip(id);
        }
        self.seen.nodes_progress = 1.0;
    }

    /// The run has ended otherwise: no node runs any more.
    pub fn stop(&mut self) {
        self.current = None;
        self.seen.node_current = None;
    }

    fn leave_current(&mut self) {
        if let Some(current) = self.current.take()
            && !self.has_snapshots
        {
            self.complete(&current.id);
        }
        self.seen.node_current = None;
        (self.seen.node_progress_value, self.seen.node_progress_max) = (0.0, 0.0);
    }

    fn begin(&mut self, id: &str, now: f64) {
        if self.current.as_ref().is_some_and(|current| *current.id == *id) {
            return;
        }
        let index = self.graph.find(id);
        let id = index.map_or_else(|| Id::from(id), |index| self.graph.ids[index].clone());
        self.seen.node_current = Some(id.clone());
        (self.seen.node_progress_value, self.seen.node_progress_max) = (0.0, 0.0);
        self.current = Some(Current { id, since: now });
        if let Some(index) = index {
            self.skip_ancestors(index);
        }
    }

    /// Whatever a running node reads from is done. The walk stops at done nodes, whose ancestors are done too, so that
    /// all walks of a run together visit each link once.
    fn skip_ancestors(&mut self, node: usize) {
        let mut open = self.graph.parents(node).to_vec();
        while let Some(parent) = open.pop() {
            if !self.nodes[parent].completed && !self.nodes[parent].skipped {
                open.extend_from_slice(self.graph.parents(parent));
                let id = self.graph.ids[parent].clone();
                self.skip(&id);
            }
        }
    }

    fn skip(&mut self, id: &str) {
        if let Some(index) = self.graph.find(id)
            && !self.nodes[index].completed
            && !self.nodes[index].skipped
        {
            self.nodes[index].skipped = true;
            let id = self.graph.ids[index].clone();
            Rc::make_mut(&mut self.seen.nodes_skipped).push(id.clone());
            self.done(index, id);
        }
    }

    fn complete(&mut self, id: &str) {
        if let Some(index) = self.graph.find(id)
            && !self.nodes[index].completed
        {
            self.nodes[index].completed = true;
            let id = self.graph.ids[index].clone();
            Rc::make_mut(&mut self.seen.nodes_completed).push(id.clone());
            if !self.nodes[index].skipped {
                self.done(index, id);
            }
        }
    }

    fn done(&mut self, index: usize, id: Id) {
        self.begun -= std::mem::take(&mut self.nodes[index].fraction);
        Rc::make_mut(&mut self.seen.nodes_done).push(id);
    }

    fn set_fraction(&mut self, id: &str, value: f64, max: f64) {
        let Some(index) = self.graph.find(id) else { return };
        let node = &mut self.nodes[index];
        if node.completed || node.skipped {
            return;
        }
        let fraction = if max > 0.0 && value > 0.0 { (value / max).min(1.0) } else { 0.0 };
        self.begun += fraction - node.fraction;
        node.fraction = fraction;
    }

    fn measure(&mut self) {
        if !self.graph.is_empty() {
            let share = (self.seen.nodes_done.len() as f64 + self.begun) / self.graph.len() as f64;
            // Sums of fractions can end a hair off; a node that starts again must not take back what was shown.
            self.seen.nodes_progress = share.min(1.0).max(self.seen.nodes_progress);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::borrow::Cow;

    fn chain() -> Progress {
        Progress::new(Graph::new(
            &json!({
                "1": {"inputs": {}},
                "2": {"inputs": {"x": ["1", 0]}},
                "3": {"inputs": {"x": ["2", 0]}},
                "4": {"inputs": {"x": ["3", 0]}},
            })
            .to_string(),
        ))
    }

    fn executing(node: &str) -> Body<'_> {
        Body::ExecutingNode { node: Cow::Borrowed(node) }
    }

    fn steps(node: &str, value: f64, max: f64) -> Body<'_> {
        Body::Progress { node: Some(Cow::Borrowed(node)), value, max }
    }

    fn ids(list: &[Id]) -> Vec<&str> {
        list.iter().map(|id| &**id).collect()
    }

    #[test]
    fn ancestors_of_a_running_node_are_skipped_and_the_previous_node_is_completed() {
        let mut progress = chain();
        progress.update(0.0, &executing("3"));
        progress.update(1.0, &executing("4"));
        let seen = progress.snapshot();
        assert_eq!(ids(&seen.nodes_skipped), ["2", "1"]);
        assert_eq!(ids(&seen.nodes_completed), ["3"]);
        assert_eq!(ids(&seen.nodes_done), ["2", "1", "3"]);
        assert_eq!(seen.nodes_progress, 0.75);
    }

    #[test]
    fn steps_of_a_node_count_as_their_share() {
        let mut progress = chain();
        progress.update(0.0, &executing("1"));
        progress.update(0.0, &steps("1", 5.0, 10.0));
        assert_eq!(progress.snapshot().nodes_progress, 0.125);
        assert_eq!(progress.snapshot().node_progress_value, 5.0);
    }

    #[test]
    fn steps_that_name_no_node_are_of_the_current_one() {
        let mut progress = chain();
        progress.update(0.0, &executing("1"));
        progress.update(0.0, &Body::Progress { node: None, value: 5.0, max: 10.0 });
        assert_eq!(progress.snapshot().nodes_progress, 0.125);
    }

    #[test]
    fn a_node_that_starts_its_steps_again_takes_nothing_back() {
        let mut progress = chain();
        progress.update(0.0, &steps("1", 10.0, 10.0));
        progress.update(0.0, &steps("1", 1.0, 10.0));
        assert_eq!(progress.snapshot().nodes_progress, 0.25);
    }

    #[test]
    fn nodes_created_while_running_are_current_but_not_counted() {
        let mut progress = chain();
        progress.update(0.0, &executing("3.0.0.1"));
        let seen = progress.snapshot();
        assert_eq!(seen.node_current.as_deref(), Some("3.0.0.1"));
        assert_eq!((seen.nodes_total.len(), seen.nodes_progress), (4, 0.0));
    }

    #[test]
    fn with_snapshots_a_node_that_is_left_is_not_done_before_the_server_says_so() {
        let mut progress = chain();
        progress.update(0.0, &Body::ProgressState { nodes: Vec::new() });
        progress.update(0.0, &executing("1"));
        progress.update(0.0, &executing("3"));
        assert!(progress.snapshot().nodes_completed.is_empty());
    }

    #[test]
    fn a_completed_run_has_every_node_done() {
        let mut progress = chain();
        progress.update(0.0, &executing("1"));
        progress.complete_run();
        let seen = progress.snapshot();
        assert_eq!((seen.nodes_done.len(), seen.nodes_progress, seen.node_current), (4, 1.0, None));
    }

    #[test]
    fn nonsense_values_stay_in_range() {
        let mut progress = chain();
        for (value, max) in
            [(f64::NAN, 1.0), (1.0, f64::NAN), (-5.0, 2.0), (9.0, 2.0), (1.0, 0.0), (f64::INFINITY, 1.0)]
        {
            progress.update(0.0, &steps("1", value, max));
            let share = progress.snapshot().nodes_progress;
            assert!((0.0..=1.0).contains(&share), "{value}/{max} → {share}");
        }
    }

    #[test]
    fn a_prompt_learnt_late_keeps_what_was_seen() {
        let mut progress = Progress::new(Graph::default());
        progress.update(0.0, &executing("3"));
        progress.learn_graph(chain().graph);
        assert_eq!(ids(&progress.snapshot().nodes_skipped), ["2", "1"]);
    }

    #[test]
    fn lists_are_shared_until_they_change() {
        let mut progress = chain();
        progress.update(0.0, &executing("2"));
        let before = progress.snapshot();
        progress.update(0.0, &steps("2", 1.0, 10.0));
        assert!(Rc::ptr_eq(&before.nodes_done, &progress.snapshot().nodes_done));
    }
}
