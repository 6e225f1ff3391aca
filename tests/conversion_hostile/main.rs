//! Input that is broken, enormous or meant to do harm: a clear error or the right answer, never a panic or a hang.

mod broken;
mod circles;
mod deep;
mod huge;
mod products;
#[path = "../conversion/support.rs"]
mod support;

use comfyui_autoflow::workflow::convert;
use comfyui_autoflow::workflow::{ConvertError, ConvertOptions, ObjectInfo};
use serde_json::{Value, json};
use support::{object_info, prompt, try_convert};

fn converted(workflow: &Value) -> Value {
    prompt(&try_convert(workflow, &ConvertOptions::default()).unwrap())
}

fn refused(workflow: &Value) -> ConvertError {
    try_convert(workflow, &ConvertOptions::default()).unwrap_err()
}

/// Whatever comes of it: no panic, no hang.
fn survives(text: &str, object_info: &ObjectInfo) {
    let _ = convert(text, object_info, &ConvertOptions { allow_unknown: true, ..Default::default() });
}

fn output(ty: &str, links: &[usize]) -> Value {
    json!({"name": ty, "type": ty, "links": links})
}

fn input(name: &str, link: usize) -> Value {
    json!({"name": name, "type": "IMAGE", "link": link})
}

/// A `Source`, then `count` nodes of a type in a row, then a `Show`; node and link ids are positions.
fn chain(count: usize, middle: &Value) -> Value {
    let mut nodes = vec![json!({"id": 0, "type": "Source", "outputs": [output("IMAGE", &[0])]})];
    let mut links = Vec::new();
    for at in 1..=count {
        let mut node = middle.clone();
        node["id"] = json!(at);
        node["inputs"] = json!([input("a", at - 1)]);
        node["outputs"] = json!([output("IMAGE", &[at])]);
        nodes.push(node);
        links.push(json!([at - 1, at - 1, 0, at, 0, "IMAGE"]));
    }
    nodes.push(json!({"id": count + 1, "type": "Show", "inputs": [input("image", count)]}));
    links.push(json!([count, count, 0, count + 1, 0, "IMAGE"]));
    json!({"version": 0.4, "nodes": nodes, "links": links})
}

/// Definitions of which each holds `width` instances of the next; the last has one `Source`.
fn nested(levels: usize, width: usize) -> Value {
    let definition = |level: usize| {
        let ty = if level + 1 < levels { format!("level-{}", level + 1) } else { "Source".to_owned() };
        let nodes: Vec<Value> = (0..width).map(|at| json!({"id": at + 1, "type": ty})).collect();
        json!({"id": format!("level-{level}"), "inputs": [], "outputs": [], "links": [], "nodes": nodes})
    };
    json!({"nodes": [{"id": 1, "type": "level-0"}],
        "definitions": {"subgraphs": (0..levels).map(definition).collect::<Vec<_>>()}})
}
