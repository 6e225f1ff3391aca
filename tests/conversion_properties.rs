//! What holds for every workflow, however odd.

#[path = "conversion/support.rs"]
mod support;

use comfyui_autoflow::workflow::convert;
use comfyui_autoflow::workflow::{ConvertOptions, ObjectInfo, Random};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::LazyLock;
use support::{object_info, prompt};

static OBJECT_INFO: LazyLock<ObjectInfo> = LazyLock::new(object_info);

/// Classes of the schema, with slots of many types, and what the editor and custom nodes bring.
const TYPES: [&str; 40] = [
    "Source",
    "Numbers",
    "Combos",
    "Sample",
    "LoadModel",
    "Prompt",
    "Blend",
    "Swap",
    "Show",
    "ShowAny",
    "ShowEither",
    "Steps8",
    "Forced",
    "Seeds",
    "Combo",
    "Upload",
    "Boxes",
    "Shapes",
    "Mode",
    "ModeDeep",
    "ModeGrow",
    "Grow",
    "GrowNames",
    "GrowValues",
    "GrowPairs",
    "Rows",
    "Match",
    "MatchAny",
    "CustomCombo",
    "SaveImage",
    "Reroute",
    "PrimitiveNode",
    "Note",
    "SetNode",
    "GetNode",
    "sub-0",
    "sub-1",
    "sub-2",
    "workflow>G",
    "Nobody knows",
];

fn any_type() -> impl Strategy<Value = &'static str> {
    // More of the nodes that make links hard to follow.
    prop_oneof![3 => prop::sample::select(TYPES.to_vec()),
        1 => prop::sample::select(vec!["Reroute", "SetNode", "GetNode", "sub-0", "sub-1", "Blend", "PrimitiveNode"])]
}

fn slot_type() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "IMAGE",
        "MASK",
        "LATENT",
        "MODEL",
        "INT",
        "FLOAT",
        "STRING",
        "COMBO",
        "*",
        "",
        "IMAGE,MASK",
    ])
}

fn slot_name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a",
        "b",
        "image",
        "images.image0",
        "images.image1",
        "mode",
        "mode.k",
        "model",
        "seed",
        "steps",
        "text",
        "amount",
        "rows.0.k",
        "vals.v0",
        "choice",
        "value",
        "x",
        "mask",
        "extra",
        "",
    ])
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<i32>().prop_map(Value::from),
        (-1000i32..1000).prop_map(|n| json!(f64::from(n) / 8.0)),
        prop::sample::select(vec![
            "one",
            "two",
            "a",
            "fixed",
            "randomize",
            "name",
            "{x|{y|z}}",
            "%a.b%",
            "{|",
            "\\{",
            "//"
        ])
        .prop_map(Value::from),
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        Just(json!([1, "x"])),
        Just(json!({"x": 1})),
    ]
}

prop_compose! {
    fn any_input()(name in slot_name(), ty in slot_type(), widget in any::<bool>()) -> Value {
        let mut input = json!({"name": name, "type": ty, "link": null});
        if widget {
            input["widget"] = json!({"name": name});
        }
        input
    }
}

prop_compose! {
    fn any_node()(
        ty in any_type(),
        mode in prop::sample::select(vec![0, 0, 0, 0, 2, 4]),
        inputs in prop::collection::vec(any_input(), 0..4),
        outputs in prop::collection::vec(slot_type(), 0..4),
        values in prop::collection::vec(any_value(), 0..8),
        promoted in prop::collection::vec((0usize..6, slot_name()), 0..3),
    ) -> Value {
        let outputs: Vec<Value> = outputs.iter().map(|ty| json!({"name": ty, "type": ty, "links": []})).collect();
        let promoted: Vec<Value> = promoted.iter().map(|(id, name)| json!([id.to_string(), name])).collect();
        json!({"type": ty, "mode": mode, "inputs": inputs, "outputs": outputs, "widgets_values": values,
            "properties": if ty.starts_with("sub-") { json!({"proxyWidgets": promoted}) } else { json!({}) }})
    }
}

