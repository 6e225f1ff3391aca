//! Progress frames that go the short way, and those that must not. Every test that plays a run compares the two ways
//! besides: see `support/short_way.rs`.

mod support;

use comfyui_autoflow::session::run::settings::Settings;
use serde_json::{Value, json};
use support::{Input, Stage, running, unknown};

/// A run whose node 1 has done two of ten steps.
fn stage<'s>() -> Stage<'s> {
    let prompt = json!({"1": {"inputs": {}}, "2": {"inputs": {"x": ["1", 0]}}});
    let mut stage = Stage::accepted(Settings::default(), &prompt, Box::new(running));
    stage.own("execution_start", json!({}));
    stage.own("executing", json!({"node": "1"}));
    progress(&mut stage, "1", 2);
    stage
}

fn progress(stage: &mut Stage, node: &str, value: u32) {
    stage.own("progress", json!({"node": node, "value": value, "max": 10}));
}

fn takes(stage: &mut Stage, node: &str) -> bool {
    stage.run.clone().repeat_progress(stage.now, node, 3.0, 10.0).is_some()
}

#[test]
fn the_next_step_of_the_node_that_runs_goes_the_short_way() {
    let mut stage = stage();
    stage.now = 250.0;
    let said = stage.run.repeat_progress(stage.now, "1", 5.0, 10.0).expect("the short way");
    assert_eq!((said.at, said.elapsed_ms, said.node_ms, said.nodes_progress), (250.0, 250.0, 250.0, 0.25));
    assert!(stage.run.poll_effect().is_none());
    progress(&mut stage, "1", 6);
    let told = stage.told.last().expect("an event");
    assert_eq!((told.event.progress.node_progress_value, told.event.progress.nodes_progress), (6.0, 0.3));
}

#[test]
fn a_frame_that_changes_more_than_steps_does_not() {
    type Change = fn(&mut Stage);
    let changes: [(&str, Change); 8] = [
        ("another node", |stage| stage.own("executing", json!({"node": "2"}))),
        ("silence", |stage| stage.wait(6_000.0)),
        ("a lost socket", |stage| stage.input(Input::SocketClosed)),
        ("a new socket", |stage| {
            stage.input(Input::SocketClosed);
            stage.input(Input::SocketOpened);
        }),
        ("the success", |stage| stage.own("execution_success", json!({}))),
        ("the end", |stage| stage.own("execution_interrupted", json!({"node_id": "1", "executed": []}))),
        ("the caller left", |stage| stage.input(Input::Leave)),
        ("an end that waits for the history", |stage| {
            stage.serve(Box::new(|_, _| None));
            stage.input(Input::SocketClosed);
            stage.input(Input::SocketOpened);
            stage.own("executing", json!({"node": null}));
        }),
    ];
    for (name, change) in changes {
        let mut stage = stage();
        assert!(takes(&mut stage, "1"), "before {name}");
        change(&mut stage);
        assert!(!takes(&mut stage, "1"), "after {name}");
    }
    assert!(!takes(&mut stage(), "2"), "of a node that does not run");
}

#[test]
fn a_clock_that_is_set_back_goes_the_long_way_once() {
    let mut stage = stage();
    stage.now = 1_000.0;
    progress(&mut stage, "1", 3);
    stage.now = 400.0;
    assert!(!takes(&mut stage, "1"));
    progress(&mut stage, "1", 4);
    assert!(takes(&mut stage, "1"));
    let said = stage.run.repeat_progress(stage.now, "1", 5.0, 10.0).expect("the short way");
    assert_eq!(said.at, 1_000.0, "times of events never fall");
}

#[test]
fn an_effect_that_is_not_performed_yet_comes_first() {
    let mut stage = stage();
    let text: Value = json!({"type": "progress", "data": {"value": 3, "max": 10, "node": "1", "prompt_id": "mine"}});
    comfyui_autoflow::protocol::frame::Frame::read(&text.to_string(), &mut |frame| {
        stage.run.handle(stage.now, Input::Frame(frame, frame.text.into()));
    });
    assert!(!takes(&mut stage, "1"));
    assert!(stage.run.poll_effect().is_some());
    assert!(takes(&mut stage, "1"));
}

#[test]
fn probes_that_are_under_way_are_seen_to_by_the_long_way() {
    let mut stage = stage();
    stage.serve(Box::new(unknown));
    stage.input(Input::FrameDropped);
    assert!(!takes(&mut stage, "1"));
}
