//! Whatever a server sends: no panic, no endless work, and the rules of a run hold. The cases are the same each time;
//! `PROPTEST_RNG_SEED=n PROPTEST_CASES=n` plays others.

mod large;
mod reading;
mod runs;
#[path = "../support/mod.rs"]
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
