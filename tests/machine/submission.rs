//! Frames that come before the answer to the submission.

use super::*;

#[test]
fn frames_lost_before_the_submission_is_answered_are_a_gap_too() {
    let mut stage = Stage::new(Settings::default(), &prompt(), "mine", ended(item("success")));
    stage.input(Input::SocketOpened);
    stage.input(Input::Submitting);
    stage.own("execution_start", json!({}));
    stage.input(Input::SocketClosed);
    stage.input(Input::SocketOpened);
    stage.own("executing", json!({"node": null}));
    stage.wait(60_000.0);
    stage.input(Input::Accepted("mine"));
    stage.wait(1_000.0);
    assert_eq!(stage.names()[2..], ["execution_start", "executing", "executed", "completed"]);
    // However long ago the frames came: the history is waited for from now on.
    let mut stage = Stage::new(Settings::default(), &prompt(), "mine", Box::new(unreachable));
    stage.input(Input::Submitting);
    stage.input(Input::SocketOpened);
    stage.own("executing", json!({"node": "1"}));
    stage.own("executing", json!({"node": null}));
    stage.wait(300_000.0);
    stage.input(Input::Accepted("mine"));
    stage.wait(30_000.0);
    assert_eq!(stage.finished, None);
    stage.serve(ended(item("success")));
    stage.wait(10_000.0);
    assert!(stage.names().contains(&"executed"), "{:?}", stage.names());
    // And so is a socket that opens after the prompt was sent.
    let mut stage = Stage::new(Settings::default(), &prompt(), "mine", ended(item("success")));
    stage.input(Input::Submitting);
    stage.input(Input::SocketOpened);
    stage.own("executing", json!({"node": null}));
    stage.input(Input::Accepted("mine"));
    stage.wait(1_000.0);
    assert!(stage.names().contains(&"executed"), "{:?}", stage.names());
}

#[test]
fn a_frame_that_names_an_id_made_for_the_run_tells_that_the_server_has_it() {
    for is_fresh_id in [true, false] {
        let prompt = prompt().to_string();
        let setup = RunSetup { is_fresh_id, ..RunSetup::new(&prompt, "mine") };
        let mut stage = Stage::with(setup, Box::new(silent));
        stage.input(Input::SocketOpened);
        stage.input(Input::Submitting);
        stage.wait(1_000.0);
        stage.frame("execution_start", json!({"prompt_id": "another"}));
        assert!(!stage.run.is_accepted() && stage.told.is_empty());
        stage.own("execution_start", json!({}));
        stage.own("executing", json!({"node": "1"}));
        assert_eq!(stage.run.is_accepted(), is_fresh_id);
        // Pictures cannot be kept for later.
        stage.binary(&[&[0, 0, 0, 1, 0, 0, 0, 1][..], &[0xff, 0xd8, 0xff, 0xe0]].concat());
        stage.input(Input::Accepted("mine"));
        let mut expected = vec!["submitted", "connection open", "execution_start", "executing"];
        expected.extend(is_fresh_id.then_some("preview"));
        assert_eq!(stage.names(), expected);
        stage.own("executed", json!({"node": "2", "output": {"text": ["x"]}}));
        stage.own("executing", json!({"node": null}));
        assert_eq!(stage.terminal().name, "completed");
    }
}

#[test]
fn more_frames_than_are_kept_before_the_answer_come_from_the_history() {
    let mut stage = Stage::new(Settings::default(), &prompt(), "mine", ended(item("success")));
    stage.input(Input::SocketOpened);
    stage.input(Input::Submitting);
    stage.own("execution_start", json!({}));
    for value in 0..5_000 {
        stage.own("progress", json!({"node": "1", "value": value, "max": 5_000}));
    }
    stage.own("executed", json!({"node": "2", "output": {"text": ["lost"]}}));
    stage.own("executing", json!({"node": null}));
    stage.input(Input::Accepted("mine"));
    stage.wait(10_000.0);
    assert_eq!(stage.terminal().name, "completed");
    assert_eq!(stage.run.outputs().count(), 1);
    assert!(stage.told.len() < 1_100);
}

#[test]
fn outputs_that_the_server_refuses_are_told_once_the_answer_is_there() {
    let refused = r#"{"3": {"errors": [], "dependent_outputs": ["4"]}}"#;
    for by_frame in [false, true] {
        let prompt = prompt().to_string();
        let setup = RunSetup { is_fresh_id: true, ..RunSetup::new(&prompt, "mine") };
        let mut stage = Stage::with(setup, Box::new(silent));
        stage.input(Input::SocketOpened);
        stage.input(Input::Submitting);
        if by_frame {
            // A frame can be faster than the answer.
            stage.own("execution_start", json!({}));
        }
        stage.input(Input::Accepted("mine"));
        stage.input(Input::Refused(refused));
        let told: Vec<_> = stage.told.iter().filter(|told| told.name == "refused").collect();
        assert_eq!((told.len(), &told[0].data["3"]["dependent_outputs"]), (1, &json!(["4"])));
    }
}
