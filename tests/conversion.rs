//! Every workflow in `tests/conversion`, each for one rule, becomes the prompt that ComfyUI's own frontend makes of it.
//! `NAME.prompt.json` is the frontend's answer; `tests/conversion/oracle.mjs` asks for it.

#[path = "conversion/compare.rs"]
mod compare;

use std::fs;
use std::path::Path;

use comfyui_autoflow::workflow::ObjectInfo;

#[test]
fn every_workflow_becomes_the_prompt_that_the_frontend_makes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conversion");
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let object_info = ObjectInfo::parse(&read("object_info.json")).unwrap();
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().to_str()?.strip_suffix(".prompt.json").map(str::to_owned))
        .collect();
    names.sort();
    assert!(names.len() >= 140, "only {} workflows", names.len());
    let mut different = Vec::new();
    for name in names {
        let workflow = read(&format!("{name}.json"));
        let expected = serde_json::from_str(&read(&format!("{name}.prompt.json"))).unwrap();
        different.extend(
            compare::compare(&workflow, &expected, &object_info).iter().map(|found| format!("{name}: {found}")),
        );
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}
