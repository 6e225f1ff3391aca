//! Whatever a server sends: no panic, no endless work, and the rules of a run hold. The cases are the same each time;
//! `PROPTEST_RNG_SEED=n PROPTEST_CASES=n` plays others.

mod support;

use std::rc::Rc;

use comfyui_autoflow::protocol::address::Address;
use comfyui_autoflow::protocol::binary::{BinaryFrame, HEADER_LENGTH, Header};
use comfyui_autoflow::protocol::frame::Frame;
use comfyui_autoflow::protocol::history::HistoryAnswer;
use comfyui_autoflow::protocol::queue::{QueueAnswer, QueuePosition};
use comfyui_autoflow::protocol::submission::{Accepted, Rejected};
use comfyui_autoflow::session::run::effect::Finish;
use comfyui_autoflow::session::run::event::EventKind;
use comfyui_autoflow::session::run::graph::Graph;
use comfyui_autoflow::session::run::input::Answer;
use comfyui_autoflow::session::run::progress::Progress;
use comfyui_autoflow::session::run::settings::Settings;
use comfyui_autoflow::session::run::setup::{FrameSource, RunSetup};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Map, Value, json};
use support::recording::{self, Said};
use support::{Effect, Input, Run};

fn config(cases: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    let fixed = std::env::var_os("PROPTEST_RNG_SEED").is_none();
    ProptestConfig {
        cases: if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { cases },
        rng_seed: if fixed { RngSeed::Fixed(20_000) } else { asked.rng_seed },
        failure_persistence: None,
        ..asked
    }
}

