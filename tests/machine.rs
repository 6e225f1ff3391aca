//! What a run does where things go wrong that no recording shows: ends in a gap, servers that refuse or forget, clocks,
//! timeouts.

mod support;

use comfyui_autoflow::protocol::history::HistoryAnswer;
use comfyui_autoflow::session::run::effect::Finish;
use comfyui_autoflow::session::run::event::{DetectedBy, End, EndSource, EventKind};
use comfyui_autoflow::session::run::input::Answer;
use comfyui_autoflow::session::run::polling::Probe;
use comfyui_autoflow::session::run::settings::Settings;
use comfyui_autoflow::session::run::setup::RunSetup;
use serde_json::{Value, json};
use support::{Input, Run, Server, Stage, ended, running, unknown};

fn prompt() -> Value {
    json!({"1": {"inputs": {}}, "2": {"inputs": {"x": ["1", 0]}}})
}

fn begun<'s>() -> Stage<'s> {
    let mut stage = Stage::accepted(Settings::default(), &prompt(), Box::new(running));
    stage.own("execution_start", json!({}));
    stage.own("executing", json!({"node": "1"}));
    stage
}

/// A run whose socket was lost and is open again; the question that followed came to nothing.
fn after_a_gap<'s>(server: Server<'s>) -> Stage<'s> {
    let mut stage = begun();
    stage.serve(Box::new(unreachable));
    stage.input(Input::SocketClosed);
    stage.input(Input::SocketOpened);
    stage.serve(server);
    stage
}

fn unreachable(_: f64, _: Probe) -> Option<Answer> {
    Some(Answer::Failed(None))
}

fn silent(_: f64, _: Probe) -> Option<Answer> {
    None
}

fn item(status: &str) -> Value {
    json!({"status": {"status_str": status, "messages": []}, "outputs": {"2": {"text": ["lost"]}}})
}

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

#[test]
fn results_that_a_node_sends_over_the_socket_are_kept_although_previews_are_not_wanted() {
    let prompt = json!({
        "1": {"class_type": "KSampler", "inputs": {}},
        "2": {"class_type": "SaveImageWebsocket", "inputs": {"images": ["1", 0]}},
    });
    for previews in [true, false] {
        let settings = Settings { previews, ..Settings::default() };
        let mut stage = Stage::accepted(settings, &prompt, Box::new(silent));
        let jpeg = [&[0, 0, 0, 1, 0, 0, 0, 1][..], &[0xff, 0xd8, 0xff, 0xe0]].concat();
        let png = [&[0, 0, 0, 1, 0, 0, 0, 2][..], b"\x89PNG\r\n\x1a\n"].concat();
        stage.own("executing", json!({"node": "1"}));
        stage.binary(&jpeg);
        stage.own("executing", json!({"node": "2"}));
        stage.binary(&png);
        stage.binary(&png);
        stage.own("executing", json!({"node": null}));
        assert_eq!(stage.pictures, [["2", "2_0.png", "image/png"], ["2", "2_1.png", "image/png"]]);
        let told = stage.names().iter().filter(|name| **name == "preview").count();
        assert_eq!((told, stage.terminal().name.as_str()), (if previews { 3 } else { 0 }, "completed"));
        let outputs: Vec<_> = stage.run.outputs().map(|(node, output)| (node.to_owned(), output.to_owned())).collect();
        let file = |name: &str| json!({"filename": name, "subfolder": "", "type": "output"});
        let images = json!({"images": [file("2_0.png"), file("2_1.png")]});
        assert_eq!(outputs, [("2".to_owned(), images.to_string())]);
    }
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
}

#[test]
fn a_clock_that_is_set_back_makes_nobody_wait_longer() {
    const HOUR: f64 = 3_600_000.0;
    let mut run = Run::new(RunSetup::new(&prompt().to_string(), "mine"), 10.0 * HOUR);
    for input in [Input::SocketOpened, Input::Submitting, Input::Accepted("mine")] {
        run.handle(10.0 * HOUR, input);
    }
    // The timer that was set rings, and by then it is an hour earlier.
    run.handle(9.0 * HOUR, Input::Timeout);
    let due = run.poll_timeout().expect("a timer") - 9.0 * HOUR;
    assert!((0.0..=5_000.0).contains(&due), "{due}");
    run.handle(9.0 * HOUR + due, Input::Timeout);
    let mut effects = std::iter::from_fn(|| run.poll_effect());
    let asked = effects.any(|effect| matches!(effect, support::Effect::Ask(..)));
    assert!(asked, "the silence is noticed");
}

