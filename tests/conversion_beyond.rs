//! What the editor's own frontend cannot tell: unknown types, dropped nodes, warnings, nodes that custom node packs
//! bring as code, and workflows that it loses links of or refuses without need.

#[path = "conversion/support.rs"]
mod support;

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

mod unknown_types {
    use super::*;

    fn three_unknown() -> Value {
        workflow(
            json!([
                {"id": 1, "type": "From Elsewhere", "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [7]}]},
                show(2, 7),
                {"id": 3, "type": "Other", "inputs": [{"name": "x", "type": "IMAGE", "link": null}]},
                {"id": 4, "type": "From Elsewhere", "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": []}]},
                {"id": 5, "type": "Muted Elsewhere", "mode": 2},
            ]),
            json!([[7, 1, 0, 2, 0, "IMAGE"]]),
        )
    }

    #[test]
    fn are_one_error_that_lists_all_of_them() {
        let error = try_convert(&three_unknown(), &ConvertOptions::default()).unwrap_err();
        let unknown = |class_type: &str, nodes: &[&str]| UnknownType {
            class_type: class_type.to_owned(),
            pack: None,
            nodes: nodes.iter().map(|id| (*id).to_owned()).collect(),
        };
        let message = error.to_string();
        let ConvertError::UnknownTypes(mut types) = error else { panic!("{error}") };
        types.sort_by(|a, b| a.class_type.cmp(&b.class_type));
        assert_eq!(types, [unknown("From Elsewhere", &["1", "4"]), unknown("Other", &["3"])]);
        assert!(message.contains("From Elsewhere (node 1, 4)") && message.contains("Other (node 3)"), "{message}");
    }

    #[test]
    fn of_muted_nodes_do_not_matter() {
        let nodes = json!([source(1, &[]), {"id": 5, "type": "Elsewhere", "mode": 2}]);
        let conversion = converted(workflow(nodes, json!([])));
        assert_eq!(dropped(&conversion), [("5", "Elsewhere", Reason::Muted)]);
    }

    #[test]
    fn are_left_out_where_that_is_allowed() {
        let options = ConvertOptions { allow_unknown: true, ..Default::default() };
        let conversion = try_convert(&three_unknown(), &options).unwrap();
        let prompt = prompt(&conversion);
        assert_eq!(prompt.as_object().unwrap().keys().collect::<Vec<_>>(), ["2"]);
        assert_eq!(prompt["2"]["inputs"], json!({}));
        assert_eq!(warnings(&conversion), [("2", "image", "unknown_type")]);
        assert!(dropped(&conversion).contains(&("1", "From Elsewhere", Reason::UnknownType)));
    }

    #[test]
    fn without_inputs_and_outputs_are_labels() {
        let label = json!({"id": 9, "pos": [0, 0], "type": "Label (somewhere)", "inputs": [], "outputs": [], "properties": {"cnr_id": "labels"}});
        let conversion =
            converted(workflow(json!([source(1, &[7]), show(2, 7), label]), json!([[7, 1, 0, 2, 0, "IMAGE"]])));
        assert_eq!(dropped(&conversion), [("9", "Label (somewhere)", Reason::Virtual)]);
        assert_eq!(conversion.dropped[0].pack.as_deref(), Some("labels"));
        // What is inside of these is not known.
        for class_type in ["0a1b2c3d-0000-4000-8000-0123456789ab", "workflow>Gone", "workflow/Gone"] {
            let nodes = json!([{"id": 1, "pos": [0, 0], "type": class_type}]);
            let error = try_convert(&workflow(nodes, json!([])), &ConvertOptions::default()).unwrap_err();
            assert!(matches!(error, ConvertError::UnknownTypes(_)), "{class_type}");
        }
    }

    #[test]
    fn inside_of_subgraphs_have_the_ids_that_their_nodes_would_have() {
        let mut workflow = with_instance(0);
        let outputs = json!([{"name": "IMAGE", "type": "IMAGE", "links": []}]);
        workflow["definitions"]["subgraphs"][0]["nodes"][1] = json!({"id": 6, "type": "Elsewhere", "outputs": outputs});
        let error = try_convert(&workflow, &ConvertOptions::default()).unwrap_err();
        let ConvertError::UnknownTypes(types) = error else { panic!("{error}") };
        assert_eq!(types[0].nodes, ["2:6"]);
    }

    #[test]
    fn inside_of_group_nodes_are_named_themselves() {
        let mut workflow = workflow(json!([{"id": 3, "type": "workflow>Pair"}]), json!([]));
        workflow["extra"] = json!({"groupNodes": {"Pair": {
            "nodes": [{"type": "Source", "index": 0}, {"type": "Elsewhere", "index": 1}], "links": [], "external": [],
        }}});
        let error = try_convert(&workflow, &ConvertOptions::default()).unwrap_err();
        let ConvertError::UnknownTypes(types) = error else { panic!("{error}") };
        assert_eq!(types[0].class_type, "Elsewhere");
        assert_eq!(types[0].nodes, ["3"]);
    }
}

