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
    for (value, max) in [(f64::NAN, 1.0), (1.0, f64::NAN), (-5.0, 2.0), (9.0, 2.0), (1.0, 0.0), (f64::INFINITY, 1.0)] {
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
