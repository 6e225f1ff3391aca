//! Servers that refuse, forget, or do not answer.

use super::*;

#[test]
fn a_server_that_forgets_everything_after_the_success_does_not_make_it_vanish() {
    let mut stage = begun();
    stage.own("execution_success", json!({}));
    stage.serve(Box::new(unknown));
    stage.input(Input::SocketClosed);
    stage.wait(20_000.0);
    assert_eq!((stage.terminal().name.as_str(), stage.terminal().event.detected_by), ("completed", None));
}

#[test]
fn a_server_that_refuses_every_question_ends_the_run_once_no_socket_tells_either() {
    let refuse = |_: f64, _| Some(Answer::Failed(Some(401)));
    let mut stage = begun();
    stage.serve(Box::new(refuse));
    stage.wait(50_000.0);
    assert_eq!(stage.finished, None, "the socket may still tell");
    stage.own("progress", json!({"node": "1", "value": 1, "max": 2}));
    assert_eq!(stage.names().last(), Some(&"progress"));
    stage.input(Input::SocketClosed);
    stage.wait(60_000.0);
    let EventKind::End(End::Error, EndSource::Refused(401)) = stage.terminal().event.kind else { panic!() };
    // A socket that stays open and silent is not believed for ever.
    let mut stage = begun();
    stage.serve(Box::new(refuse));
    for _ in 0..10 {
        stage.wait(30_000.0);
        if stage.finished.is_none() {
            stage.input(Input::SocketOpened);
        }
    }
    assert_eq!((stage.finished.clone(), stage.replaced), (Some(Finish::Ended(End::Error)), 1));
}

#[test]
fn a_history_that_cannot_be_read_leaves_the_queue_to_tell() {
    let mut in_queue = true;
    let mut stage = begun();
    stage.serve(Box::new(move |now, probe| {
        in_queue &= now < 120_000.0;
        match probe {
            Probe::History => Some(Answer::Failed(Some(500))),
            Probe::Queue if in_queue => running(now, probe),
            Probe::Queue => unknown(now, probe),
        }
    }));
    stage.wait(170_000.0);
    assert_eq!(stage.finished, None, "a hiccup may last a while");
    stage.wait(30_000.0);
    assert_eq!(stage.terminal().data, "vanished");
}

#[test]
fn a_server_that_cannot_be_reached_for_a_while_ends_nothing() {
    let mut stage = begun();
    stage.serve(Box::new(unreachable));
    for _ in 0..58 {
        stage.input(Input::SocketClosed);
        stage.wait(10_000.0);
    }
    assert_eq!(stage.finished, None);
    let news = stage.names().iter().filter(|name| **name == "connection reconnecting").count();
    assert!(news >= 58, "{news}");
    stage.serve(ended(item("success")));
    stage.wait(10_000.0);
    assert_eq!(stage.terminal().name, "completed");
}

#[test]
fn a_server_that_was_there_and_stays_away_ends_the_run_as_unreachable_and_not_as_vanished() {
    for server in [unreachable as fn(f64, Probe) -> Option<Answer>, |_, _| Some(Answer::Failed(Some(502))), |_, _| None]
    {
        let mut stage = begun();
        stage.input(Input::SocketClosed);
        stage.serve(Box::new(server));
        while stage.finished.is_none() && stage.now < 3_600_000.0 {
            stage.wait(10_000.0);
        }
        assert_eq!((stage.terminal().name.as_str(), &stage.terminal().data), ("error", &json!("unreachable")));
        assert!((600_000.0..1_300_000.0).contains(&stage.now), "{}", stage.now);
    }
}

#[test]
fn a_sleep_of_hours_is_no_absence_of_the_server() {
    let mut stage = begun();
    stage.input(Input::SocketClosed);
    stage.serve(Box::new(unreachable));
    stage.wait(20_000.0);
    // No timer rings while a machine sleeps: then it makes a few tries in vain until its network is back.
    stage.now += 8.0 * 3_600_000.0;
    stage.wait(20_000.0);
    assert_eq!(stage.finished, None);
    stage.serve(ended(item("success")));
    stage.wait(10_000.0);
    assert_eq!(stage.terminal().name, "completed");
}

#[test]
fn a_run_that_is_picked_up_of_a_server_that_never_answers_is_given_up_after_three_tries() {
    let picked_up = |server: fn(f64, Probe) -> Option<Answer>| {
        let run = Run::resumed(RunSetup::new(&prompt().to_string(), "mine"), 0.0, 0.0);
        let mut stage = Stage::of(run, Box::new(server));
        stage.wait(8_000.0);
        stage
    };
    assert!(picked_up(unreachable).without_contact > 0);
    // A proxy that answers for it is an answer, and so is a socket that opens.
    assert_eq!(picked_up(|_, _| Some(Answer::Failed(Some(502)))).without_contact, 0);
    let mut stage = Stage::of(Run::resumed(RunSetup::new("", "mine"), 0.0, 0.0), Box::new(unreachable));
    stage.input(Input::SocketOpened);
    stage.wait(8_000.0);
    assert_eq!(stage.without_contact, 0);
    let mut run = Run::resumed(RunSetup::new("", "mine"), 0.0, 0.0);
    run.server_has_answered();
    let mut stage = Stage::of(run, Box::new(unreachable));
    stage.wait(60_000.0);
    assert_eq!(stage.without_contact, 0, "its server took the prompt");
}

#[test]
fn a_probe_that_is_never_answered_does_not_keep_the_next_one_from_being_asked() {
    let mut stage = begun();
    stage.serve(Box::new(silent));
    stage.wait(60_000.0);
    assert!(stage.rounds() >= 3, "{:?}", stage.asked);
    // Its answer, should it come at last, is of no use any more.
    stage.input(Input::Answer(1, Answer::History(HistoryAnswer::Unknown)));
    stage.serve(ended(item("success")));
    stage.wait(20_000.0);
    assert_eq!(stage.terminal().name, "completed");
}
