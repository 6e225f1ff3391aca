//! How far a run is: which nodes are done, which one runs, how much of the whole that makes.

use std::rc::Rc;

use crate::protocol::frame::{Body, NodePhase, NodeState};
use crate::session::run::graph::{Graph, Id};
use crate::session::run::node_states::NodeStates;
use crate::text::index::sorted;

/// The progress fields of an event. Lists are shared between events until they change.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The node that runs, if one does. Of a node that another one expanded into, that other one.
    pub node_current: Option<Id>,
    /// Its title in the prompt.
    pub node_title: Option<Rc<str>>,
    /// Its class.
    pub node_type: Option<Rc<str>>,
    /// All nodes of the prompt, in topological order.
    pub nodes_total: Rc<Vec<Id>>,
    /// Nodes that ran to their end, in the order in which they did.
    pub nodes_completed: Rc<Vec<Id>>,
    /// Nodes that did not run: cached, or ancestors of a finished node.
    pub nodes_skipped: Rc<Vec<Id>>,
    /// Completed and skipped nodes, each once.
    pub nodes_done: Rc<Vec<Id>>,
    /// Steps that the current node has done.
    pub node_progress_value: f64,
    /// Steps that the current node has in all; 0 where the server did not say.
    pub node_progress_max: f64,
    /// The share of the prompt's nodes that is done, 0 to 1; never falls, and is 1 once the run has completed.
    pub nodes_progress: f64,
}

/// Follows one run through its frames. Each step costs the same however many nodes the prompt has.
#[derive(Debug, Clone)]
pub struct Progress {
    graph: Graph,
    states: NodeStates,
    /// Servers since 0.3.45 send whole snapshots, which say of each node whether it is finished; older ones only say
    /// which node begins.
    has_snapshots: bool,
    /// No frame was missed since the list of cached nodes: a node that shows its output without having run took it from
    /// the cache, even where it is not in that list. Of two equal nodes the second one does.
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
            // Sums of fractions can end a hair off; a node that turns out not to be done takes nothing back.
            self.seen.nodes_progress = self.states.share().min(1.0).max(self.seen.nodes_progress);
        }
    }
}