/// Words that frames, histories and prompts are made of, so that nonsense gets past the first look.
const WORDS: &[&str] = &[
    "type",
    "data",
    "prompt_id",
    "mine",
    "theirs",
    "node",
    "nodes",
    "node_id",
    "node_type",
    "value",
    "max",
    "state",
    "running",
    "finished",
    "output",
    "sid",
    "status",
    "executing",
    "executed",
    "progress",
    "progress_state",
    "execution_start",
    "execution_cached",
    "execution_success",
    "execution_error",
    "execution_interrupted",
    "exception_type",
    "ExecutionBlocked",
    "exception_message",
    "status_str",
    "error",
    "success",
    "messages",
    "outputs",
    "prompt",
    "inputs",
    "class_type",
    "queue_running",
    "queue_pending",
    "number",
    "node_errors",
    "message",
    "details",
    "errors",
    "1",
    "2",
    "3",
    "12:3",
    "feature_flags",
    "\u{1f600}",
    "",
    "NaN",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![8 => prop::sample::select(WORDS).prop_map(str::to_owned), 1 => ".{0,12}"]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        2 => any::<i64>().prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        2 => any::<f64>().prop_map(Value::from),
        6 => word().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 48, 8, |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            3 => prop::collection::vec((word(), inner), 0..8)
                .prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A frame of a known type with anything for its fields.
fn any_frame() -> impl Strategy<Value = Value> {
    let kinds = prop::sample::select(&WORDS[16..26]);
    let ids = prop_oneof![4 => Just(json!("mine")), 1 => Just(json!("theirs")), 1 => any_json()];
    let nodes =
        prop_oneof![4 => prop::sample::select(&["1", "2", "3", "12:3"][..]).prop_map(Value::from), 1 => any_json()];
    let steps = prop_oneof![4 => (0..30i64).prop_map(Value::from), 1 => any_json()];
    let states = prop::collection::vec((word(), prop_oneof![Just("running"), Just("finished")], any::<f64>()), 0..5);
    (kinds, ids, nodes, (steps.clone(), steps), states, any_json()).prop_map(
        |(kind, id, node, (value, max), states, other)| {
            let mut data = json!({"prompt_id": id, "node": node, "value": value, "max": max, "output": other});
            if kind == "execution_cached" {
                data["nodes"] = json!([node, other, "3"]);
            }
            if kind == "progress_state" {
                let entry =
                    |(id, state, value): (String, &str, f64)| (id, json!({"state": state, "value": value, "max": 4}));
                data["nodes"] = Value::Object(states.into_iter().map(entry).collect());
            }
            json!({"type": kind, "data": data})
        },
    )
}

/// A text of a real server with something cut, doubled or replaced.
fn damaged(texts: Vec<String>) -> impl Strategy<Value = String> {
    (prop::sample::select(texts), any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..6u8, word()).prop_map(
        |(text, from, to, how, word)| {
            let at = |index: &prop::sample::Index| {
                let mut at = index.index(text.len() + 1);
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            let (from, to) = (at(&from).min(at(&to)), at(&from).max(at(&to)));
            match how {
                0 => text[..from].to_owned(),
                1 => text[from..].to_owned(),
                2 => format!("{}{}", &text[..from], &text[to..]),
                3 => format!("{}{word}{}", &text[..from], &text[to..]),
                4 => format!("{text}{}", &text[from..to]),
                _ => format!("{}{}{}", &text[..to], &text[from..to], &text[to..]),
            }
        },
    )
}

fn recorded_frames() -> Vec<String> {
    let said = recording::all().into_iter().flat_map(|recording| recording.said);
    said.filter_map(|(_, said)| if let Said::Text(frame) = said { Some(frame.to_string()) } else { None }).collect()
}

fn recorded_histories() -> Vec<String> {
    let said = recording::all().into_iter().flat_map(|recording| recording.said);
    said.filter_map(|(_, said)| if let Said::History(body) = said { Some(body.to_string()) } else { None }).collect()
}

fn read_frames(text: &str) -> usize {
    let mut seen = 0;
    let count = Frame::read(text, &mut |frame| {
        seen += 1;
        // A frame's text is one JSON value by itself, and reads as the same frame again.
        let again = Frame::read(frame.text, &mut |again| assert_eq!(again, frame));
        assert_eq!(again, 1, "{}", frame.text);
    });
    assert_eq!(seen, count);
    count
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn any_text_reads_as_frames_or_none(text in ".{0,200}", json in any_json(), frame in any_frame()) {
        read_frames(&text);
        read_frames(&json.to_string());
        prop_assert_eq!(read_frames(&frame.to_string()), 1);
        prop_assert_eq!(read_frames(&format!("{frame}{frame}\n{frame}")), 3);
    }

    #[test]
    fn damaged_frames_read_as_far_as_they_go(text in damaged(recorded_frames())) {
        read_frames(&text);
    }

    #[test]
    fn nan_and_halves_of_surrogates_anywhere_lose_no_frame(frame in any_frame(), word in "[a-z]{0,4}") {
        for (from, to) in [("null", "NaN"), ("null", "-Infinity"), ("\"mine\"", r#""mine\udc80""#), ("true", "Infinity")] {
            let text = frame.to_string().replace(from, to).replace("prompt_id", &format!("prompt_id{word}"));
            prop_assert_eq!(read_frames(&text), 1, "{}", text);
        }
    }

    #[test]
    fn any_bytes_read_as_a_binary_frame_or_none(
        kind in 0..6u32, second in prop_oneof![0..64u32, any::<u32>()], rest in prop::collection::vec(any::<u8>(), 0..64),
        claimed in any::<usize>(),
    ) {
        let bytes: Vec<u8> = kind.to_be_bytes().into_iter().chain(second.to_be_bytes()).chain(rest).collect();
        for cut in 0..bytes.len() {
            let bytes = &bytes[..cut];
            if let Some(BinaryFrame::Preview(preview)) = support::read_binary(bytes) {
                prop_assert!(preview.image <= bytes.len());
            }
            // A length that is not the frame's, as a broken caller might give.
            let _ = Header::read(&bytes[..cut.min(HEADER_LENGTH)], claimed);
        }
    }

    #[test]
    fn any_answer_reads_as_a_history_or_none(json in any_json(), item in any_json(), text in damaged(recorded_histories())) {
        let wrapped = json!({"mine": item, "other": json}).to_string();
        for text in [&json.to_string(), &wrapped, &text] {
            if let Some(HistoryAnswer::Ended(item)) = HistoryAnswer::read(text, "mine") {
                prop_assert!(serde_json::from_str::<Value>(&item.text).is_ok());
                for (_, output) in &item.outputs {
                    prop_assert!(serde_json::from_str::<Value>(output).is_ok());
                }
            }
        }
    }

    #[test]
    fn any_answer_reads_as_a_queue_or_none(
        running in prop::collection::vec(any_json(), 0..4), numbers in prop::collection::vec(any_json(), 0..8),
    ) {
        let entry = |(at, number): (usize, &Value)| json!([number, if at == 2 { "mine" } else { "theirs" }, {}]);
        let pending: Vec<Value> = numbers.iter().enumerate().map(entry).collect();
        let text = json!({"queue_running": running, "queue_pending": pending}).to_string();
        let answer = QueueAnswer::read(&text, "mine").expect("a queue");
        if let QueuePosition::Waiting(place) = answer.position {
            prop_assert!((1..=pending.len()).contains(&place));
        }
        prop_assert_eq!((answer.running, answer.pending), (running.len(), pending.len()));
    }

    #[test]
    fn any_reply_to_a_submission_is_read(json in any_json(), text in ".{0,80}") {
        for text in [json.to_string(), json!({"error": json, "node_errors": json}).to_string(), text] {
            let _ = Accepted::read(&text);
            let _ = Rejected::read(&text).explain();
        }
    }

    #[test]
    fn any_text_is_an_address_or_none(text in ".{0,60}", tail in "[a-z0-9:/@%?#\\[\\].]{0,40}") {
        for text in [text, format!("http://{tail}"), tail] {
            if let Ok(address) = Address::read(&text) {
                // What it makes reads as the same address, and never shows a login.
                let again = Address::read(&address.base()).expect("its own base");
                prop_assert_eq!(again.base(), address.base());
                prop_assert!(again.login.is_none());
            }
        }
    }

    #[test]
    fn any_prompt_is_a_graph_of_all_its_nodes(links in prop::collection::vec((0..12usize, 0..14usize), 0..40), odd in any_json()) {
        let mut prompt = Map::new();
        for at in 0..12 {
            let inputs = links.iter().enumerate().filter(|(_, (to, _))| *to == at);
            let inputs: Map<String, Value> =
                inputs.map(|(slot, (_, from))| (slot.to_string(), json!([from.to_string(), slot]))).collect();
            prompt.insert(at.to_string(), json!({"inputs": inputs}));
        }
        prompt.insert("odd".into(), odd.clone());
        let graph = Graph::new(&Value::Object(prompt).to_string());
        let mut ids: Vec<&str> = graph.ids.iter().map(|id| &**id).collect();
        prop_assert_eq!(ids.len(), 13);
        ids.sort();
        ids.dedup();
        prop_assert_eq!(ids.len(), 13, "each node once");
        let acyclic = links.iter().all(|(to, from)| from < to);
        if acyclic {
            for node in 0..graph.len() {
                prop_assert!(graph.parents(node).iter().all(|parent| *parent < node), "parents come first");
            }
        }
        let _ = Graph::new(&odd.to_string());
    }

}

proptest! {
    // Cases of many frames: fewer of them say as much.
    #![proptest_config(config(120))]

    #[test]
    fn progress_never_falls_and_its_lists_agree(frames in prop::collection::vec(any_frame(), 0..40), cycle in any::<bool>()) {
        let prompt = json!({
            "1": {"inputs": {"x": ["12:3", 0], "y": [if cycle { "3" } else { "2" }, 0]}},
            "2": {"inputs": {}},
            "12:3": {"inputs": {"x": ["2", 0]}},
            "3": {"inputs": {"x": ["1", 0]}},
        });
        let mut progress = Progress::new(Graph::new(&prompt.to_string()));
        let mut shown = 0.0;
        for (at, frame) in frames.iter().enumerate() {
            Frame::read(&frame.to_string(), &mut |frame| progress.update(at as f64, &frame.body));
            if at == 20 {
                progress.learn_graph(Graph::new(&prompt.to_string()));
            }
            let seen = progress.snapshot();
            prop_assert!((shown..=1.0).contains(&seen.nodes_progress), "{} after {}", seen.nodes_progress, shown);
            shown = seen.nodes_progress;
            let mut done: Vec<_> = seen.nodes_completed.iter().chain(seen.nodes_skipped.iter()).cloned().collect();
            done.sort();
                let mut listed = (*seen.nodes_done).clone();
            listed.sort();
            prop_assert_eq!(done, listed);
        }
        progress.complete_run();
        prop_assert_eq!((progress.snapshot().nodes_progress, progress.snapshot().nodes_done.len()), (1.0, 4));
    }
}

/// An input of a run. Steps come in any order, sensible or not.
#[derive(Debug, Clone)]
enum Step {
    Submitting,
    Accepted(bool),
    Opened,
    Closed,
    Text(String),
    Binary(Vec<u8>),
    Foreign,
    Answer(u32, Box<Answer>),
    Timeout,
    Cancel,
    Leave,
}

fn any_step() -> impl Strategy<Value = Step> {
    let history = prop_oneof![
        Just("{}".to_owned()),
        any_json().prop_map(|item| json!({"mine": item}).to_string()),
        any_json().prop_map(|json| json.to_string()),
    ];
    let queue = prop_oneof![
        Just(r#"{"queue_running": [[1, "mine"]], "queue_pending": []}"#.to_owned()),
        Just(r#"{"queue_running": [], "queue_pending": [[4, "mine"]]}"#.to_owned()),
        Just(r#"{"queue_running": [], "queue_pending": []}"#.to_owned()),
    ];
    let status = prop::option::of(prop::sample::select(vec![200u16, 401, 403, 404, 429, 500, 502]));
    let answer = prop_oneof![
        3 => history.prop_map(|text| support::history(&text, "mine")),
        3 => queue.prop_map(|text| support::queue(&text, "mine")),
        2 => status.prop_map(Answer::Failed),
    ];
    let bytes = (1..5u8, prop::collection::vec(any::<u8>(), 4..40));
    prop_oneof![
        4 => Just(Step::Submitting),
        4 => any::<bool>().prop_map(Step::Accepted),
        4 => Just(Step::Opened),
        4 => Just(Step::Closed),
        40 => any_frame().prop_map(|frame| Step::Text(frame.to_string())),
        4 => any_json().prop_map(|json| Step::Text(json.to_string())),
        4 => bytes.prop_map(|(kind, rest)| Step::Binary([&[0, 0, 0, kind][..], &rest].concat())),
        2 => Just(Step::Foreign),
        20 => (0..40u32, answer).prop_map(|(id, answer)| Step::Answer(id, Box::new(answer))),
        20 => Just(Step::Timeout),
        1 => Just(Step::Cancel),
        1 => Just(Step::Leave),
    ]
}

/// Gives a run an input and returns its effects.
fn take(run: &mut Run, now: f64, step: &Step) -> Vec<Effect<Rc<str>>> {
    match step {
        Step::Submitting => run.handle(now, Input::Submitting),
        Step::Accepted(mine) => run.handle(now, Input::Accepted(if *mine { "mine" } else { "minted" })),
        Step::Opened => run.handle(now, Input::SocketOpened),
        Step::Closed => run.handle(now, Input::SocketClosed),
        Step::Text(text) => {
            Frame::read(text, &mut |frame| run.handle(now, Input::Frame(frame, Rc::from(frame.text))));
        }
        Step::Binary(bytes) => {
            if let Some(frame) = support::read_binary(bytes) {
                run.handle(now, Input::Binary(&frame, Rc::from("")));
            }
        }
        Step::Foreign => run.handle(now, Input::OtherPromptFrame),
        Step::Answer(id, answer) => run.handle(now, Input::Answer(*id, (**answer).clone())),
        Step::Timeout => run.handle(now, Input::Timeout),
        Step::Cancel => run.handle(now, Input::Cancel),
        Step::Leave => run.handle(now, Input::Leave),
    }
    effects(run)
}

fn effects(run: &mut Run) -> Vec<Effect<Rc<str>>> {
    std::iter::from_fn(|| run.poll_effect()).collect()
}

fn prompt() -> Value {
    json!({"1": {"inputs": {"x": ["2", 0]}}, "2": {"inputs": {}}, "3": {"inputs": {"x": ["1", 0]}}, "12:3": {}})
}

proptest! {
    #![proptest_config(config(120))]

    #[test]
    fn a_run_ends_at_most_once_whatever_it_is_told(
        steps in prop::collection::vec((any_step(), 0.0..3000.0f64), 0..120), resumed in any::<bool>(), socket in any::<bool>(),
    ) {
        let prompt = prompt().to_string();
        let frames = if socket { FrameSource::Socket { took_over: false } } else { FrameSource::None };
        let settings = Settings { poll_queue: resumed, ..Settings::default() };
        let setup = RunSetup { settings, frames, ..RunSetup::new(if resumed { "" } else { &prompt }, "mine") };
        let mut run = if resumed { Run::resumed(setup, -5.0, 0.0) } else { Run::new(setup, 0.0) };
        effects(&mut run);
        let (mut now, mut terminal, mut finish, mut shown, mut at) = (0.0, None, None, 0.0, f64::NEG_INFINITY);
        for (step, pause) in &steps {
            now += pause;
            for effect in take(&mut run, now, step) {
                prop_assert!(finish.is_none(), "{:?} follows the finish", effect);
                match effect {
                    Effect::Emit(event) => {
                        prop_assert!(terminal.is_none(), "an event follows the end");
                        prop_assert!(event.at >= at && event.at <= now);
                        at = event.at;
                        prop_assert!((shown..=1.0).contains(&event.progress.nodes_progress));
                        shown = event.progress.nodes_progress;
                        if let EventKind::End(end, _) = event.kind {
                            terminal = Some(end);
                        }
                    }
                    Effect::Finish(finished) => finish = Some(finished),
                    _ => {}
                }
            }
            match (&finish, terminal) {
                (None, None) => prop_assert!(!run.is_finished()),
                (Some(Finish::Ended(end)), Some(event)) => prop_assert_eq!(*end, event),
                (Some(Finish::Abandoned), None) => {}
                other => prop_assert!(false, "{:?}", other),
            }
            if finish.is_some() {
                prop_assert_eq!(run.poll_timeout(), None);
            } else if run.is_accepted() {
                prop_assert!(run.poll_timeout().is_some(), "a run that nobody wakes again");
            }
        }
    }

    #[test]
    fn frames_of_other_prompts_change_nothing(
        steps in prop::collection::vec((any_frame(), 0.0..400.0f64), 0..60),
        foreign in prop::collection::vec((any::<prop::sample::Index>(), any_frame()), 1..40),
    ) {
        let play = |with_foreign: bool| {
            let mut run = Run::new(RunSetup::new(&prompt().to_string(), "mine"), 0.0);
            for step in [Step::Opened, Step::Submitting, Step::Accepted(true)] {
                take(&mut run, 0.0, &step);
            }
            let (mut now, mut lines) = (0.0, Vec::new());
            for (at, (frame, pause)) in steps.iter().enumerate() {
                now += pause;
                // Frames that name no prompt are whose the last one was: they have a test of their own.
                let mut frame = frame.clone();
                frame["data"]["prompt_id"] = "mine".into();
                let others = foreign.iter().filter(|(index, _)| with_foreign && index.index(steps.len()) == at);
                for (_, other) in others {
                    let mut other = other.clone();
                    other["data"]["prompt_id"] = "theirs".into();
                    lines.extend(take(&mut run, now, &Step::Text(other.to_string())));
                }
                lines.extend(take(&mut run, now, &Step::Text(frame.to_string())));
            }
            // A probe that is due begins with whatever comes next.
            lines.retain(|effect| !matches!(effect, Effect::Ask(..)));
            lines.iter().map(|effect| format!("{effect:?}")).collect::<Vec<_>>()
        };
        let (with, without) = (play(true), play(false));
        let differs = with.iter().zip(&without).find(|(with, without)| with != without);
        prop_assert!(differs.is_none() && with.len() == without.len(), "{differs:#?}");
    }
}

/// Texts that make a careless reader slow, deep or fat. Each takes a moment; where work grew with the square of the
/// length this would take minutes.
#[test]
fn large_nonsense_is_read_in_one_go() {
    const LENGTH: usize = 1 << 20;
    let texts = [
        "[".repeat(LENGTH),
        "{\"a\":".repeat(LENGTH / 5),
        "N".repeat(LENGTH),
        "NaN ".repeat(LENGTH / 4),
        "-".repeat(LENGTH),
        "\\".repeat(LENGTH),
        format!("\"{}\"", "\\ud800".repeat(LENGTH / 6)),
        "1 ".repeat(LENGTH / 2),
        "{} ".repeat(LENGTH / 3),
        format!(
            r#"{{"type": "progress_state", "data": {{"nodes": {{{}"x": 1}}}}}}"#,
            r#""1": {"value": 1}, "#.repeat(100_000)
        ),
        format!(r#"{{"type": "execution_cached", "data": {{"nodes": [{}"x"]}}}}"#, r#""1", "#.repeat(500_000)),
        format!(
            r#"{{"type": "executed", "data": {{"node": "1", "output": {}{}}}}}"#,
            "[".repeat(LENGTH / 2),
            "]".repeat(LENGTH / 2)
        ),
    ];
    for text in &texts {
        Frame::read(text, &mut |_| {});
        let _ = HistoryAnswer::read(text, "mine");
        let _ = QueueAnswer::read(text, "mine");
        let _ = Accepted::read(text);
        let _ = Rejected::read(text);
        let _ = HistoryAnswer::read(&format!(r#"{{"mine": {{"outputs": {{"1": {text}}}}}}}"#), "mine");
    }
}

/// A prompt of many nodes in one long chain, and one where everything depends on everything.
#[test]
fn large_prompts_are_ordered_in_one_go() {
    let chain: Map<String, Value> =
        (0..20_000).map(|at| (at.to_string(), json!({"inputs": {"x": [(at + 1).to_string(), 0]}}))).collect();
    let graph = Graph::new(&Value::Object(chain).to_string());
    assert_eq!(graph.ids.first().map(|id| &**id), Some("19999"));
    let mut progress = Progress::new(graph);
    for node in ["\"0\"", "null"] {
        let text = format!(r#"{{"type": "executing", "data": {{"node": {node}}}}}"#);
        Frame::read(&text, &mut |frame| progress.update(0.0, &frame.body));
    }
    assert_eq!(progress.snapshot().nodes_skipped.len(), 19_999);
    let dense: Map<String, Value> = (0..600)
        .map(|at| {
            let inputs: Map<String, Value> =
                (0..at).map(|from| (from.to_string(), json!([from.to_string(), 0]))).collect();
            (at.to_string(), json!({"inputs": inputs}))
        })
        .collect();
    assert_eq!(Graph::new(&Value::Object(dense).to_string()).len(), 600);
}
