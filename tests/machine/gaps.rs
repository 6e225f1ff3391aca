//! The end of a run that may have missed frames.

use super::*;

#[test]
fn an_end_after_a_gap_waits_for_the_outputs_that_the_gap_may_hold() {
    let mut stage = after_a_gap(Box::new(unreachable));
    stage.own("executing", json!({"node": "2"}));
    stage.own("executing", json!({"node": null}));
    stage.wait(3_000.0);
    assert_eq!(stage.finished, None);
    stage.serve(ended(item("success")));
    stage.wait(5_000.0);
    let names = stage.names();
    assert_eq!(names[names.len() - 2..], ["executed", "completed"]);
    assert_eq!(stage.told[names.len() - 2].event.detected_by, Some(DetectedBy::History));
    assert_eq!(stage.terminal().event.detected_by, None, "its frame told the end");
}

#[test]
fn a_completed_run_without_an_output_of_its_last_node_is_looked_up_once() {
    let mut stage = begun();
    stage.serve(ended(item("success")));
    stage.own("executing", json!({"node": "2"}));
    stage.own("executing", json!({"node": null}));
    let names = stage.names();
    assert_eq!(names[names.len() - 3..], ["executing", "executed", "completed"]);
    assert_eq!(stage.told[names.len() - 2].event.detected_by, Some(DetectedBy::History));
    assert_eq!(stage.terminal().event.detected_by, None, "its frame told the end");
    assert_eq!(stage.asked, [(stage.now, Probe::History)]);
    // The end is known: a later one changes nothing.
    let mut stage = begun();
    stage.serve(Box::new(silent));
    stage.own("executing", json!({"node": null}));
    stage.own("execution_error", json!({"node_id": "1"}));
    assert_eq!(stage.finished, None);
    stage.wait(5_000.0);
    assert_eq!(stage.terminal().name, "completed");
    // Where the history says nothing the frames count: at once, or as soon as an answer would have come.
    for (server, patience) in [(unknown as fn(f64, Probe) -> _, 0.0), (unreachable, 0.0), (silent, 5_000.0)] {
        let mut stage = begun();
        stage.serve(Box::new(server));
        stage.own("executing", json!({"node": "2"}));
        stage.own("executing", json!({"node": null}));
        assert_eq!(stage.finished.is_some(), patience == 0.0);
        stage.wait(patience);
        assert_eq!((stage.terminal().name.as_str(), stage.asked.len()), ("completed", 1));
    }
}

#[test]
fn an_answer_that_was_asked_for_before_the_end_is_no_lookup() {
    let settings = Settings { poll_queue: true, ..Settings::default() };
    let mut stage = Stage::accepted(settings, &prompt(), Box::new(silent));
    let id = stage.asked.len() as u32;
    for (kind, data) in
        [("execution_start", json!({})), ("executing", json!({"node": "2"})), ("executing", json!({"node": null}))]
    {
        stage.own(kind, data);
    }
    stage.serve(ended(item("success")));
    stage.input(Input::Answer(id, support::history("{}", "mine")));
    assert_eq!(stage.finished, None, "the history of that time says nothing of the end");
    stage.wait(1_000.0);
    assert_eq!((stage.terminal().name.as_str(), stage.run.outputs().count()), ("completed", 1));
}

#[test]
fn a_frame_that_is_too_large_to_be_read_is_looked_up_as_a_gap_is() {
    let mut stage = begun();
    stage.serve(Box::new(unreachable));
    stage.input(Input::FrameDropped);
    stage.own("executing", json!({"node": "2"}));
    stage.own("executing", json!({"node": null}));
    stage.serve(ended(item("success")));
    stage.wait(5_000.0);
    let names = stage.names();
    assert_eq!(names[names.len() - 2..], ["executed", "completed"]);
}

#[test]
fn an_end_that_is_known_does_not_wait_for_the_history_for_ever() {
    for server in [unreachable, silent] {
        for (kind, data, name, patience) in [
            ("executing", json!({"node": null}), "completed", 60_000.0),
            ("execution_error", json!({"node_id": "2", "exception_message": "boom"}), "error", 15_000.0),
            ("execution_interrupted", json!({"node_id": "2"}), "interrupted", 15_000.0),
        ] {
            let mut stage = after_a_gap(Box::new(server));
            stage.own("progress", json!({"node": "1", "value": 1, "max": 2}));
            stage.own(kind, data);
            stage.wait(patience - 1.0);
            assert_eq!(stage.finished, None);
            stage.wait(1.0);
            assert_eq!((stage.terminal().name.as_str(), stage.terminal().event.detected_by), (name, None));
        }
    }
}

