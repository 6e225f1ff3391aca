//! Failures of other clients, reproduced there, that must not happen here: one test for each.

mod support;

use comfyui_autoflow::protocol::address::Address;
use comfyui_autoflow::protocol::binary::BinaryFrame;
use comfyui_autoflow::protocol::history::HistoryAnswer;
use comfyui_autoflow::protocol::queue::QueueAnswer;
use comfyui_autoflow::protocol::submission::Rejected;
use comfyui_autoflow::session::run::effect::Finish;
use comfyui_autoflow::session::run::event::{DetectedBy, End};
use comfyui_autoflow::session::run::input::Answer;
use comfyui_autoflow::session::run::polling::Probe;
use comfyui_autoflow::session::run::settings::Settings;
use comfyui_autoflow::session::run::setup::{FrameSource, RunSetup};
use serde_json::{Value, json};
use support::{Input, Run, Server, Stage, ended, history, queue, read_binary, running, unknown};

fn prompt() -> Value {
    json!({
        "1": {"class_type": "Load", "inputs": {}},
        "2": {"class_type": "Sample", "inputs": {"model": ["1", 0]}},
        "3": {"class_type": "Save", "inputs": {"images": ["2", 0]}},
    })
}

fn completed_item() -> Value {
    json!({"status": {"status_str": "success", "completed": true, "messages": []},
           "outputs": {"3": {"images": [{"filename": "a.png"}]}}})
}

fn failed_item() -> Value {
    let failure = json!({"node_id": "2", "node_type": "Sample", "exception_message": "boom"});
    json!({"status": {"status_str": "error", "completed": false, "messages": [["execution_error", failure]]}})
}

/// A run whose server has it running, with the socket open and its first node begun.
fn begun<'s>() -> Stage<'s> {
    let mut stage = Stage::accepted(Settings::default(), &prompt(), Box::new(running));
    stage.own("execution_start", json!({}));
    stage.own("executing", json!({"node": "1"}));
    stage
}

/// A run that the server has taken, where the runtime has no socket.
fn without_socket<'s>(server: Server<'s>) -> Stage<'s> {
    let prompt = prompt().to_string();
    let setup = RunSetup { frames: FrameSource::None, ..RunSetup::new(&prompt, "mine") };
    let mut stage = Stage::with(setup, server);
    stage.input(Input::Submitting);
    stage.input(Input::Accepted("mine"));
    stage
}

#[test]
fn p01_another_prompts_executing_null_is_taken_for_our_end() {
    let mut stage = begun();
    stage.frame("executing", json!({"node": null, "prompt_id": "theirs"}));
    stage.frame("executing", json!({"node": null}));
    stage.frame("executing", json!({"node": null, "prompt_id": null}));
    assert_eq!(stage.finished, None);
    stage.own("executing", json!({"node": null}));
    assert_eq!(stage.terminal().name, "completed");
}

#[test]
fn p02_history_says_error_while_the_socket_is_silent_and_nobody_tells() {
    let mut stage = begun();
    stage.wait(1_000.0);
    stage.serve(ended(failed_item()));
    stage.wait(10_000.0);
    let end = stage.terminal();
    assert_eq!((end.name.as_str(), end.event.at), ("error", 5_000.0), "at the idle timeout");
    assert_eq!(end.data["failure"]["exception_message"], "boom");
}

#[test]
fn p03_an_interruption_is_reported_as_completed_at_the_executing_null_after_it() {
    let mut stage = begun();
    stage.own("execution_interrupted", json!({"node_id": "1", "node_type": "Load"}));
    stage.own("executing", json!({"node": null}));
    assert_eq!(stage.terminal().name, "interrupted");
    // The same where the interruption's frame was lost with the connection: only the history knows.
    let mut stage = begun();
    stage.input(Input::SocketClosed);
    stage.wait(20.0);
    stage.serve(Box::new(|_, _| None));
    stage.input(Input::SocketOpened);
    stage.serve(ended(json!({"status": {"status_str": "error",
        "messages": [["execution_interrupted", {"node_id": "1"}]]}})));
    stage.own("executing", json!({"node": null}));
    stage.wait(60_000.0);
    assert_eq!(stage.terminal().name, "interrupted");
}