/// Ends of a link: node, slot, node, slot. Node -1 stands for the inputs or the outputs of a subgraph.
type Ends = (i8, usize, i8, usize);

/// A graph; most links say the same at both ends, as those of the editor do, some do not.
fn any_graph(most: usize) -> impl Strategy<Value = (Vec<Value>, Vec<Ends>)> {
    let most_at = most as i8;
    let at = move || prop_oneof![8 => 0..most_at, 1 => Just(-1)];
    let ends = (at(), 0usize..4, at(), 0usize..4);
    (prop::collection::vec(any_node(), 0..most), prop::collection::vec(ends, 0..most * 2))
}

fn build((mut nodes, ends): (Vec<Value>, Vec<Ends>), as_objects: bool) -> Value {
    for (at, node) in nodes.iter_mut().enumerate() {
        node["id"] = json!(at + 1);
    }
    let mut links = Vec::new();
    let count = nodes.len() as i8;
    for (id, (from, from_slot, to, to_slot)) in ends.into_iter().enumerate() {
        let within = |at: i8| if at < 0 || count == 0 { -1 } else { at % count };
        let (from, to) = (within(from), within(to));
        if let Some(link) = nodes.get_mut(to as usize).and_then(|node| node["inputs"].get_mut(to_slot)) {
            link["link"] = json!(id);
        }
        if let Some(output) = nodes.get_mut(from as usize).and_then(|node| node["outputs"].get_mut(from_slot)) {
            output["links"].as_array_mut().unwrap().push(json!(id));
        }
        let (from, to) =
            (if from < 0 { -10 } else { i32::from(from) + 1 }, if to < 0 { -20 } else { i32::from(to) + 1 });
        links.push(if as_objects {
            json!({"id": id, "origin_id": from, "origin_slot": from_slot, "target_id": to, "target_slot": to_slot,
                "type": "IMAGE"})
        } else {
            json!([id, from, from_slot, to, to_slot, "IMAGE"])
        });
    }
    json!({"nodes": nodes, "links": links})
}

prop_compose! {
    fn any_workflow()(
        root in any_graph(12),
        version_1 in any::<bool>(),
        inside in prop::collection::vec(any_graph(6), 3),
        sockets in prop::collection::vec(slot_type(), 6),
        group in any_graph(4),
    ) -> Value {
        let mut workflow = build(root, version_1);
        workflow["version"] = if version_1 { json!(1) } else { json!(0.4) };
        let definitions: Vec<Value> = inside.into_iter().enumerate().map(|(at, graph)| {
            let mut definition = build(graph, true);
            let socket = |name: &str, n: usize| {
                let links = definition["links"].as_array().unwrap().iter();
                let ids = links.filter(|link| link["origin_id"] == -10 || link["target_id"] == -20);
                json!({"name": name, "type": sockets[n], "linkIds": ids.map(|link| link["id"].clone()).collect::<Vec<_>>()})
            };
            let inputs = json!([socket("a", 0), socket("image", 1), socket("seed", 2)]);
            let outputs = json!([socket("IMAGE", 3), socket("b", 4)]);
            definition["inputs"] = inputs;
            definition["outputs"] = outputs;
            definition["id"] = json!(format!("sub-{at}"));
            definition["name"] = json!("Inside");
            // A definition holds only those after it, or else nearly every workflow would hold itself.
            for node in definition["nodes"].as_array_mut().unwrap() {
                let inner = node["type"].as_str().and_then(|ty| ty.strip_prefix("sub-")).and_then(|n| n.parse().ok());
                if inner.is_some_and(|inner: usize| inner <= at) {
                    node["type"] = json!("Blend");
                }
            }
            definition
        }).collect();
        workflow["definitions"] = json!({"subgraphs": definitions});
        let mut group = build(group, false);
        for (at, node) in group["nodes"].as_array_mut().unwrap().iter_mut().enumerate() {
            node["index"] = json!(at);
        }
        workflow["extra"] = json!({"groupNodes": {"G": group}});
        workflow
    }
}

