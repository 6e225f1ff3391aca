//! Input that is broken, enormous or meant to do harm: a clear error or the right answer, never a panic or a hang.

#[path = "conversion/support.rs"]
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

mod broken {
    use super::*;

    #[test]
    fn truncated_anywhere() {
        let object_info = object_info();
        for name in ["group_node_two", "sub_linked_widgets", "widget_texts"] {
            let path = format!("{}/tests/conversion/{name}.json", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(path).unwrap();
            let text = text.trim_end();
            for (end, _) in text.char_indices() {
                let error = convert(&text[..end], &object_info, &ConvertOptions::default()).unwrap_err();
                assert!(matches!(error, ConvertError::Workflow(_)), "{name} up to {end}: {error}");
            }
        }
    }

    #[test]
    fn the_error_says_where() {
        let error = convert("{\"nodes\": [}", &object_info(), &ConvertOptions::default()).unwrap_err();
        let ConvertError::Workflow(malformed) = &error else { panic!("{error}") };
        assert_eq!((malformed.line, malformed.column), (1, 12));
        assert!(error.to_string().contains("at line 1 column 12"), "{error}");
    }

    #[test]
    fn any_value_replaced_by_another() {
        let object_info = object_info();
        let other = [
            json!(null),
            json!(true),
            json!(-1),
            json!(1e308),
            json!("🜲"),
            json!([]),
            json!({}),
            json!({"id": {"id": []}}),
            json!(u64::MAX),
            json!([null, -7, "x", {}, 2, 0.5]),
        ];
        for name in ["group_node_two", "sub_linked_widgets", "grow_pairs"] {
            let path = format!("{}/tests/conversion/{name}.json", env!("CARGO_MANIFEST_DIR"));
            let workflow: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            let mut pointers = Vec::new();
            list_pointers(&workflow, String::new(), &mut pointers);
            assert!(pointers.len() > 50);
            for pointer in pointers {
                for value in &other {
                    let mut changed = workflow.clone();
                    *changed.pointer_mut(&pointer).unwrap() = value.clone();
                    survives(&changed.to_string(), &object_info);
                }
            }
        }
    }

    fn list_pointers(value: &Value, at: String, pointers: &mut Vec<String>) {
        match value {
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(i, item)| list_pointers(item, format!("{at}/{i}"), pointers));
            }
            Value::Object(entries) => entries.iter().for_each(|(key, item)| {
                let key = key.replace('~', "~0").replace('/', "~1");
                list_pointers(item, format!("{at}/{key}"), pointers);
            }),
            _ => {}
        }
        pointers.push(at);
    }

    #[test]
    fn things_in_lists_that_do_not_belong_there() {
        let strange =
            json!([null, 7, "x", [], {}, [[]], true, {"id": {}}, {"type": []}, [1, 2], [1, 2, 3, 4, 5, 6, 7]]);
        for key in ["nodes", "links", "groups", "definitions", "extra", "reroutes", "state", "last_node_id"] {
            let mut workflow = json!({"version": 0.4, "links": [],
                "nodes": [{"id": 1, "type": "Sample", "inputs": [{"name": "model", "type": "MODEL", "link": 1}]}]});
            workflow[key] = strange.clone();
            survives(&workflow.to_string(), &object_info());
        }
        for key in ["inputs", "outputs", "widgets_values", "properties", "mode", "type", "id"] {
            let mut workflow = json!({"version": 0.4, "links": [], "nodes": [{"id": 1, "type": "Sample"}]});
            workflow["nodes"][0][key] = strange.clone();
            survives(&workflow.to_string(), &object_info());
        }
    }

    #[test]
    fn an_object_info_that_is_not_one() {
        let workflow = json!({"nodes": [{"id": 1, "type": "A", "widgets_values": [1, 2, 3]}]}).to_string();
        let strange = [
            json!(null),
            json!(7),
            json!([]),
            json!({"input": null}),
            json!({"input": {"required": []}}),
            json!({"input": {"required": {"x": null, "y": [], "z": [[]], "": [null, null], "w": ["INT", 7]}}}),
            json!({"input": {"required": {"x": ["COMBO", {"options": 7}], "y": [{"a": 1}], "z": ["INT", {"min": "x"}]}}}),
            json!({"input": {"required": {"x": ["INT", {"min": 5, "max": -5, "step": 0}]}}}),
            json!({"input": {"required": {"x": ["INT", {"min": -1e308, "max": 1e308, "step": 1e-320}]}}}),
            json!({"input": {"required": {"x": ["COMFY_AUTOGROW_V3", {"template": {"min": 1e9, "max": 1e300,
                "prefix": "p", "input": {"required": {"i": ["IMAGE"]}}}}]}}}),
            json!({"input": {"required": {"x": ["COMFY_DYNAMICGROUP_V3", {"template": {"required": {"i": ["INT"]}},
                "min": 1e9, "max": 1e300}]}}}),
            json!({"input": {"required": {"x": ["COMFY_DYNAMICCOMBO_V3", {"options": [7, {"key": []}, {"key": 1}]}]}}}),
            json!({"input": {}, "output": {"a": 1}, "input_order": [1, 2], "output_matchtypes": 7}),
        ];
        for class in strange {
            let object_info = ObjectInfo::parse(&json!({"A": class}).to_string()).unwrap();
            survives(&workflow, &object_info);
        }
    }
}

