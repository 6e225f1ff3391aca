//! What the editor's own frontend cannot tell: unknown types, dropped nodes, warnings, nodes that custom node packs
//! bring as code, and workflows that it loses links of or refuses without need.

mod dates;
mod dropped_nodes;
mod forms;
mod large_integers;
mod more_than_the_editor;
mod object_infos;
mod random_texts;
mod refused_by_the_server;
mod setters_and_getters;
#[path = "../conversion/support.rs"]
mod support;
mod unknown_types;
mod unknown_types_as_data;
mod warnings;

use comfyui_autoflow::protocol::document::DocumentKind;
use comfyui_autoflow::protocol::json::Raw;
use comfyui_autoflow::workflow::convert;
use comfyui_autoflow::workflow::{Conversion, ConvertError, ConvertOptions, LocalTime, ObjectInfo, Random};
use comfyui_autoflow::workflow::{Reason, UnknownType};
use serde_json::{Value, json};
use support::{object_info, prompt, try_convert};

fn converted(workflow: Value) -> Conversion {
    try_convert(&workflow, &ConvertOptions::default()).unwrap()
}

/// A workflow with links as the root of a 0.4 file has them.
fn workflow(nodes: Value, links: Value) -> Value {
    json!({"version": 0.4, "nodes": nodes, "links": links})
}

fn source(id: u32, links: &[u32]) -> Value {
    let output = |name: &str| json!({"name": name, "type": name, "links": []});
    let mut outputs = vec![output("IMAGE"), output("MASK"), output("LATENT")];
    outputs[0]["links"] = json!(links);
    json!({"id": id, "type": "Source", "outputs": outputs})
}

fn show(id: u32, link: u32) -> Value {
    json!({"id": id, "type": "Show", "inputs": [{"name": "image", "type": "IMAGE", "link": link}]})
}

/// A subgraph with one `Show` and a note, as an instance with this mode has it.
fn with_instance(mode: u32) -> Value {
    let mut workflow = workflow(
        json!([source(1, &[7]), {
            "id": 2, "type": "definition-1", "mode": mode,
            "inputs": [{"name": "image", "type": "IMAGE", "link": 7}], "outputs": [],
        }]),
        json!([[7, 1, 0, 2, 0, "IMAGE"]]),
    );
    workflow["definitions"] = json!({"subgraphs": [{
        "id": "definition-1", "name": "Inside",
        "inputs": [{"name": "image", "type": "IMAGE", "linkIds": [1]}], "outputs": [],
        "nodes": [show(5, 1), {"id": 6, "type": "Note", "widgets_values": ["hello"]}],
        "links": [{"id": 1, "origin_id": -10, "origin_slot": 0, "target_id": 5, "target_slot": 0, "type": "IMAGE"}],
    }]});
    workflow
}

fn dropped(conversion: &Conversion) -> Vec<(&str, &str, Reason)> {
    conversion.dropped.iter().map(|node| (node.node.as_str(), node.class_type.as_str(), node.reason)).collect()
}

fn warnings(conversion: &Conversion) -> Vec<(&str, &str, &str)> {
    conversion.warnings.iter().map(|w| (w.node.as_str(), w.input.as_str(), w.rule)).collect()
}