/// The links in a prompt: where they are, and the node that they name.
fn links(prompt: &Value) -> Vec<(String, String)> {
    let mut links = Vec::new();
    for (id, node) in prompt.as_object().unwrap() {
        for (name, value) in node["inputs"].as_object().unwrap() {
            // Lists of values are wrapped; a list that is not is a link.
            if let Some(link) = value.as_array() {
                assert_eq!(link.len(), 2, "{value}");
                links.push((format!("{id}.{name}"), link[0].as_str().unwrap().to_owned()));
            }
        }
    }
    links
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn links_lead_to_nodes_of_the_prompt_and_again_is_the_same(workflow in any_workflow(), seed in any::<u64>()) {
        let text = workflow.to_string();
        let options = ConvertOptions { allow_unknown: true, random: Random::Seeded(seed), now: None };
        if let Ok(conversion) = convert(&text, &OBJECT_INFO, &options) {
            let prompt = prompt(&conversion);
            for (at, origin) in links(&prompt) {
                prop_assert!(prompt.get(&origin).is_some(), "{at} comes from {origin}");
            }
            let dropped: BTreeSet<&str> = conversion.dropped.iter().map(|node| node.node.as_str()).collect();
            for id in prompt.as_object().unwrap().keys() {
                prop_assert!(!dropped.contains(id.as_str()), "{id} is dropped and in the prompt");
            }
            for warning in &conversion.warnings {
                prop_assert!(prompt.get(&warning.node).is_some(), "{warning:?}");
            }
            let again = convert(&text, &OBJECT_INFO, &options).unwrap();
            prop_assert_eq!(&conversion.prompt, &again.prompt);
            prop_assert_eq!(&conversion.warnings, &again.warnings);
            prop_assert_eq!(&conversion.dropped, &again.dropped);
        }
    }

    #[test]
    fn without_subgraphs_every_node_is_in_the_prompt_or_dropped(graph in any_graph(12)) {
        let workflow = build(graph, true);
        let count = workflow["nodes"].as_array().unwrap().len();
        let options = ConvertOptions { allow_unknown: true, ..Default::default() };
        if let Ok(conversion) = convert(&workflow.to_string(), &OBJECT_INFO, &options) {
            prop_assert_eq!(conversion.prompt.len() + conversion.dropped.len(), count);
        }
    }

    #[test]
    fn any_text_is_an_error_or_a_prompt(text in "\\PC*") {
        let _ = convert(&text, &OBJECT_INFO, &ConvertOptions::default());
        let _ = ObjectInfo::parse(&text);
        let value = json!({"nodes": [{"id": text, "type": "Prompt", "widgets_values": [text], "title": text},
            {"id": 2, "type": "SaveImage", "widgets_values": [text]}]});
        let conversion = convert(&value.to_string(), &OBJECT_INFO, &ConvertOptions::default());
        prop_assert_eq!(conversion.map(|conversion| prompt(&conversion).as_object().unwrap().len()), Ok(2));
    }
}

/// So that the properties speak of something: most of these graphs convert, with links.
#[test]
fn the_generated_workflows_are_not_mostly_refused() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut converted, mut linked) = (0, 0);
    for _ in 0..200 {
        let workflow = any_workflow().new_tree(&mut runner).unwrap().current();
        let options = ConvertOptions { allow_unknown: true, ..Default::default() };
        if let Ok(conversion) = convert(&workflow.to_string(), &OBJECT_INFO, &options) {
            converted += 1;
            linked += usize::from(!links(&prompt(&conversion)).is_empty());
        }
    }
    assert!(converted > 100 && linked > 50, "{converted} convert, {linked} with links");
}