mod circles {
    use super::*;

    #[test]
    fn of_plain_nodes_are_left_for_the_server_to_refuse() {
        let node = |id: u32, from: usize, to: usize| json!({"id": id, "type": "Blend", "inputs": [input("a", from)], "outputs": [output("IMAGE", &[to])]});
        let workflow = json!({"version": 0.4, "nodes": [node(1, 8, 7), node(2, 7, 8)],
            "links": [[7, 1, 0, 2, 0, "IMAGE"], [8, 2, 0, 1, 0, "IMAGE"]]});
        let prompt = converted(&workflow);
        assert_eq!(prompt["1"]["inputs"]["a"], json!(["2", 0]));
        assert_eq!(prompt["2"]["inputs"]["a"], json!(["1", 0]));
    }

    #[test]
    fn of_bypassed_nodes_are_an_error() {
        let node = |id: u32, from: usize, to: &[usize]| {
            json!({"id": id, "type": "Blend", "mode": 4, "inputs": [input("a", from)],
                "outputs": [output("IMAGE", to)]})
        };
        let show = json!({"id": 3, "type": "Show", "inputs": [input("image", 9)]});
        let workflow = json!({"version": 0.4, "nodes": [node(1, 8, &[7]), node(2, 7, &[8, 9]), show],
            "links": [[7, 1, 0, 2, 0, "IMAGE"], [8, 2, 0, 1, 0, "IMAGE"], [9, 2, 0, 3, 0, "IMAGE"]]});
        assert!(matches!(refused(&workflow), ConvertError::BadLink { .. }));
    }

    #[test]
    fn of_setters_and_getters_are_an_error() {
        let workflow = json!({"version": 0.4, "nodes": [
            {"id": 1, "type": "GetNode", "widgets_values": ["x"], "outputs": [output("IMAGE", &[7, 8])]},
            {"id": 2, "type": "SetNode", "widgets_values": ["x"], "inputs": [input("IMAGE", 7)]},
            {"id": 3, "type": "Show", "inputs": [input("image", 8)]},
        ], "links": [[7, 1, 0, 2, 0, "IMAGE"], [8, 1, 0, 3, 0, "IMAGE"]]});
        assert!(matches!(refused(&workflow), ConvertError::BadLink { .. }));
    }

    #[test]
    fn of_definitions_are_an_error() {
        let definition =
            |id: &str, holds: &str| json!({"id": id, "nodes": [{"id": 1, "type": holds}], "links": [], "inputs": []});
        let workflow = json!({"nodes": [{"id": 1, "type": "a-a"}],
            "definitions": {"subgraphs": [definition("a-a", "b-b"), definition("b-b", "a-a")]}});
        assert!(matches!(refused(&workflow), ConvertError::Subgraphs(_)));
    }
}

mod huge {
    use super::*;

    #[test]
    fn ten_thousand_nodes_in_a_row() {
        let prompt = converted(&chain(10_000, &json!({"type": "Blend", "widgets_values": [0.25]})));
        assert_eq!(prompt.as_object().unwrap().len(), 10_002);
        assert_eq!(prompt["10000"]["inputs"], json!({"a": ["9999", 0], "amount": 0.25}));
        assert_eq!(prompt["10001"]["inputs"]["image"], json!(["10000", 0]));
    }

    #[test]
    fn ten_thousand_reroutes_in_a_row() {
        let prompt = converted(&chain(10_000, &json!({"type": "Reroute"})));
        assert_eq!(prompt.as_object().unwrap().len(), 2);
        assert_eq!(prompt["10001"]["inputs"]["image"], json!(["0", 0]));
    }

