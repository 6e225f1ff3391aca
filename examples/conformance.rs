//! Converts workflows and compares the prompts with those that ComfyUI's own frontend makes.
//!
//! `cargo run --release --example conformance -- --workflows DIR --prompts DIR --object-info FILE`
//!
//! For every `NAME.json` in the prompts folder, or `NAME.prompt.json` where both folders are one, `NAME.json` of the
//! workflows folder is converted. Equal means: the same node ids, and per node the same `class_type` and `inputs` by
//! JSON equality (`tests/conversion/compare.rs`). Prints what differs, most frequent first, and closes with `N passed,
//! N failed`; exits with 1 where something is not exact.

#[path = "../tests/conversion/compare.rs"]
mod compare;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use comfyui_autoflow::workflow::ObjectInfo;
use compare::compare;
use serde_json::Value;

fn main() -> ExitCode {
    let mut options: BTreeMap<String, String> = BTreeMap::new();
    let mut arguments = std::env::args().skip(1);
    while let (Some(name), Some(value)) = (arguments.next(), arguments.next()) {
        options.insert(name, value);
    }
    let get = |name: &str| options.get(name).map(PathBuf::from);
    let (Some(workflows), Some(prompts), Some(object_info)) =
        (get("--workflows"), get("--prompts"), get("--object-info"))
    else {
        eprintln!("usage: conformance --workflows DIR --prompts DIR --object-info FILE");
        return ExitCode::from(2);
    };
    match run(&workflows, &prompts, &object_info) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn run(workflows: &Path, prompts: &Path, object_info: &Path) -> Result<bool, String> {
    let text = read(object_info)?;
    let started = Instant::now();
    let object_info = ObjectInfo::parse(&text).map_err(|error| error.to_string())?;
    println!("object info: {} classes in {:.1} ms", object_info.len(), started.elapsed().as_secs_f64() * 1e3);

    let mut names: Vec<String> = std::fs::read_dir(prompts)
        .map_err(|error| format!("{}: {error}", prompts.display()))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.ends_with(".json") && (workflows != prompts || name.ends_with(".prompt.json")))
        .collect();
    names.sort();

    let mut differences: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut passed, mut failed, mut seconds) = (0, 0, 0.0);
    for name in &names {
        let stem = name.strip_suffix(".prompt.json").or_else(|| name.strip_suffix(".json")).unwrap_or(name);
        let workflow = read(&workflows.join(format!("{stem}.json")))?;
        let expected: Value = serde_json::from_str(&read(&prompts.join(name))?).map_err(|e| format!("{name}: {e}"))?;
        let started = Instant::now();
        let found = compare(&workflow, &expected, &object_info);
        seconds += started.elapsed().as_secs_f64();
        if found.is_empty() {
            passed += 1;
            continue;
        }
        failed += 1;
        for difference in found {
            println!("{stem}: {difference}");
            let kind = difference.split(": ").nth(1).unwrap_or(&difference).to_owned();
            differences.entry(kind).or_default().push(stem.to_owned());
        }
    }
    let mut differences: Vec<_> = differences.into_iter().collect();
    differences.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    for (kind, names) in differences.iter().take(40) {
        println!("{:5} × {kind}", names.len());
    }
    println!("{:.2} ms for each workflow, comparison included", seconds * 1e3 / names.len().max(1) as f64);
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0 && passed > 0)
}