fn fraction(value: f64, max: f64) -> f64 {
    if max > 0.0 && value > 0.0 { (value / max).min(1.0) } else { 0.0 }
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
        Body::ExecutingNode { node: Cow::Borrowed(node), display: None }
    }

    fn steps(node: &str, value: f64, max: f64) -> Body<'_> {
        Body::Progress { node: Some(Cow::Borrowed(node)), value, max }
    }

    fn finished(node: &str) -> NodeState<'_> {
        NodeState { node: Cow::Borrowed(node), display: None, value: 1.0, max: 1.0, phase: NodePhase::Finished }
    }

    fn ids(list: &[Id]) -> Vec<&str> {
        list.iter().map(|id| &**id).collect()
    }

    #[test]
    fn ancestors_of_a_finished_node_are_skipped() {
        let mut progress = chain();
        progress.update(0.0, &executing("3"));
        assert!(progress.snapshot().nodes_done.is_empty(), "3 may be lazy: what it reads from may still run");
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
    fn a_lazy_node_is_not_finished_when_the_nodes_that_it_asks_for_begin() {
        let mut progress = chain();
        for node in ["4", "1", "2", "3", "4"] {
            progress.update(0.0, &executing(node));
        }
        let seen = progress.snapshot();
        assert_eq!((ids(&seen.nodes_completed), seen.nodes_skipped.len()), (vec!["1", "2", "3"], 0));
        progress.update(0.0, &Body::ExecutingNull);
        assert_eq!(ids(&progress.snapshot().nodes_completed), ["1", "2", "3", "4"]);
    }

    #[test]
    fn a_node_that_runs_after_all_is_not_skipped() {
        // 2 and 4 read from 1; 2 is lazy and does without it.
        let prompt = json!({"1": {}, "2": {"inputs": {"x": ["1", 0]}}, "4": {"inputs": {"x": ["1", 0]}}});
        let mut progress = Progress::new(Graph::new(&prompt.to_string()));
        progress.update(0.0, &executing("2"));
        progress.update(0.0, &executing("4"));
        let before = progress.snapshot();
        assert_eq!((ids(&before.nodes_skipped), ids(&before.nodes_completed)), (vec!["1"], vec!["2"]));
        progress.update(0.0, &executing("1"));
        progress.update(0.0, &executing("4"));
        let seen = progress.snapshot();
        assert_eq!((seen.nodes_skipped.len(), ids(&seen.nodes_completed)), (0, vec!["2", "1"]));
        assert_eq!(ids(&seen.nodes_done), ["2", "1"]);
        assert_eq!(seen.nodes_progress, before.nodes_progress);
    }

    #[test]
    fn a_cached_node_that_shows_its_output_is_skipped() {
        let shows = Body::Executed { node: "3".into(), display: None, output: Some("{}") };
        let cached = |nodes: &[&str]| Body::ExecutionCached {
            nodes: nodes.iter().map(|node| Cow::Owned((*node).to_owned())).collect(),
        };
        // In the list, or not: of two equal nodes the second one is cached by the first.
        for listed in [&["1", "2", "3"][..], &[]] {
            let mut progress = chain();
            progress.update(0.0, &cached(listed));
            progress.update(0.0, &shows);
            progress.update(0.0, &Body::ProgressState { nodes: vec![finished("3")] });
            let seen = progress.snapshot();
            assert!(seen.nodes_skipped.iter().any(|id| **id == *"3") && seen.nodes_completed.is_empty(), "{seen:?}");
        }
        // Where frames were missed it may have run.
        let mut progress = chain();
        progress.update(0.0, &cached(&[]));
        progress.miss();
        progress.update(0.0, &shows);
        assert_eq!(ids(&progress.snapshot().nodes_completed), ["3"]);
        progress.skip_all(&["3".to_owned()]);
        let seen = progress.snapshot();
        assert!(seen.nodes_completed.is_empty() && seen.nodes_skipped.iter().any(|id| **id == *"3"));
    }

    #[test]
    fn inner_nodes_count_for_the_node_that_shows_them() {
        let mut progress = chain();
        let mut shown = Vec::new();
        for inner in ["1.0.0.1", "1.0.0.2"] {
            let body = Body::ExecutingNode { node: inner.into(), display: Some("1".into()) };
            progress.update(0.0, &body);
            progress.update(0.0, &steps(inner, 5.0, 10.0));
            let seen = progress.snapshot();
            assert_eq!((seen.node_current.as_deref(), seen.node_progress_value), (Some("1"), 5.0));
            shown.push(seen.nodes_progress);
        }
        // One half of an inner node, one and a half.
        assert_eq!(shown, [(0.5 / 1.5) / 4.0, (1.5 / 2.5) / 4.0]);
        progress.update(0.0, &executing("2"));
        assert_eq!(ids(&progress.snapshot().nodes_completed), ["1"]);
    }

    #[test]
    fn inner_nodes_of_a_snapshot_count_for_the_node_that_shows_them() {
        let mut progress = chain();
        let inner = |node: &'static str, value: f64| NodeState {
            node: node.into(),
            display: Some("1".into()),
            value,
            max: 10.0,
            phase: if value < 10.0 { NodePhase::Running } else { NodePhase::Finished },
        };
        let own = NodeState { display: None, ..inner("1", 0.0) };
        let nodes = vec![own.clone(), inner("1.0.0.1", 10.0), inner("1.0.0.2", 5.0)];
        progress.update(0.0, &Body::ProgressState { nodes });
        assert_eq!(progress.snapshot().nodes_progress, (1.5 / 2.5) / 4.0);
        assert!(progress.snapshot().nodes_done.is_empty(), "the node itself is not finished");
        progress.update(0.0, &Body::ProgressState { nodes: vec![finished("1")] });
        assert_eq!(progress.snapshot().nodes_progress, 0.25);
    }

    #[test]
    fn the_current_node_has_its_title_and_class() {
        let prompt = json!({"1": {"class_type": "KSampler", "_meta": {"title": "Paint"}}, "2": {"class_type": "Save"}});
        let mut progress = Progress::new(Graph::new(&prompt.to_string()));
        let mut names = |node: &'static str| {
            progress.update(0.0, &executing(node));
            let seen = progress.snapshot();
            (seen.node_title.as_deref().map(str::to_owned), seen.node_type.as_deref().map(str::to_owned))
        };
        let paint = (Some("Paint".to_owned()), Some("KSampler".to_owned()));
        assert_eq!((names("1"), names("1.0.0.2")), (paint.clone(), paint));
        assert_eq!((names("2"), names("9")), ((None, Some("Save".to_owned())), (None, None)));
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
        progress.update(0.0, &executing("4"));
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