    #[test]
    fn ten_thousand_bypassed_nodes_in_a_row() {
        let prompt = converted(&chain(10_000, &json!({"type": "Blend", "mode": 4})));
        assert_eq!(prompt.as_object().unwrap().len(), 2);
        assert_eq!(prompt["10001"]["inputs"]["image"], json!(["0", 0]));
    }

    #[test]
    fn ten_thousand_consumers_of_one_long_bypass() {
        // Walking it anew for each would be a hundred million steps.
        let mut workflow = chain(10_000, &json!({"type": "Reroute"}));
        let links: Vec<usize> = (20_000..30_000).collect();
        workflow["nodes"][10_000]["outputs"][0]["links"] = json!(links);
        for at in &links {
            let show = json!({"id": at, "type": "Show", "inputs": [input("image", *at)]});
            workflow["nodes"].as_array_mut().unwrap().push(show);
            workflow["links"].as_array_mut().unwrap().push(json!([at, 10_000, 0, at, 0, "IMAGE"]));
        }
        let prompt = converted(&workflow);
        assert_eq!(prompt["29999"]["inputs"]["image"], json!(["0", 0]));
    }

    #[test]
    fn ten_thousand_links_out_of_one_node_and_inputs_of_one() {
        let links: Vec<usize> = (0..10_000).collect();
        let shows = links.iter().map(|at| json!({"id": at + 1, "type": "Show", "inputs": [input("image", *at)]}));
        let mut nodes = vec![json!({"id": 0, "type": "Source", "outputs": [output("IMAGE", &links)]})];
        nodes.extend(shows);
        let inputs: Vec<Value> = links.iter().map(|at| input(&format!("more{at}"), at + 20_000)).collect();
        nodes.push(json!({"id": 20_000, "type": "Show", "inputs": inputs}));
        let to_shows = links.iter().map(|at| json!([at, 0, 0, at + 1, 0, "IMAGE"]));
        let to_one = links.iter().map(|at| json!([at + 20_000, 0, 0, 20_000, at, "IMAGE"]));
        let workflow = json!({"version": 0.4, "nodes": nodes, "links": to_shows.chain(to_one).collect::<Vec<_>>()});
        let prompt = converted(&workflow);
        assert_eq!(prompt["9999"]["inputs"]["image"], json!(["0", 0]));
    }

    #[test]
    fn ten_thousand_nodes_of_the_same_id() {
        let nodes = vec![json!({"id": 1, "type": "Source"}); 10_000];
        assert_eq!(converted(&json!({"nodes": nodes})).as_object().unwrap().len(), 10_000);
    }

    #[test]
    fn ten_thousand_primitives_setters_and_values() {
        let mut nodes: Vec<Value> = (0..5_000)
            .map(|at| json!({"id": at + 1, "type": "PrimitiveNode", "widgets_values": [at], "outputs": [output("INT", &[])]}))
            .collect();
        nodes.extend((5_000..10_000).map(|at| json!({"id": at + 1, "type": "SetNode", "widgets_values": ["same"]})));
        nodes.push(json!({"id": 20_000, "type": "Word", "widgets_values": vec![json!("x"); 10_000]}));
        assert_eq!(converted(&json!({"nodes": nodes}))["20000"]["inputs"]["text"], "x");
    }

    #[test]
    fn ten_thousand_rows_or_promoted_widgets() {
        let rows = json!({"id": 1, "type": "Rows", "widgets_values": vec![json!(9_999_999); 10_000]});
        survives(&json!({"nodes": [rows]}).to_string(), &object_info());
        let mut workflow = nested(1, 1);
        workflow["nodes"][0]["properties"] = json!({"proxyWidgets": vec![json!(["1", "text"]); 10_000]});
        workflow["nodes"][0]["widgets_values"] = json!(vec!["x"; 10_000]);
        workflow["definitions"]["subgraphs"][0]["nodes"][0]["type"] = json!("Word");
        // The id inside is that of the instance, so it is given a new one.
        assert_eq!(converted(&workflow)["1:2"]["inputs"]["text"], "x");
    }

    #[test]
    fn ten_thousand_instances_of_one_group_node() {
        let nodes: Vec<Value> = (1..=10_000).map(|id| json!({"id": id, "type": "workflow>One"})).collect();
        let group = json!({"nodes": [{"type": "Source", "index": 0}], "links": [], "external": []});
        let workflow = json!({"nodes": nodes, "extra": {"groupNodes": {"One": group}}});
        assert_eq!(converted(&workflow).as_object().unwrap().len(), 10_000);
    }