mod dropped_nodes {
    use super::*;

    #[test]
    fn say_why() {
        let conversion = converted(workflow(
            json!([
                source(1, &[7]),
                {"id": 2, "type": "Reroute", "inputs": [{"name": "", "type": "*", "link": 7}],
                 "outputs": [{"name": "", "type": "IMAGE", "links": [8]}]},
                show(3, 8),
                {"id": 4, "type": "Show", "mode": 2},
                {"id": 5, "type": "Show", "mode": 4},
                {"id": 6, "type": "MarkdownNote"},
                {"id": 7, "type": "PrimitiveNode"},
            ]),
            json!([[7, 1, 0, 2, 0, "IMAGE"], [8, 2, 0, 3, 0, "IMAGE"]]),
        ));
        let mut found = dropped(&conversion);
        found.sort_unstable_by_key(|(id, ..)| *id);
        assert_eq!(
            found,
            [
                ("2", "Reroute", Reason::Virtual),
                ("4", "Show", Reason::Muted),
                ("5", "Show", Reason::Bypassed),
                ("6", "MarkdownNote", Reason::Virtual),
                ("7", "PrimitiveNode", Reason::Virtual),
            ]
        );
    }

    #[test]
    fn of_an_active_subgraph_are_the_instance_and_what_is_virtual_inside() {
        let conversion = converted(with_instance(0));
        assert_eq!(dropped(&conversion), [("2", "definition-1", Reason::Virtual), ("2:6", "Note", Reason::Virtual)]);
        assert_eq!(prompt(&conversion)["2:5"]["inputs"]["image"], json!(["1", 0]));
    }

    #[test]
    fn of_a_muted_subgraph_are_all_nodes_inside_too() {
        for (mode, reason) in [(2, Reason::Muted), (4, Reason::Bypassed)] {
            let conversion = converted(with_instance(mode));
            let mut found = dropped(&conversion);
            found.sort_unstable_by_key(|(id, ..)| *id);
            assert_eq!(found, [("2", "definition-1", reason), ("2:5", "Show", reason), ("2:6", "Note", reason)]);
        }
    }

    #[test]
    fn and_those_in_the_prompt_are_all_nodes() {
        let conversion = converted(with_instance(0));
        // Two at the root, two inside.
        assert_eq!(conversion.prompt.len() + conversion.dropped.len(), 4);
    }
}

mod warnings {
    use super::*;

    #[test]
    fn an_input_whose_origin_is_muted() {
        let mut source = source(1, &[7]);
        source["mode"] = json!(2);
        let conversion = converted(workflow(json!([source, show(2, 7)]), json!([[7, 1, 0, 2, 0, "IMAGE"]])));
        assert_eq!(super::warnings(&conversion), [("2", "image", "link")]);
        assert_eq!(conversion.warnings[0].message, "left out: it comes from a muted node");
    }

    #[test]
    fn an_input_that_comes_through_a_bypassed_node_without_a_fitting_one() {
        let mut source = source(1, &[7]);
        source["mode"] = json!(4);
        let conversion = converted(workflow(json!([source, show(2, 7)]), json!([[7, 1, 0, 2, 0, "IMAGE"]])));
        assert_eq!(super::warnings(&conversion), [("2", "image", "link")]);
        assert!(conversion.warnings[0].message.contains("bypassed"));
    }