#[test]
fn p04_a_prompt_that_is_removed_from_the_queue_is_waited_for_for_ever() {
    let waits = |_, probe| {
        Some(match probe {
            Probe::History => history("{}", "mine"),
            Probe::Queue => queue(r#"{"queue_running": [[1, "theirs"]], "queue_pending": [[2, "mine"]]}"#, "mine"),
        })
    };
    let mut stage = Stage::accepted(Settings::default(), &prompt(), Box::new(waits));
    stage.wait(60_000.0);
    assert_eq!(stage.finished, None);
    stage.serve(Box::new(unknown));
    stage.wait(10_000.0);
    let end = stage.terminal();
    assert_eq!((end.name.as_str(), &end.data), ("error", &json!("vanished")));
    assert_eq!(end.event.detected_by, Some(DetectedBy::Queue));
    // One look is not enough: a prompt can leave the queue between two questions.
    let looks = stage.asked.iter().filter(|(at, probe)| *at > 60_000.0 && *probe == Probe::Queue).count();
    assert_eq!(looks, 3);
}

#[test]
fn p05_frames_that_come_before_the_submission_is_answered_are_lost() {
    let mut stage = Stage::new(Settings::default(), &prompt(), "mine", Box::new(running));
    stage.input(Input::SocketOpened);
    stage.input(Input::Submitting);
    stage.own("execution_start", json!({}));
    stage.own("executing", json!({"node": "1"}));
    stage.frame("executing", json!({"node": "9", "prompt_id": "theirs"}));
    assert!(stage.told.is_empty());
    stage.wait(100.0);
    stage.input(Input::Accepted("mine"));
    assert_eq!(stage.names(), ["submitted", "connection open", "execution_start", "executing"]);
    // Very old servers run it under an id of their own: which frames are ours is known only now.
    let mut stage = Stage::new(Settings::default(), &prompt(), "mine", Box::new(running));
    stage.input(Input::SocketOpened);
    stage.input(Input::Submitting);
    stage.frame("execution_start", json!({"prompt_id": "minted"}));
    stage.input(Input::Accepted("minted"));
    assert_eq!(stage.names(), ["submitted", "connection open", "execution_start"]);
}

#[test]
fn p06_one_long_silence_gives_the_socket_or_the_run_up() {
    let mut stage = begun();
    stage.wait(50_000.0);
    assert_eq!((stage.finished.clone(), stage.opened, stage.replaced), (None, 1, 0));
    let before = stage.told.len();
    stage.own("progress", json!({"node": "1", "value": 1, "max": 2}));
    stage.own("executed", json!({"node": "3", "output": {"text": ["x"]}}));
    stage.own("executing", json!({"node": null}));
    assert_eq!(stage.names()[before..], ["connection open", "progress", "executed", "executing", "completed"]);
    assert_eq!(stage.terminal().event.detected_by, None);
    // And it does not go on asking once the socket speaks.
    let mut stage = begun();
    stage.wait(10_000.0);
    stage.own("progress", json!({"node": "1", "value": 1, "max": 2}));
    let asked = stage.asked.len();
    stage.wait(4_000.0);
    assert_eq!(stage.asked.len(), asked);
}

#[test]
fn p07_an_end_that_leaves_nodes_unaccounted_for_costs_seconds_of_requests() {
    let mut stage = begun();
    stage.own("executed", json!({"node": "3", "output": {"text": ["x"]}}));
    stage.own("execution_success", json!({}));
    stage.own("executing", json!({"node": null}));
    let end = stage.terminal();
    assert_eq!((end.event.progress.nodes_done.len(), end.event.progress.nodes_progress), (3, 1.0));
    assert!(stage.asked.is_empty());
}

#[test]
fn p08_two_json_objects_in_one_message_are_dropped() {
    let mut stage = begun();
    stage.text(concat!(
        r#"{"type": "execution_success", "data": {"prompt_id": "mine"}}"#,
        r#"{"type": "executing", "data": {"node": null, "prompt_id": "mine"}}"#
    ));
    assert_eq!(stage.terminal().name, "completed");
}

#[test]
fn p09_another_program_with_our_client_id_takes_our_events_for_good() {
    // From here on the server sends our frames elsewhere: our socket stays open, without a word. That the next prompt
    // of the queue changes shows that there would have been something to hear.
    let mut stage = begun();
    let mut answers = 0;
    stage.serve(Box::new(move |now, probe| {
        answers += 1;
        let pending = if answers > 4 { r#"[[2, "theirs"]]"# } else { "[]" };
        let body = format!(r#"{{"queue_running": [[1, "mine"]], "queue_pending": {pending}}}"#);
        if probe == Probe::History { running(now, probe) } else { Some(queue(&body, "mine")) }
    }));
    stage.wait(15_000.0);
    assert_eq!(stage.replaced, 1, "the stale socket is replaced");
    stage.input(Input::SocketOpened);
    stage.own("executing", json!({"node": "2"}));
    stage.serve(ended(completed_item()));
    stage.own("executing", json!({"node": null}));
    stage.wait(1_000.0);
    assert_eq!(stage.terminal().name, "completed");
    assert!(stage.names().contains(&"executed"), "what was shown meanwhile is told from the history");
}

#[test]
fn p10_the_base_path_of_the_server_url_is_ignored() {
    for url in ["https://host.example/comfy/", "https://host.example/comfy", "wss://host.example/comfy//"] {
        let address = Address::read(url).expect(url);
        assert_eq!(address.http("/prompt"), "https://host.example/comfy/prompt");
        assert_eq!(address.socket("me"), "wss://host.example/comfy/ws?clientId=me");
    }
}

fn binary(words: &[u32], rest: &[u8]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).chain(rest.iter().copied()).collect()
}

#[test]
fn p11_binary_frames_are_not_understood() {
    let mut stage = begun();
    stage.binary(&binary(&[1, 2], b"\x89PNG and so on"));
    stage.binary(&binary(&[3, 1], b"1loading"));
    let metadata = br#"{"prompt_id": "mine", "node_id": "2", "image_type": "image/webp"}"#;
    stage.binary(&binary(&[4, metadata.len() as u32], &[&metadata[..], b"..."].concat()));
    let theirs = br#"{"prompt_id": "theirs", "node_id": "2", "image_type": "image/webp"}"#;
    stage.binary(&binary(&[4, theirs.len() as u32], &[&theirs[..], b"..."].concat()));
    let told: Vec<(&str, &Value)> = stage.told[4..].iter().map(|told| (told.name.as_str(), &told.data)).collect();
    assert_eq!(
        told,
        [
            ("preview", &json!(["1", "image/png"])),
            ("progress_text", &json!(["1", "loading"])),
            ("preview", &json!(["2", "image/webp"])),
        ]
    );
}

#[test]
fn p12_a_run_found_finished_by_polling_tells_its_callback_but_never_settles() {
    let mut stage = begun();
    stage.serve(ended(completed_item()));
    stage.wait(10_000.0);
    assert_eq!(stage.terminal().name, "completed");
    assert_eq!(stage.finished, Some(Finish::Ended(End::Completed)));
}

#[test]
fn p13_another_prompts_success_or_failure_settles_ours() {
    let mut stage = begun();
    for kind in ["execution_success", "execution_error", "execution_interrupted"] {
        stage.frame(kind, json!({"prompt_id": "theirs", "node_id": "1", "exception_message": "boom"}));
        stage.frame(kind, json!({"node_id": "1", "exception_message": "boom"}));
    }
    stage.wait(4_000.0);
    assert_eq!((stage.finished, stage.asked.len()), (None, 0));
}

#[test]
fn p14_the_second_drop_of_the_socket_is_not_repaired() {
    let mut stage = begun();
    for drop in 1..=50 {
        stage.input(Input::SocketClosed);
        stage.wait(10_000.0);
        assert_eq!(stage.opened, 1 + drop, "opened again after drop {drop}");
        if drop % 3 > 0 {
            // Some tries fail outright.
            stage.input(Input::SocketOpened);
        }
    }
    stage.input(Input::SocketOpened);
    let before = stage.told.len();
    stage.own("executing", json!({"node": "2"}));
    assert_eq!(stage.names()[before..], ["executing"]);
}

#[test]
fn p15_a_failure_during_a_round_trip_to_the_history_loses_the_real_error() {
    let mut stage = begun();
    stage.serve(Box::new(|_, _| None));
    stage.wait(5_100.0);
    assert_eq!(stage.asked.len(), 1, "a question is on its way");
    stage.own("execution_error", json!({"node_id": "2", "node_type": "Sample", "exception_message": "boom"}));
    stage.input(Input::Answer(1, history("{}", "mine")));
    let end = stage.terminal();
    assert_eq!((end.name.as_str(), &end.data["exception_message"]), ("error", &json!("boom")));
}

#[test]
fn p16_another_prompts_progress_reaches_our_callback() {
    let mut stage = begun();
    let before = stage.lines();
    stage.frame("progress", json!({"node": "1", "value": 3, "max": 4, "prompt_id": "theirs"}));
    stage.frame("progress_state", json!({"nodes": {"1": {"state": "finished"}}, "prompt_id": "theirs"}));
    stage.frame("executing", json!({"node": "2", "prompt_id": "theirs"}));
    stage.frame("executed", json!({"node": "3", "output": {"text": ["x"]}, "prompt_id": "theirs"}));
    // A picture and a text that name no prompt are of the one whose frames came last.
    stage.binary(&binary(&[1, 1], b"\xff\xd8\xff"));
    stage.binary(&binary(&[3, 1], b"1loading"));
    assert_eq!(stage.lines(), before);
    stage.own("progress", json!({"node": "1", "value": 1, "max": 4}));
    let seen = &stage.told.last().expect("progress").event.progress;
    assert_eq!((seen.node_current.as_deref(), seen.node_progress_value), (Some("1"), 1.0));
    assert_eq!((seen.nodes_done.len(), stage.run.outputs().count()), (0, 0));
}

#[test]
fn p17_a_dead_server_is_reconnected_to_after_it_was_given_up() {
    let mut stage = Stage::accepted(Settings::default(), &prompt(), Box::new(|_, _| Some(Answer::Failed(None))));
    stage.input(Input::SocketClosed);
    for _ in 0..20 {
        stage.wait(10_000.0);
        stage.input(Input::SocketClosed);
    }
    assert_eq!(stage.finished, None, "a server that cannot be reached may still run it");
    assert!(stage.names().iter().filter(|name| **name == "connection reconnecting").count() > 10);
    stage.input(Input::Leave);
    assert_eq!((stage.finished.clone(), stage.run.poll_timeout()), (Some(Finish::Abandoned), None));
    let (opened, asked) = (stage.opened, stage.asked.len());
    stage.wait(600_000.0);
    stage.input(Input::SocketClosed);
    stage.input(Input::Timeout);
    assert_eq!((stage.opened, stage.asked.len()), (opened, asked));
    // And a socket that neither opens nor fails is tried anew, and does not keep the run from its end.
    let mut stage = Stage::new(Settings::default(), &prompt(), "mine", ended(completed_item()));
    stage.wait(60_000.0);
    assert!(stage.replaced >= 2);
    stage.input(Input::Submitting);
    stage.input(Input::Accepted("mine"));
    stage.wait(1_000.0);
    assert_eq!(stage.terminal().name, "completed");
}

#[test]
fn p18_a_run_that_ends_before_the_answer_to_its_submission_is_waited_for_for_ever() {
    let mut stage = Stage::new(Settings::default(), &prompt(), "mine", Box::new(unknown));
    stage.input(Input::SocketOpened);
    stage.input(Input::Submitting);
    for (kind, data) in [("execution_start", json!({})), ("executing", json!({"node": null}))] {
        stage.own(kind, data);
    }
    stage.wait(30_000.0);
    stage.input(Input::Accepted("mine"));
    assert_eq!(stage.terminal().name, "completed");
    // Without a socket nobody tells: it is asked for.
    let mut stage = without_socket(ended(completed_item()));
    stage.wait(1_000.0);
    assert_eq!(stage.terminal().event.detected_by, Some(DetectedBy::History));
}

#[test]
fn p19_a_run_that_ends_while_the_socket_is_gone_is_waited_for_for_ever() {
    let mut stage = begun();
    stage.input(Input::SocketClosed);
    stage.serve(ended(completed_item()));
    stage.wait(1_000.0);
    assert_eq!(stage.terminal().event.detected_by, Some(DetectedBy::History));
    // The same where the first question after the drop came too early, and the socket is open again since.
    let mut stage = begun();
    stage.input(Input::SocketClosed);
    stage.wait(300.0);
    stage.serve(ended(completed_item()));
    stage.input(Input::SocketOpened);
    stage.wait(1_000.0);
    assert_eq!(stage.terminal().name, "completed");
    // And where that question was still on its way when the socket opened: what it learns is older than the end.
    let mut stage = begun();
    stage.serve(Box::new(|_, _| None));
    stage.input(Input::SocketClosed);
    stage.input(Input::Answer(1, history("{}", "mine")));
    stage.wait(300.0);
    stage.input(Input::SocketOpened);
    stage.serve(ended(completed_item()));
    stage.input(Input::Answer(2, running(0.0, Probe::Queue).expect("an answer")));
    stage.wait(1_000.0);
    assert_eq!(stage.terminal().name, "completed");
}

#[test]
fn p20_a_server_that_takes_a_while_after_execution_success_is_checked_once_and_never_again() {
    let mut stage = begun();
    stage.own("execution_success", json!({}));
    stage.wait(4_000.0);
    assert!(stage.rounds() >= 3, "{:?}", stage.asked);
    assert_eq!(stage.finished, None);
    stage.serve(ended(completed_item()));
    stage.wait(5_000.0);
    assert_eq!(stage.terminal().name, "completed");
}

#[test]
fn p21_one_500_is_read_as_done_or_gone() {
    for status in [500, 502, 404, 200] {
        let mut stage = begun();
        stage.serve(Box::new(move |_, _| Some(Answer::Failed(Some(status)))));
        stage.wait(30_000.0);
        assert_eq!(stage.finished, None, "{status}");
        stage.serve(Box::new(running));
        stage.wait(30_000.0);
        assert_eq!(stage.finished, None, "{status}");
    }
    // Nor does a history that fails count as one that does not know the prompt, or a single look as certainty.
    let mut stage = begun();
    stage.serve(Box::new(
        |now, probe| {
            if probe == Probe::History { Some(Answer::Failed(Some(500))) } else { unknown(now, probe) }
        },
    ));
    stage.wait(30_000.0);
    assert_eq!(stage.finished, None);
    let mut looks = 0;
    stage.serve(Box::new(move |now, probe| {
        looks += u32::from(probe == Probe::Queue);
        if looks % 3 == 0 { running(now, probe) } else { unknown(now, probe) }
    }));
    stage.wait(60_000.0);
    assert_eq!(stage.finished, None);
}

#[test]
fn p22_the_first_executed_is_taken_for_the_end() {
    let mut stage = begun();
    for node in ["1", "2", "3"] {
        stage.own("executed", json!({"node": node, "output": {"text": [node]}}));
        assert_eq!(stage.finished, None);
    }
    stage.own("executing", json!({"node": null}));
    assert_eq!(stage.run.outputs().map(|(node, _)| node).collect::<Vec<_>>(), ["1", "2", "3"]);
}

#[test]
fn p23_a_pending_run_that_is_cancelled_never_settles() {
    let mut stage = Stage::accepted(Settings::default(), &prompt(), Box::new(running));
    stage.input(Input::Cancel);
    assert_eq!(
        (stage.terminal().name.as_str(), &stage.terminal().data, stage.cancelled),
        ("interrupted", &json!("cancelled"), 1)
    );
    // While the submission is on its way the server may have it already; before that there is nothing to cancel.
    for (sent, cancelled) in [(true, 1), (false, 0)] {
        let mut stage = Stage::new(Settings::default(), &prompt(), "mine", Box::new(running));
        if sent {
            stage.input(Input::Submitting);
        }
        stage.input(Input::Cancel);
        assert_eq!((stage.finished.clone(), stage.cancelled), (Some(Finish::Abandoned), cancelled));
    }
}

#[test]
fn p24_previews_pile_up_are_mixed_into_results_and_jpeg_is_labelled_png() {
    let mut stage = begun();
    for _ in 0..100 {
        stage.binary(&binary(&[1, 2], b"\xff\xd8\xff and a picture"));
    }
    assert_eq!(stage.told.last().expect("a preview").data, json!(["1", "image/jpeg"]));
    assert_eq!(stage.run.outputs().count(), 0);
    // The bytes stay with whoever has the frame: what the run knows of a picture is where it begins.
    let Some(BinaryFrame::Preview(preview)) = read_binary(&binary(&[1, 2], &[0; 100_000])) else { panic!("a preview") };
    assert_eq!((preview.image, preview.metadata), (8, None));
}

#[test]
fn p25_an_html_page_of_a_proxy_becomes_a_syntax_error() {
    let page = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    assert_eq!(HistoryAnswer::read(page, "mine"), None);
    assert_eq!(QueueAnswer::read(page, "mine"), None);
    assert_eq!(Rejected::read(page), Rejected::default());
    let mut stage = begun();
    stage.serve(Box::new(move |_, probe| {
        Some(if probe == Probe::History { history(page, "mine") } else { queue(page, "mine") })
    }));
    stage.wait(30_000.0);
    stage.text(page);
    assert_eq!(stage.finished, None);
}

#[test]
fn p26_a_failed_run_resolves_with_an_empty_result() {
    let mut stage = begun();
    stage.own("execution_error", json!({"node_id": "2", "exception_message": "boom", "exception_type": "ValueError"}));
    assert_eq!(stage.finished, Some(Finish::Ended(End::Error)));
    let mut stage = begun();
    stage.serve(ended(failed_item()));
    stage.wait(10_000.0);
    assert_eq!(stage.finished, Some(Finish::Ended(End::Error)));
    // Where the error's frame was lost with the connection, its `executing null` alone is no success.
    let mut stage = begun();
    stage.serve(Box::new(|_, _| None));
    stage.input(Input::SocketClosed);
    stage.input(Input::SocketOpened);
    stage.own("executing", json!({"node": null}));
    assert_eq!(stage.finished, None);
    stage.serve(ended(failed_item()));
    stage.wait(30_000.0);
    assert_eq!(stage.finished, Some(Finish::Ended(End::Error)));
}

#[test]
fn p27_one_connection_reset_while_polling_rejects_a_run_that_goes_on() {
    let mut stage = without_socket(Box::new(|_, _| Some(Answer::Failed(None))));
    stage.wait(590_000.0);
    assert_eq!(stage.finished, None, "nearly ten minutes without a server");
    stage.serve(ended(completed_item()));
    stage.wait(10_000.0);
    assert_eq!(stage.terminal().name, "completed");
}

#[test]
fn p28_the_error_of_an_execution_blocker_is_taken_for_the_end() {
    let mut stage = begun();
    stage.own("execution_error", json!({"node_id": "2", "exception_type": "ExecutionBlocked"}));
    assert_eq!(stage.finished, None);
    stage.own("executing", json!({"node": "3"}));
    stage.own("execution_success", json!({}));
    stage.own("executing", json!({"node": null}));
    assert_eq!(stage.terminal().name, "completed");
}

#[test]
fn p29_node_ids_of_subgraphs_are_not_understood() {
    let prompt = json!({
        "57:8": {"class_type": "Save", "inputs": {"images": ["57:3", 0]}},
        "57:3": {"class_type": "Sample", "inputs": {}},
    });
    let mut stage = Stage::accepted(Settings::default(), &prompt, Box::new(running));
    stage.own("executing", json!({"node": "57:8"}));
    stage.own("executed", json!({"node": "57:8", "output": {"images": []}}));
    let seen = &stage.told.last().expect("executed").event.progress;
    assert_eq!((seen.nodes_total.join(" "), seen.nodes_done.join(" ")), ("57:3 57:8".into(), "57:3 57:8".into()));
    // Nodes that are made while running are shown by the node that made them.
    stage.own("executing", json!({"node": "57:8.0.0.1", "display_node": "57:8"}));
    let seen = &stage.told.last().expect("executing").event.progress;
    assert_eq!((seen.node_current.as_deref(), seen.nodes_total.len()), (Some("57:8"), 2));
}

#[test]
fn p30_a_silent_socket_is_never_asked_about_or_every_20_ms() {
    let mut stage = begun();
    stage.wait(3_600_000.0);
    let rounds: Vec<f64> =
        stage.asked.iter().filter(|(_, probe)| *probe == Probe::History).map(|(at, _)| *at).collect();
    assert_eq!(rounds[0], 5_000.0);
    let gaps: Vec<f64> = rounds.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(gaps.iter().all(|gap| (500.0..=5_000.0).contains(gap)), "{gaps:?}");
    assert!(rounds.len() < 800, "it backs off: {} rounds in an hour", rounds.len());
    // Whatever happens: sockets that fail in a row do not make it ask more often.
    let mut stage = begun();
    for _ in 0..1000 {
        stage.input(Input::SocketClosed);
        stage.input(Input::SocketOpened);
        stage.wait(1.0);
    }
    assert!(stage.rounds() <= 3, "{} rounds in a second", stage.rounds());
}

#[test]
fn a_run_that_is_picked_up_again_finds_its_end_its_outputs_or_that_it_is_gone() {
    let resume = |server| {
        let frames = FrameSource::Socket { took_over: true };
        let setup = RunSetup { frames, ..RunSetup::new("", "mine") };
        Stage::of(Run::resumed(setup, -60_000.0, 0.0), server)
    };
    let mut stage = resume(ended(completed_item()));
    stage.wait(1_000.0);
    assert_eq!(stage.names(), ["executed", "completed"]);
    assert_eq!(stage.terminal().event.elapsed_ms, 60_000.0);
    let mut stage = resume(Box::new(unknown));
    stage.wait(5_000.0);
    assert_eq!(stage.terminal().data, "vanished");
    let mut stage = resume(Box::new(running));
    stage.input(Input::SocketOpened);
    stage.wait(500.0);
    stage.own("executing", json!({"node": "1"}));
    assert_eq!(stage.finished, None);
}