    #[test]
    fn subgraphs_that_multiply_are_refused() {
        // 10 to the power of 9 nodes.
        assert!(matches!(refused(&nested(9, 10)), ConvertError::Subgraphs(_)));
        assert_eq!(converted(&nested(4, 10)).as_object().unwrap().len(), 10_000);
    }

    #[test]
    fn numbers_of_any_size_stay_what_they_are() {
        let text = r#"{"nodes": [{"id": 1, "type": "PreviewAny"}, {"id": 1e300, "type": "Source"},
            {"id": -5, "type": "Source"}, {"id": 0.5, "type": "Source"}, {"id": 99999999999999999999, "type": "Source"}]}"#;
        let conversion = convert(text, &object_info(), &ConvertOptions::default()).unwrap();
        assert_eq!(conversion.prompt.len(), 5);
    }
}

mod deep {
    use super::*;

    fn deep(open: &str, close: &str, levels: usize) -> String {
        format!(
            "{{\"nodes\": [{{\"id\": 1, \"type\": \"Word\", \"widgets_values\": [{}1{}]}}]}}",
            open.repeat(levels),
            close.repeat(levels)
        )
    }

    #[test]
    fn nesting_of_the_json_is_an_error_not_a_crash() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":[", "]}]")] {
            let error = convert(&deep(open, close, 100_000), &object_info(), &ConvertOptions::default()).unwrap_err();
            assert!(matches!(error, ConvertError::Workflow(_)), "{error}");
            assert!(ObjectInfo::parse(&format!("{{\"A\": {}", open.repeat(100_000))).is_err());
        }
        assert!(convert(&"[".repeat(1_000_000), &object_info(), &ConvertOptions::default()).is_err());
    }

    #[test]
    fn nesting_as_far_as_people_go_is_fine() {
        assert!(convert(&deep("[", "]", 50), &object_info(), &ConvertOptions::default()).is_ok());
    }

    #[test]
    fn subgraphs_in_subgraphs_have_a_limit() {
        assert_eq!(converted(&nested(60, 1)).as_object().unwrap().len(), 1);
        assert!(matches!(refused(&nested(100, 1)), ConvertError::Subgraphs(_)));
        assert!(matches!(refused(&nested(20_000, 1)), ConvertError::Subgraphs(_)));
    }

    #[test]
    fn options_in_options_of_a_class_have_a_limit() {
        let mut input = json!(["INT", {}]);
        for _ in 0..60 {
            input = json!(["COMFY_DYNAMICCOMBO_V3", {"options": [{"key": "k", "inputs": {"required": {"x": input}}}]}]);
        }
        let class = json!({"A": {"input": {"required": {"x": input}}, "output": []}}).to_string();
        let workflow = json!({"nodes": [{"id": 1, "type": "A", "widgets_values": vec!["k"; 100]}]}).to_string();
        if let Ok(object_info) = ObjectInfo::parse(&class) {
            survives(&workflow, &object_info);
        }
    }
}

mod products {
    use super::*;

    fn saver(id: usize, name: &str) -> Value {
        json!({"id": id, "type": "SaveImage", "widgets_values": [name]})
    }

    #[test]
    fn a_file_name_that_repeats_a_long_value_is_refused() {
        let info = json!({
            "SaveImage": {"input": {"required": {"filename_prefix": ["STRING", {}]}}, "output": []},
            "Word": {"input": {"required": {"text": ["STRING", {}]}}, "output": []},
        });
        let info = ObjectInfo::parse(&info.to_string()).unwrap();
        let workflow = |times: usize| {
            let word = json!({"id": 1, "type": "Word", "widgets_values": ["x".repeat(100_000)]});
            json!({"nodes": [word, saver(2, &"%Word.text%".repeat(times))]}).to_string()
        };
        assert!(convert(&workflow(9), &info, &ConvertOptions::default()).is_ok());
        let error = convert(&workflow(20_000), &info, &ConvertOptions::default()).unwrap_err();
        assert!(matches!(error, ConvertError::BadValue { .. }), "{error}");
        assert!(error.to_string().contains("1 MB"), "{error}");
    }

