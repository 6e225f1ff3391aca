//! Workflows with custom node packs become the prompts that the editor with those packs sends.
//!
//! The recordings stand beside this project (`../shared/packs`); where they are not there, these tests have nothing to
//! compare.

#[path = "conversion/compare.rs"]
mod compare;
#[path = "packs/corpus.rs"]
mod corpus;

use std::path::{Path, PathBuf};

use comfyui_autoflow::workflow::{Conversion, ConvertOptions, ObjectInfo, Warning, convert};

/// Where the recordings are beside this project; `None` where they are not.
fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/packs");
    folder.is_dir().then_some(folder)
}

#[test]
fn every_case_is_exact() {
    let Some(folder) = shared() else { return };
    let report = corpus::cases(&folder.join("cases"));
    assert_eq!(report.exact, report.len(), "{}", report.lines().join("\n"));
}

/// Small workflows with packs, and what the editor with those packs sends (`tests/packs/oracle.mjs`).
#[test]
fn every_example_is_exact() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs/examples");
    let report = corpus::workflows_of(&folder, &folder.join("object_info.json"));
    assert!(report.len() > 0 && report.exact == report.len(), "{}", report.lines().join("\n"));
}

/// Links that Use Everywhere makes, as the editor with that pack makes them: `tests/packs/oracle.mjs` made the prompts.
#[test]
fn broadcasts_are_exact() {
    let folder = broadcasts_folder();
    let report = corpus::workflows_of(&folder, &folder.join("object_info.json"));
    assert!(report.len() > 20 && report.exact == report.len(), "{}", report.lines().join("\n"));
}

/// The workflows for Use Everywhere.
fn broadcasts_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs/use_everywhere")
}

fn broadcasts_object_info() -> ObjectInfo {
    let text = std::fs::read_to_string(broadcasts_folder().join("object_info.json")).expect("a file");
    ObjectInfo::parse(&text).expect("an object info")
}

/// Converts a workflow of that folder with changes in its text.
fn converted(name: &str, changes: &[(&str, &str)]) -> Conversion {
    let mut workflow = std::fs::read_to_string(broadcasts_folder().join(name)).expect("a file");
    for (from, to) in changes {
        assert!(workflow.contains(from), "{name} has {from}");
        workflow = workflow.replace(from, to);
    }
    convert(&workflow, &broadcasts_object_info(), &ConvertOptions::default()).expect("a prompt")
}