    #[test]
    fn a_pattern_in_a_file_name_that_stands_for_nothing() {
        let save = json!({"id": 2, "type": "SaveImage", "widgets_values": ["a_%Nobody.steps%_%what%_%width%_%batch_num"],
            "inputs": [{"name": "images", "type": "IMAGE", "link": 7}]});
        let conversion = converted(workflow(json!([source(1, &[7]), save]), json!([[7, 1, 0, 2, 0, "IMAGE"]])));
        // The server resolves %width% itself.
        assert_eq!(
            super::warnings(&conversion),
            [("2", "filename_prefix", "file_name"), ("2", "filename_prefix", "file_name")]
        );
        assert!(conversion.warnings[0].message.contains("%Nobody.steps%"));
        let kept = &prompt(&conversion)["2"]["inputs"]["filename_prefix"];
        assert_eq!(kept, "a_%Nobody.steps%_%what%_%width%_%batch_num");
    }

    #[test]
    fn nothing_where_nothing_surprises() {
        let conversion = converted(with_instance(0));
        assert_eq!(conversion.warnings, []);
    }
}

mod dates {
    use super::*;

    fn saved_as(prefix: &str, now: Option<LocalTime>) -> (Value, usize) {
        let nodes = json!([source(1, &[7]), {"id": 2, "type": "SaveImage", "widgets_values": [prefix],
            "inputs": [{"name": "images", "type": "IMAGE", "link": 7}]}]);
        let options = ConvertOptions { now, ..Default::default() };
        let conversion = try_convert(&workflow(nodes, json!([[7, 1, 0, 2, 0, "IMAGE"]])), &options).unwrap();
        (prompt(&conversion)["2"]["inputs"]["filename_prefix"].clone(), conversion.warnings.len())
    }

    #[test]
    fn are_those_of_the_time_that_is_given() {
        let now = LocalTime { year: 2026, month: 3, day: 7, hour: 16, minute: 5, second: 9 };
        let (name, warnings) = saved_as("%date:yyyy-MM-dd%/%date:yy-M-d h-mm-ss%", Some(now));
        assert_eq!((name, warnings), (json!("2026-03-07/26-3-7 16-05-09"), 0));
    }

    #[test]
    fn stay_as_they_are_without_a_time_and_warn() {
        assert_eq!(saved_as("%date:yyyy%", None), (json!("%date:yyyy%"), 1));
    }
}

mod random_texts {
    use super::*;

    fn text(random: Random) -> String {
        let options = "abcdefghijklmnopqrstuvwxyz".split("").filter(|c| !c.is_empty()).collect::<Vec<_>>().join("|");
        let text = format!("{{{options}}}").repeat(20);
        let nodes = json!([{"id": 1, "type": "Prompt", "widgets_values": [text]}]);
        let options = ConvertOptions { random, ..Default::default() };
        let conversion = try_convert(&workflow(nodes, json!([])), &options).unwrap();
        prompt(&conversion)["1"]["inputs"]["text"].as_str().unwrap().to_owned()
    }

    #[test]
    fn take_the_first_choice_unless_asked_otherwise() {
        assert_eq!(text(Random::First), "a".repeat(20));
    }

    #[test]
    fn are_the_same_for_the_same_seed_and_others_for_another() {
        let one = text(Random::Seeded(1));
        assert_eq!(one, text(Random::Seeded(1)));
        assert_ne!(one, text(Random::Seeded(2)));
        let different: std::collections::BTreeSet<char> = one.chars().collect();
        assert!(different.len() > 5 && one.len() == 20, "{one}");
    }
}

mod setters_and_getters {
    use super::*;

    fn setter(id: u32, name: &str, link: u32) -> Value {
        json!({"id": id, "type": "SetNode", "widgets_values": [name],
            "inputs": [{"name": "IMAGE", "type": "IMAGE", "link": link}],
            "outputs": [{"name": "*", "type": "*", "links": null}]})
    }