    #[test]
    fn subgraphs_that_repeat_a_long_value_are_refused() {
        let mut workflow = nested(2, 30);
        let words = json!({"id": 1, "type": "Word", "widgets_values": ["x".repeat(100_000)]});
        workflow["definitions"]["subgraphs"][1]["nodes"] = json!(vec![words; 30]);
        for (at, node) in
            workflow["definitions"]["subgraphs"][1]["nodes"].as_array_mut().unwrap().iter_mut().enumerate()
        {
            node["id"] = json!(at + 100);
        }
        assert!(matches!(refused(&workflow), ConvertError::TooLarge(_)));
    }

    #[test]
    fn comments_without_an_end_are_read_once() {
        // Looking for each end anew would be 10,000,000,000 steps.
        let text = "/* ".repeat(100_000);
        let workflow = json!({"nodes": [{"id": 1, "type": "Prompt", "widgets_values": [text]}]});
        assert_eq!(converted(&workflow)["1"]["inputs"]["text"], text);
    }

    fn too_large(workflow: &Value) {
        let error = refused(workflow);
        assert!(matches!(error, ConvertError::TooLarge(_)), "{error}");
    }

    #[test]
    fn subgraphs_that_double_at_each_level_are_refused() {
        // 2 to the power of 40 nodes.
        assert!(matches!(refused(&nested(40, 2)), ConvertError::Subgraphs(_)));
    }

    #[test]
    fn instances_that_repeat_long_titles_are_refused() {
        let mut workflow = nested(2, 300);
        workflow["definitions"]["subgraphs"][1]["nodes"][0]["title"] = json!("x".repeat(1_000_000));
        too_large(&workflow);
    }

    #[test]
    fn instances_that_repeat_long_types_are_refused() {
        let mut workflow = nested(2, 300);
        let node = &mut workflow["definitions"]["subgraphs"][1]["nodes"][0];
        node["type"] = json!("x".repeat(1_000_000));
        node["mode"] = json!(2);
        too_large(&workflow);
    }

    #[test]
    fn long_ids_are_refused() {
        too_large(&json!({"nodes": [{"id": "x".repeat(300), "type": "Source"}]}));
        let mut workflow = nested(3, 55);
        for level in 0..2 {
            let nodes = workflow["definitions"]["subgraphs"][level]["nodes"].as_array_mut().unwrap();
            nodes.iter_mut().enumerate().for_each(|(at, node)| node["id"] = json!(format!("{level}{at:0249}")));
        }
        too_large(&workflow);
    }

    #[test]
    fn inputs_of_a_definition_times_its_instances_are_refused() {
        let inputs: Vec<Value> = (0..3_000).map(|at| json!({"name": format!("i{at}"), "type": "IMAGE"})).collect();
        let nodes: Vec<Value> = (1..=3_000).map(|id| json!({"id": id, "type": "d"})).collect();
        let definition = json!({"id": "d", "inputs": inputs, "outputs": [], "links": [], "nodes": []});
        too_large(&json!({"nodes": nodes, "definitions": {"subgraphs": [definition]}}));
    }

    #[test]
    fn group_nodes_that_multiply_are_refused() {
        let inside = vec![json!({"type": "Word", "widgets_values": vec![0; 1_000]}); 100];
        let nodes: Vec<Value> = (1..=300).map(|id| json!({"id": id, "type": "workflow>G"})).collect();
        let group = json!({"nodes": inside, "links": [], "external": []});
        too_large(&json!({"nodes": nodes, "links": [], "extra": {"groupNodes": {"G": group}}}));
    }

    #[test]
    fn warnings_of_many_instances_end_with_one_that_says_so() {
        let get = json!({"id": 1, "type": "GetNode", "widgets_values": ["x"], "outputs": [output("IMAGE", &[1])]});
        let inputs: Vec<Value> =
            (1..=100).map(|at| json!({"name": format!("i{at}"), "type": "IMAGE", "link": at})).collect();
        let show = json!({"id": 2, "type": "Show", "inputs": inputs});
        let links: Vec<Value> = (1..=100)
            .map(|at| json!({"id": at, "origin_id": 1, "origin_slot": 0, "target_id": 2, "target_slot": at}))
            .collect();
        let nodes: Vec<Value> = (10..2_000).map(|id| json!({"id": id, "type": "d"})).collect();
        let definition = json!({"id": "d", "inputs": [], "outputs": [], "links": links, "nodes": [get, show]});
        let workflow = json!({"nodes": nodes, "definitions": {"subgraphs": [definition]}});
        let warnings = try_convert(&workflow, &ConvertOptions::default()).unwrap().warnings;
        assert!(warnings.len() < 100_000, "{}", warnings.len());
        assert_eq!(warnings.last().unwrap().rule, "more");
    }
}