#[test]
fn times_that_nobody_can_wait_for_set_no_timer() {
    let settings = Settings { idle_timeout_ms: f64::INFINITY, ..Settings::default() };
    let stage = Stage::accepted(settings, &prompt(), Box::new(running));
    assert_eq!(stage.run.poll_timeout(), None);
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

#[test]
fn the_place_in_the_queue_is_told_when_it_changes() {
    let queue = |now: f64, probe: Probe| {
        let before = if now < 20_000.0 { r#"[1, "a"], [2, "b"], "# } else { r#"[2, "b"], "# };
        let body = format!(r#"{{"queue_running": [[0, "x"]], "queue_pending": [{before}[3, "mine"]]}}"#);
        Some(if probe == Probe::History { support::history("{}", "mine") } else { support::queue(&body, "mine") })
    };
    let mut stage = Stage::accepted(Settings::default(), &prompt(), Box::new(queue));
    stage.wait(60_000.0);
    let told: Vec<&Value> = stage.told.iter().filter(|told| told.name == "queue").map(|told| &told.data).collect();
    assert_eq!(told, [&json!([3, 1, 3]), &json!([2, 1, 2])]);
    // Asked for, it is told at once, and again with every change that a `status` announces.
    let settings = Settings { poll_queue: true, ..Settings::default() };
    let mut stage = Stage::accepted(settings, &prompt(), Box::new(queue));
    assert_eq!(stage.names().last(), Some(&"queue"));
    assert_eq!(stage.told.last().expect("queue").event.at, 0.0);
    stage.wait_until(3_000.0);
    let asked = stage.asked.len();
    stage.frame("status", json!({"status": {"exec_info": {"queue_remaining": 4}}}));
    assert_eq!(stage.asked.len(), asked + 1, "a prompt that waits is asked for in the queue alone");
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
fn progress_without_a_prompt_belongs_to_whoever_runs() {
    let mut stage = Stage::accepted(Settings::default(), &prompt(), Box::new(running));
    let bare = json!({"value": 2, "max": 4});
    stage.frame("progress", bare.clone());
    assert_eq!(stage.names(), ["submitted", "connection open"], "nothing of this run has come yet");
    stage.own("executing", json!({"node": "1"}));
    stage.frame("progress", bare.clone());
    let seen = stage.told.last().expect("progress");
    assert_eq!((seen.name.as_str(), seen.event.progress.node_progress_value), ("progress", 2.0));
    stage.frame("executing", json!({"node": "1", "prompt_id": "theirs"}));
    let count = stage.told.len();
    stage.frame("progress", bare.clone());
    stage.input(Input::SocketClosed);
    stage.input(Input::SocketOpened);
    stage.frame("progress", bare);
    assert_eq!(stage.names()[count..], ["connection reconnecting", "connection open"]);
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

#[test]
fn a_socket_that_can_never_open_leaves_the_run_to_the_probes_and_says_why() {
    let mut stage = Stage::new(Settings::default(), &prompt(), "p", Box::new(running));
    stage.input(Input::SocketImpossible("no login"));
    stage.input(Input::Submitting);
    stage.input(Input::Accepted("p"));
    stage.serve(ended(json!({"status": {"status_str": "success"}, "outputs": {}})));
    stage.wait(60_000.0);
    assert_eq!(stage.finished, Some(Finish::Ended(End::Completed)));
    assert_eq!(stage.opened, 1, "it is not tried again");
    let connections: Vec<String> = stage.lines().into_iter().filter(|line| line.contains(" connection ")).collect();
    assert_eq!(connections.len(), 1, "{:?}", stage.lines());
    assert!(connections[0].contains("no login"), "{}", connections[0]);
}

#[test]
fn a_socket_that_turns_out_impossible_in_the_middle_is_told_once() {
    let mut stage = begun();
    stage.input(Input::SocketImpossible("no login"));
    stage.input(Input::SocketClosed);
    stage.wait(30_000.0);
    let connections: Vec<String> = stage.lines().into_iter().filter(|line| line.contains(" connection ")).collect();
    assert_eq!(connections.len(), 2, "{connections:?}");
    assert!(connections[1].contains("polling") && connections[1].contains("no login"), "{connections:?}");
    assert!(stage.rounds() > 1);
    assert_eq!((stage.opened, stage.replaced), (1, 0));
}