fn broadcast_warnings(conversion: &Conversion) -> Vec<&Warning> {
    conversion.warnings.iter().filter(|warning| warning.rule == "broadcast").collect()
}
#[test]
fn an_input_that_two_broadcasts_reach_alike_is_named() {
    let conversion = converted("prio.json", &[(r#""priority":11"#, r#""priority":10"#)]);
    let warnings = broadcast_warnings(&conversion);
    let about: Vec<(&str, &str)> = warnings.iter().map(|one| (one.node.as_str(), one.input.as_str())).collect();
    assert!(about.contains(&("2", "clip")), "{warnings:?}");
    assert!(warnings.iter().all(|warning| warning.pack.as_deref() == Some("cg-use-everywhere")));
}

#[test]
fn a_regular_expression_that_is_not_followed_is_named() {
    let conversion = converted("rule4.json", &[(r#""title_regex":"(""#, r#""title_regex":"(K)\\1""#)]);
    let warnings = broadcast_warnings(&conversion);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].message.contains(r"(K)\1"), "{warnings:?}");
}

/// The warnings of a workflow with these nodes and links, as node, input and pack.
fn not_in_file(nodes: &str, links: &str) -> Vec<(String, String, String)> {
    let object_info = r#"{
        "Text": {"input": {"required": {"text": ["STRING", {}]}}, "output": [], "python_module": "nodes"},
        "Seed (rgthree)": {"input": {"required": {"seed": ["INT", {}]}}, "output": ["INT"],
                           "python_module": "custom_nodes.rgthree-comfy"},
        "SDParameterGenerator": {"input": {"optional": {"seed": ["INT", {"min": -3}]}}, "output": ["INT"],
                                 "python_module": "custom_nodes.comfyui-prompt-reader-node"},
        "Other": {"input": {"required": {"a": ["INT", {}]}}, "output": [], "python_module": "custom_nodes.other-pack"}
    }"#;
    let object_info = ObjectInfo::parse(object_info).expect("an object info");
    let workflow = format!(r#"{{"version": 0.4, "nodes": [{nodes}], "links": [{links}]}}"#);
    let conversion = convert(&workflow, &object_info, &ConvertOptions::default()).expect("a prompt");
    let warnings = conversion.warnings.into_iter().filter(|warning| warning.rule == "not_in_file");
    warnings.map(|warning| (warning.node, warning.input, warning.pack.unwrap_or_default())).collect()
}

#[test]
fn what_no_file_says_is_named_with_node_input_and_pack() {
    let target = r#"{"id": 2, "type": "Text", "inputs":
        [{"name": "text", "type": "STRING", "widget": {"name": "text"}, "link": 1}], "widgets_values": ["a"]}"#;
    for (class_type, pack) in
        [("PresetText|pysssss", "comfyui-custom-scripts"), ("VHS_SelectLatest", "comfyui-videohelpersuite")]
    {
        let source = format!(
            r#"{{"id": 1, "type": "{class_type}", "outputs": [{{"name": "text", "type": "STRING", "links": [1]}}]}}"#
        );
        let warnings = not_in_file(&[&source, ",", target].concat(), r#"[1, 1, 0, 2, 0, "STRING"]"#);
        assert_eq!(warnings, [("2".into(), "text".into(), pack.into())]);
    }
    for (class_type, pack) in
        [("Seed (rgthree)", "rgthree-comfy"), ("SDParameterGenerator", "comfyui-prompt-reader-node")]
    {
        let seed = |seed: &str| format!(r#"{{"id": 1, "type": "{class_type}", "widgets_values": [{seed}]}}"#);
        assert_eq!(not_in_file(&seed("-2"), ""), [("1".into(), "seed".into(), pack.into())]);
        assert_eq!(not_in_file(&seed("-1"), ""), []);
    }
}

#[test]
fn saved_values_that_no_widget_takes_are_named() {
    let node = |values: &str| format!(r#"{{"id": 1, "type": "Other", "widgets_values": [{values}]}}"#);
    assert_eq!(not_in_file(&node("1, 2"), ""), [("1".into(), String::new(), "other-pack".into())]);
    assert_eq!(not_in_file(&node("1, null"), ""), []);
    assert_eq!(not_in_file(r#"{"id": 1, "type": "Text", "widgets_values": ["a", "b"]}"#, ""), [], "no pack");
}

#[test]
fn hostile_regular_expressions_end() {
    for (pattern, is_followed) in [("(a+)+$", true), ("(a|aa)+$", true), ("(((a{1000}){1000}){1000})", false)] {
        let title = ["\"title\":\"", &"a".repeat(100_000), "!\","].concat();
        let restricted = format!(r#""title_regex":"{pattern}""#);
        let title = [r#"{"id":5,"#, &title].concat();
        let changes = [(r#""title_regex":"(""#, &*restricted), (r#"{"id":5,"#, &title)];
        let conversion = converted("rule4.json", &changes);
        assert_eq!(broadcast_warnings(&conversion).is_empty(), is_followed, "{pattern}");
    }
}

#[test]
fn more_broadcasts_than_can_be_followed_are_left_out_with_a_warning() {
    let count = 8000;
    let nodes: Vec<String> = (0..count)
        .map(|at| {
            let receiver = format!(
                r#"{{"id":{},"type":"VAEDecode","inputs":[{{"name":"vae","type":"VAE","link":null}}],"properties":{{}}}}"#,
                count + at
            );
            let sender = format!(
                r#"{{"id":{at},"type":"CheckpointLoaderSimple","outputs":[{{"name":"VAE","type":"VAE"}}],"properties":{{"ue_convert":true,"ue_properties":{{"version":"7.8","title_regex":"nothing{at}"}}}}}}"#
            );
            [receiver, sender].join(",")
        })
        .collect();
    let workflow = ["{\"nodes\":[", &nodes.join(","), "],\"links\":[]}"].concat();
    let conversion = convert(&workflow, &broadcasts_object_info(), &ConvertOptions::default()).expect("a prompt");
    let warnings = broadcast_warnings(&conversion);
    assert!(matches!(warnings[..], [one] if one.message.contains("left out")), "{warnings:?}");
}
#[test]
fn public_workflows_are_exact() {
    let Some(folder) = shared() else { return };
    let report = corpus::workflows(&folder, &corpus::object_info(&folder));
    assert!(report.exact >= 264, "{}\n{} of {}", report.lines().join("\n"), report.exact, report.len());
}

#[test]
fn nearly_every_class_with_its_defaults_is_exact() {
    let Some(folder) = shared() else { return };
    let report = corpus::sweep(&folder.join("sweep"), &corpus::object_info(&folder));
    let (exact, different) = (report.exact_classes, report.different_classes.len());
    assert!(
        exact * 100 >= 99 * (exact + different),
        "{}\n{exact} classes exact, {different} not",
        report.lines().join("\n")
    );
}