    fn getter(id: u32, name: &str, links: &[u32]) -> Value {
        json!({"id": id, "type": "GetNode", "widgets_values": [name],
            "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": links}]})
    }

    #[test]
    fn hand_on_what_the_setter_of_the_same_name_gets() {
        let conversion = converted(workflow(
            json!([source(1, &[7]), setter(2, "picture", 7), getter(3, "picture", &[8]), show(4, 8)]),
            json!([[7, 1, 0, 2, 0, "IMAGE"], [8, 3, 0, 4, 0, "IMAGE"]]),
        ));
        assert_eq!(prompt(&conversion)["4"]["inputs"]["image"], json!(["1", 0]));
        assert_eq!(conversion.prompt.len(), 2);
    }

    #[test]
    fn without_a_setter_give_nothing() {
        let conversion = converted(workflow(
            json!([source(1, &[7]), setter(2, "picture", 7), getter(3, "other", &[8]), show(4, 8)]),
            json!([[7, 1, 0, 2, 0, "IMAGE"], [8, 3, 0, 4, 0, "IMAGE"]]),
        ));
        assert_eq!(prompt(&conversion)["4"]["inputs"], json!({}));
        let rules: Vec<&str> = conversion.warnings.iter().map(|warning| warning.rule).collect();
        assert_eq!(rules, ["setter"]);
    }

    #[test]
    fn reach_into_subgraphs() {
        let mut workflow = with_instance(0);
        workflow["nodes"][1]["inputs"] = json!([]);
        workflow["nodes"].as_array_mut().unwrap().push(setter(3, "picture", 7));
        workflow["links"] = json!([[7, 1, 0, 3, 0, "IMAGE"]]);
        let definition = &mut workflow["definitions"]["subgraphs"][0];
        definition["inputs"] = json!([]);
        definition["nodes"] = json!([show(5, 1), getter(6, "picture", &[1])]);
        definition["links"][0]["origin_id"] = json!(6);
        assert_eq!(prompt(&converted(workflow))["2:5"]["inputs"]["image"], json!(["1", 0]));
    }
}

mod more_than_the_editor {
    use super::*;

    #[test]
    fn an_object_of_values_is_a_list_only_with_as_many_entries_as_the_class_has_widgets() {
        let amount = |values: Value| {
            let nodes = json!([{"id": 1, "type": "Blend", "widgets_values": values}]);
            prompt(&converted(workflow(nodes, json!([]))))["1"]["inputs"].clone()
        };
        assert_eq!(amount(json!({"amount": 0.25, "videopreview": {"hidden": false}})), json!({"amount": 0.5}));
        assert_eq!(amount(json!({"whatever": 0.25})), json!({"amount": 0.25}));
    }

    #[test]
    fn a_file_without_a_version_keeps_its_links() {
        let nodes = json!([source(1, &[7]), show(2, 7)]);
        let conversion = converted(json!({"nodes": nodes, "links": [[7, 1, 0, 2, 0, "IMAGE"]]}));
        assert_eq!(prompt(&conversion)["2"]["inputs"]["image"], json!(["1", 0]));
    }

    #[test]
    fn an_id_may_be_any_text() {
        let text = r#"{"version": 0.4, "links": [[7, "__proto__", 0, "constructor", 0, "IMAGE"]], "nodes": [
            {"id": "__proto__", "type": "Source", "outputs": [{"name": "IMAGE", "type": "IMAGE", "links": [7]}]},
            {"id": "constructor", "type": "Show", "inputs": [{"name": "image", "type": "IMAGE", "link": 7}],
             "__proto__": {"mode": 2}}]}"#;
        let conversion = convert(text, &object_info(), &ConvertOptions::default()).unwrap();
        assert_eq!(prompt(&conversion)["constructor"]["inputs"]["image"], json!(["__proto__", 0]));
        assert_eq!(prompt(&conversion)["__proto__"]["class_type"], "Source");
    }

    #[test]
    fn a_circle_of_definitions_that_nothing_uses_does_no_harm() {
        let mut workflow = workflow(json!([source(1, &[])]), json!([]));
        let definition = |id: &str, holds: &str| json!({"id": id, "nodes": [{"id": 1, "type": holds}], "links": []});
        workflow["definitions"] = json!({"subgraphs": [definition("a-a", "b-b"), definition("b-b", "a-a")]});
        assert_eq!(converted(workflow).prompt.len(), 1);
    }

    #[test]
    fn promoted_values_may_be_lists_and_objects() {
        let mut workflow = workflow(
            json!([{"id": 2, "type": "definition-1", "inputs": [], "outputs": [],
                "properties": {"proxyWidgets": [["5", "box"], ["6", "colours"]]},
                "widgets_values": [{"x": 5, "y": 6, "width": 7, "height": 8}, ["#abc", "#def"]]}]),
            json!([]),
        );
        workflow["definitions"] = json!({"subgraphs": [{"id": "definition-1", "name": "Inside", "inputs": [],
            "outputs": [], "links": [], "nodes": [{"id": 5, "type": "Boxes"}, {"id": 6, "type": "Shapes"}]}]});
        let prompt = prompt(&converted(workflow));
        assert_eq!(prompt["2:5"]["inputs"]["box"], json!({"x": 5, "y": 6, "width": 7, "height": 8}));
        assert_eq!(prompt["2:6"]["inputs"]["colours"], json!({"__value__": ["#abc", "#def"]}));
    }
}