#[test]
fn an_executing_null_that_is_the_first_word_after_a_gap_does_not_tell_how_it_ended() {
    let null = |stage: &mut Stage| stage.own("executing", json!({"node": null}));
    let mut stage = after_a_gap(Box::new(silent));
    null(&mut stage);
    stage.serve(ended(item("error")));
    stage.wait(30_000.0);
    assert_eq!(
        (stage.terminal().name.as_str(), stage.terminal().event.detected_by),
        ("error", Some(DetectedBy::History))
    );
    let mut stage = after_a_gap(Box::new(silent));
    null(&mut stage);
    stage.serve(ended(item("success")));
    stage.wait(30_000.0);
    assert_eq!((stage.terminal().name.as_str(), stage.terminal().event.detected_by), ("completed", None));
    // Where nobody can ever say: an error, after a minute, rather than a success that may be none.
    let mut stage = after_a_gap(Box::new(unreachable));
    null(&mut stage);
    stage.wait(59_000.0);
    assert_eq!(stage.finished, None);
    stage.wait(2_000.0);
    assert_eq!((stage.terminal().name.as_str(), &stage.terminal().data), ("error", &json!("vanished")));
    // A success that was heard before the gap does say.
    let mut stage = begun();
    stage.own("execution_success", json!({}));
    stage.serve(Box::new(unreachable));
    stage.input(Input::SocketClosed);
    stage.input(Input::SocketOpened);
    null(&mut stage);
    stage.wait(61_000.0);
    assert_eq!(stage.terminal().name, "completed");
}

#[test]
fn a_run_that_starts_after_the_gap_has_missed_nothing() {
    for (runs_already, server) in [(false, Box::new(unreachable) as Server), (true, Box::new(running))] {
        let mut stage = Stage::accepted(Settings::default(), &prompt(), server);
        stage.input(Input::SocketClosed);
        stage.wait(100.0);
        stage.input(Input::SocketOpened);
        stage.own("execution_start", json!({}));
        stage.own("executed", json!({"node": "2", "output": {"text": ["x"]}}));
        stage.own("executing", json!({"node": null}));
        // Where the queue has told before that it runs, the start may be an echo.
        assert_eq!(stage.finished.is_none(), runs_already);
        stage.serve(ended(item("success")));
        stage.wait(1_000.0);
        assert_eq!(stage.terminal().event.at == 100.0, !runs_already, "it ends at once");
    }
    // A second copy of the start says nothing of the gap before it.
    let mut stage = after_a_gap(ended(item("success")));
    stage.own("execution_start", json!({}));
    stage.own("executing", json!({"node": null}));
    stage.wait(1_000.0);
    assert!(stage.names().contains(&"executed"));
}

#[test]
fn an_output_that_a_frame_told_as_empty_is_told_when_the_history_has_it() {
    let mut stage = after_a_gap(ended(item("success")));
    stage.own("executed", json!({"node": "2", "output": null}));
    stage.own("executing", json!({"node": null}));
    stage.wait(1_000.0);
    assert_eq!(stage.run.outputs().collect::<Vec<_>>(), [("2", r#"{"text":["lost"]}"#)]);
    // And one that was told is not told again.
    let mut stage = after_a_gap(ended(item("success")));
    stage.own("executed", json!({"node": "2", "output": {"text": ["lost"]}}));
    stage.own("executing", json!({"node": null}));
    stage.wait(1_000.0);
    assert_eq!(stage.names().iter().filter(|name| **name == "executed").count(), 1);
}

#[test]
fn a_history_that_is_ahead_of_the_frames_does_not_take_their_place() {
    let settings = Settings { poll_queue: true, ..Settings::default() };
    let mut stage = Stage::accepted(settings, &prompt(), ended(item("success")));
    stage.wait(1_000.0);
    assert_eq!(stage.finished, None, "the socket is open and nothing was missed");
    stage.own("execution_start", json!({}));
    stage.own("executing", json!({"node": "1"}));
    stage.own("executing", json!({"node": null}));
    assert_eq!((stage.terminal().name.as_str(), stage.terminal().event.detected_by), ("completed", None));
}

#[test]
fn a_history_that_is_ahead_of_frames_which_never_come_counts_after_the_silence() {
    let settings = Settings { poll_queue: true, ..Settings::default() };
    let idle = settings.idle_timeout_ms;
    let mut stage = Stage::accepted(settings, &prompt(), ended(item("success")));
    stage.wait(idle + 1.0);
    assert_eq!(
        (stage.terminal().name.as_str(), stage.terminal().event.detected_by),
        ("completed", Some(DetectedBy::History))
    );
}
