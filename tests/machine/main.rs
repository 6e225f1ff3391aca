//! What a run does where things go wrong that no recording shows: ends in a gap, servers that refuse or forget, clocks,
//! timeouts.

mod gaps;
mod servers;
mod submission;
#[path = "../support/mod.rs"]
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