mod forms {
    use super::*;

    #[test]
    fn are_told_apart() {
        let kind = |text| DocumentKind::of(Raw::read(text).unwrap());
        assert_eq!(kind(r#"{"nodes": [], "links": []}"#), DocumentKind::Workflow);
        assert_eq!(kind(r#"{"3": {"class_type": "KSampler", "inputs": {}}}"#), DocumentKind::Prompt);
        for other in ["{}", "[]", "7", r#"{"nodes": 3}"#, r#"{"prompt": {}}"#, r#"{"1": {}}"#] {
            assert_eq!(kind(other), DocumentKind::Other, "{other}");
        }
    }

    #[test]
    fn a_prompt_is_no_workflow_and_the_error_says_so() {
        let error = try_convert(&json!({"3": {"class_type": "KSampler", "inputs": {}}}), &ConvertOptions::default());
        assert!(error.unwrap_err().to_string().contains("a prompt"));
    }
}

mod object_infos {
    use super::*;

    #[test]
    fn may_hold_what_json_may_not() {
        // ComfyUI writes them with Python's json, which has NaN and Infinity.
        let text =
            r#"{"A": {"input": {"required": {"f": ["FLOAT", {"default": NaN, "max": Infinity}]}}, "output": []}}"#;
        let object_info = ObjectInfo::parse(text).unwrap();
        assert!(object_info.has("A") && object_info.len() == 1);
        let conversion = convert(
            r#"{"nodes": [{"id": 1, "type": "A", "widgets_values": [2.5]}]}"#,
            &object_info,
            &Default::default(),
        );
        assert_eq!(prompt(&conversion.unwrap())["1"]["inputs"], json!({"f": 2.5}));
    }

    #[test]
    fn that_are_something_else_are_an_error() {
        for text in ["", "[]", "{\"A\":", "<html>", "null"] {
            let error = ObjectInfo::parse(text).err().unwrap();
            assert!(matches!(error, ConvertError::ObjectInfo(_)), "{text}: {error}");
        }
    }
}

mod unknown_types_as_data {
    use super::*;

    #[test]
    fn are_data_with_their_packs_and_a_short_sentence() {
        let node = |id: usize, ty: &str| {
            json!({"id": id, "type": ty, "properties": {"cnr_id": "some-pack"},
                "outputs": [{"name": "x", "type": "IMAGE", "links": null}]})
        };
        let nodes: Vec<Value> = (1..=30).map(|id| node(id, &format!("Unknown{id}"))).collect();
        let error = try_convert(&workflow(json!(nodes), json!([])), &ConvertOptions::default()).unwrap_err();
        assert!(error.to_string().contains("and 27 more") && error.to_string().len() < 300, "{error}");
        let ConvertError::UnknownTypes(types) = error else { panic!("{error}") };
        assert_eq!((types.len(), types[0].pack.as_deref(), types[0].is_subgraph()), (30, Some("some-pack"), false));
        let uuid = "0a1b2c3d-0000-4000-8000-0123456789ab";
        let error = try_convert(&workflow(json!([node(1, uuid)]), json!([])), &ConvertOptions::default()).unwrap_err();
        let ConvertError::UnknownTypes(types) = error else { panic!("{error}") };
        assert!(types[0].is_subgraph());
        let mut core = node(1, "OfTomorrow");
        core["properties"]["cnr_id"] = json!("comfy-core");
        let error = try_convert(&workflow(json!([core]), json!([])), &ConvertOptions::default()).unwrap_err();
        let ConvertError::UnknownTypes(types) = error else { panic!("{error}") };
        assert!(types[0].is_core());
    }
}

mod large_integers {
    use super::*;

    const SEED: &str = "18446744073709551557";

    fn written(workflow: &str) -> String {
        let info = json!({
            "Sample": {"input": {"required": {"seed": ["INT", {"max": 0xffff_ffff_ffff_ffff_u64}]}}, "output": []},
            "Show": {"input": {"required": {"text": ["STRING", {"multiline": true}]}}, "output": []},
        });
        let info = ObjectInfo::parse(&info.to_string()).unwrap();
        convert(workflow, &info, &ConvertOptions::default()).unwrap().prompt.into_json()
    }

    #[test]
    fn keep_their_digits_in_every_place_that_a_value_can_come_from() {
        let plain = format!(r#"{{"nodes": [{{"id": 1, "type": "Sample", "widgets_values": [{SEED}, "fixed"]}}]}}"#);
        let primitive = format!(
            r#"{{"nodes": [
                {{"id": 1, "type": "Sample", "inputs": [{{"name": "seed", "type": "INT", "link": 7, "widget": {{"name": "seed"}}}}],
                  "widgets_values": [5, "fixed"]}},
                {{"id": 2, "type": "PrimitiveNode", "outputs": [{{"type": "INT", "links": [7]}}], "widgets_values": [{SEED}, "fixed"]}}],
              "links": [[7, 2, 0, 1, 0, "INT"]]}}"#
        );
        let promoted = format!(
            r#"{{"nodes": [{{"id": 1, "type": "definition-1", "inputs": [{{"name": "seed", "type": "INT", "widget": {{"name": "seed"}}}}],
                "widgets_values": [{SEED}]}}],
              "definitions": {{"subgraphs": [{{"id": "definition-1",
                "inputs": [{{"name": "seed", "type": "INT", "linkIds": [1]}}], "outputs": [],
                "nodes": [{{"id": 5, "type": "Sample", "inputs": [{{"name": "seed", "type": "INT", "link": 1, "widget": {{"name": "seed"}}}}],
                  "widgets_values": [5, "fixed"]}}],
                "links": [{{"id": 1, "origin_id": -10, "origin_slot": 0, "target_id": 5, "target_slot": 0, "type": "INT"}}]}}]}}}}"#
        );
        let grouped = format!(
            r#"{{"nodes": [{{"id": 1, "type": "workflow>One", "widgets_values": [{SEED}, "fixed"]}}],
              "extra": {{"groupNodes": {{"One": {{"nodes": [{{"type": "Sample", "index": 0, "widgets_values": [5, "fixed"]}}],
                "links": [], "external": []}}}}}}}}"#
        );
        for workflow in [plain, primitive, promoted, grouped] {
            let prompt = written(&workflow);
            assert!(prompt.contains(&format!(r#""seed":{SEED}"#)), "{workflow}\n{prompt}");
        }
    }

    #[test]
    fn that_a_primitive_clamps_lose_them() {
        let workflow = r#"{"nodes": [
            {"id": 1, "type": "Sample", "inputs": [{"name": "seed", "type": "INT", "link": 7, "widget": {"name": "seed"}}]},
            {"id": 2, "type": "PrimitiveNode", "outputs": [{"type": "INT", "links": [7]}], "widgets_values": [99999999999999999999, "fixed"]}],
          "links": [[7, 2, 0, 1, 0, "INT"]]}"#;
        assert!(written(workflow).contains(r#""seed":18446744073709552000"#));
    }
}

mod refused_by_the_server {
    use super::*;

    /// The warnings of a node with these values, and links of `Source` to these inputs: input, rule and message.
    fn of(class: &str, values: Value, links: &[&str], output_node: bool) -> Vec<(String, &'static str, String)> {
        let classes = json!({
            "Source": {"input": {}, "output": ["IMAGE"]},
            "Sink": {"input": {"required": {
                "image": ["IMAGE"], "steps": ["INT", {"min": 1, "max": 100}], "cfg": ["FLOAT", {"min": 0, "max": 10}],
                "on": ["BOOLEAN", {}], "mode": [["fast", "slow"]], "factor": [[0.5, 1.0, 2.0]],
                "file": [["a.safetensors", "b.safetensors"]], "text": ["STRING", {}]},
                "optional": {"mask": ["MASK"], "forced": ["STRING", {"forceInput": true}]}},
                "output": [], "output_node": output_node},
            "Load3D": {"input": {"required": {"model_file": [[]], "image": ["LOAD_3D", {}]}}, "output": [], "output_node": true},
            "Result": {"input": {"optional": {"image": ["IMAGE"]}}, "output": [], "output_node": true},
        });
        let inputs: Vec<Value> =
            links.iter().enumerate().map(|(at, name)| json!({"name": name, "type": "IMAGE", "link": at})).collect();
        let all: Vec<Value> = (0..links.len()).map(|at| json!([at, 1, 0, 2, at, "IMAGE"])).collect();
        let nodes = json!([source(1, &[]), {"id": 2, "type": class, "inputs": inputs, "widgets_values": values},
            {"id": 3, "type": "Result"}]);
        let info = ObjectInfo::parse(&classes.to_string()).unwrap();
        let conversion = convert(&workflow(nodes, json!(all)).to_string(), &info, &ConvertOptions::default()).unwrap();
        conversion.warnings.into_iter().map(|warning| (warning.input, warning.rule, warning.message)).collect()
    }

    fn sink(values: Value) -> Vec<(String, &'static str, String)> {
        of("Sink", values, &["image"], true)
    }

    #[test]
    fn values_that_fit_are_no_warning() {
        assert_eq!(sink(json!([20, 7.5, true, "fast", 1, "a.safetensors", "x"])), []);
        // Python reads numbers out of texts, a list of files differs from server to server.
        assert_eq!(sink(json!(["20", " 7.5 ", 1, "slow", 0.5, "other.safetensors", 7])), []);
        assert_eq!(sink(json!([20, 7, "True", "fast", 2.0, "sub/model", ""])), []);
    }

    #[test]
    fn values_after_a_shift_are_each_a_warning() {
        let warnings = sink(json!(["fast", [1], "Alpha", false, 3, "a.safetensors", "x"]));
        let messages: Vec<(&str, &str, &str)> =
            warnings.iter().map(|(input, rule, message)| (input.as_str(), *rule, message.as_str())).collect();
        assert_eq!(
            messages,
            [
                ("steps", "value", "\"fast\" is no whole number"),
                ("cfg", "value", "[1] is no number"),
                ("on", "value", "\"Alpha\" is neither true nor false"),
                ("mode", "value", "false is none of its options"),
                ("factor", "value", "3 is none of its options"),
            ]
        );
    }

    #[test]
    fn numbers_beyond_their_limits_are_a_warning() {
        let warnings = sink(json!([0, 10.5, true, "fast", 1, "a.safetensors", "x"]));
        let messages: Vec<&str> = warnings.iter().map(|(.., message)| message.as_str()).collect();
        assert_eq!(
            messages,
            ["0 is less than 1, the least that it takes", "10.5 is more than 10, the most that it takes"]
        );
    }

    #[test]
    fn a_required_socket_without_a_link_is_a_warning() {
        let warnings = of("Sink", json!([20, 7.5, true, "fast", 1, "a.safetensors", "x"]), &[], true);
        assert_eq!(warnings, [("image".into(), "required", "nothing is linked to it, and the server wants it".into())]);
    }

    #[test]
    fn a_value_that_only_the_editor_makes_is_a_warning() {
        let warnings = of("Load3D", json!(["a.glb", ""]), &[], true);
        let rules: Vec<(&str, &str)> = warnings.iter().map(|(input, rule, _)| (input.as_str(), *rule)).collect();
        assert_eq!(rules, [("image", "editor")]);
    }

    #[test]
    fn nodes_that_no_result_depends_on_are_not_looked_at() {
        assert_eq!(of("Sink", json!(["fast"]), &[], false), []);
    }

    #[test]
    fn an_optional_input_behind_a_bypassed_node_is_switched_off() {
        let mut source = source(1, &[7, 8]);
        source["mode"] = json!(4);
        let show = json!({"id": 2, "type": "Show", "inputs": [
            {"name": "image", "type": "IMAGE", "link": 7}, {"name": "extra", "type": "IMAGE", "link": 8}]});
        let links = json!([[7, 1, 0, 2, 0, "IMAGE"], [8, 1, 0, 2, 1, "IMAGE"]]);
        assert_eq!(warnings(&converted(workflow(json!([source, show]), links))), [("2", "image", "link")]);
    }
}
