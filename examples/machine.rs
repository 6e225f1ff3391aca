//! What a frame costs: the run machine, from text to event, beside a plain parse of the same text by `serde_json`.
//! `cargo run --release --example machine`. Prints figures measured side by side in one run; asserts nothing.

use std::hint::black_box;
use std::time::Instant;

use comfyui_autoflow::protocol::frame::Frame;
use comfyui_autoflow::session::run::input::Input;
use comfyui_autoflow::session::run::machine::Run;
use comfyui_autoflow::session::run::setup::RunSetup;
use serde_json::{Map, Value, json};

const ID: &str = "5a2a4252-805d-4e03-909f-911d2d04685d";

/// A prompt of one chain.
fn prompt(nodes: usize) -> Value {
    let node = |at: usize| {
        let inputs = if at == 0 { json!({}) } else { json!({"x": [(at - 1).to_string(), 0], "seed": 5}) };
        (at.to_string(), json!({"class_type": "Node", "inputs": inputs}))
    };
    Value::Object((0..nodes).map(node).collect::<Map<_, _>>())
}

/// A run whose first half of nodes is done and whose middle one runs.
fn running(nodes: usize) -> Run<()> {
    let mut run = Run::new(RunSetup::new(&prompt(nodes).to_string(), ID), 0.0);
    let inputs = [Input::SocketOpened, Input::Submitting, Input::Accepted(ID)];
    inputs.into_iter().for_each(|input| run.handle(0.0, input));
    for text in [
        format!(r#"{{"type": "execution_start", "data": {{"prompt_id": "{ID}"}}}}"#),
        format!(r#"{{"type": "executing", "data": {{"node": "{}", "prompt_id": "{ID}"}}}}"#, nodes / 2),
    ] {
        Frame::read(&text, &mut |frame| run.handle(0.0, Input::Frame(frame, ())));
    }
    while run.poll_effect().is_some() {}
    run
}

/// Nanoseconds for one text, each of two ways, taken in turns so that a busy machine disturbs both: the best of many.
fn measure(texts: &[String], run: &mut Run<()>) -> (f64, f64) {
    const ROUNDS: usize = 60;
    let (mut machine, mut parse) = (f64::INFINITY, f64::INFINITY);
    let repeat = 200_000 / texts.iter().map(String::len).sum::<usize>() + 1;
    let count = (repeat * texts.len()) as f64;
    let mut now = 1.0;
    for _ in 0..ROUNDS {
        let began = Instant::now();
        for text in (0..repeat).flat_map(|_| texts) {
            now += 0.01;
            Frame::read(text, &mut |frame| run.handle(now, Input::Frame(frame, ())));
            while let Some(effect) = run.poll_effect() {
                black_box(effect);
            }
        }
        machine = machine.min(began.elapsed().as_nanos() as f64 / count);
        let began = Instant::now();
        for text in (0..repeat).flat_map(|_| texts) {
            black_box(serde_json::from_str::<Value>(text).expect("JSON"));
        }
        parse = parse.min(began.elapsed().as_nanos() as f64 / count);
    }
    (machine, parse)
}

fn progress(nodes: usize) -> Vec<String> {
    let node = nodes / 2;
    (1..=20)
        .map(|value| {
            format!(r#"{{"type": "progress", "data": {{"value": {value}, "max": 20, "prompt_id": "{ID}", "node": "{node}"}}}}"#)
        })
        .collect()
}

/// The whole snapshot: every node that has begun.
fn progress_state(nodes: usize, begun: usize) -> Vec<String> {
    (1..=20)
        .map(|value| {
            let entry = |at: usize| {
                let node = nodes / 2 + 1 - begun + at;
                let (value, state) = if at + 1 == begun { (value, "running") } else { (20, "finished") };
                format!(
                    r#""{node}": {{"value": {value}, "max": 20, "state": "{state}", "node_id": "{node}", "prompt_id": "{ID}", "display_node_id": "{node}", "parent_node_id": null, "real_node_id": "{node}"}}"#
                )
            };
            let entries: Vec<String> = (0..begun).map(entry).collect();
            format!(r#"{{"type": "progress_state", "data": {{"prompt_id": "{ID}", "nodes": {{{}}}}}}}"#, entries.join(", "))
        })
        .collect()
}

fn main() {
    println!("{:<38} {:>10} {:>10} {:>8}", "frame", "machine", "serde_json", "ratio");
    let mut lines: Vec<(&str, usize, f64)> = Vec::new();
    let mut show = |name: &'static str, nodes: usize, texts: &[String]| {
        let (machine, parse) = measure(texts, &mut running(nodes));
        println!("{name:<29} {nodes:>4} nodes {machine:>7.0} ns {parse:>7.0} ns {:>8.2}", machine / parse);
        lines.push((name, nodes, machine));
    };
    for nodes in [10, 1000] {
        show("progress", nodes, &progress(nodes));
        show("progress_state, 5 begun", nodes, &progress_state(nodes, 5));
    }
    show("progress_state, 500 begun", 1000, &progress_state(1000, 500));
    for name in ["progress", "progress_state, 5 begun"] {
        let at = |nodes| lines.iter().find(|line| line.0 == name && line.1 == nodes).expect("measured").2;
        println!("{name}: 1000 nodes cost {:.2} of 10 nodes", at(1000) / at(10));
    }
}
