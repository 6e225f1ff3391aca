//! Converts workflows and compares the prompts with those that ComfyUI's own frontend makes.
//!
//! `cargo run --release --example conformance -- --workflows DIR --prompts DIR --object-info FILE`
//! `cargo run --release --example conformance -- --packs DIR`
//!
//! With `--warnings refused` before the folders, a warning fails a workflow: those that ComfyUI ships are as they should be.
//!
//! For every `NAME.json` in the prompts folder, or `NAME.prompt.json` where both folders are one, `NAME.json` of the
//! workflows folder is converted. Equal means: the same node ids, and per node the same `class_type` and `inputs` by
//! JSON equality (`tests/conversion/compare.rs`). Prints what differs, most frequent first, and closes with `N passed,
//! N failed`; exits with 1 where something is not exact. With `--packs` it reads the workflows with custom node packs
//! (`tests/packs/corpus.rs`).

#[path = "../tests/conversion/compare.rs"]
mod compare;
#[path = "../tests/packs/corpus.rs"]
mod corpus;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use comfyui_autoflow::workflow::{ConvertOptions, LocalTime, ObjectInfo, Warning, convert};
use compare::{Difference, compare};
use serde_json::Value;

fn main() -> ExitCode {
    let mut options: BTreeMap<String, String> = BTreeMap::new();
    let mut arguments = std::env::args().skip(1);
    while let (Some(name), Some(value)) = (arguments.next(), arguments.next()) {
        options.insert(name, value);
    }
    let get = |name: &str| options.get(name).map(PathBuf::from);
    if let Some(folder) = get("--packs") {
        return if packs(&folder) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let (Some(workflows), Some(prompts), Some(object_info)) =
        (get("--workflows"), get("--prompts"), get("--object-info"))
    else {
        eprintln!("usage: conformance --workflows DIR --prompts DIR --object-info FILE, or --packs DIR");
        return ExitCode::from(2);
    };
    match run(&workflows, &prompts, &object_info, get("--warnings").is_some()) {
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

fn run(workflows: &Path, prompts: &Path, object_info: &Path, refuses_warnings: bool) -> Result<bool, String> {
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
        let mut found = compare(&workflow, &expected, &object_info);
        seconds += started.elapsed().as_secs_f64();
        if refuses_warnings {
            found.extend(warnings(&workflow, &object_info));
        }
        if found.is_empty() {
            passed += 1;
            continue;
        }
        failed += 1;
        for difference in found {
            println!("{stem}: {difference}");
            differences.entry(format!("{:?} {}", difference.class, difference.kind)).or_default().push(stem.to_owned());
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

/// The warnings of a workflow, as differences.
fn warnings(workflow: &str, object_info: &ObjectInfo) -> Vec<Difference> {
    let now = LocalTime { year: 2026, month: 1, day: 1, hour: 0, minute: 0, second: 0 };
    let options = ConvertOptions { now: Some(now), ..ConvertOptions::default() };
    let warnings = convert(workflow, object_info, &options).map(|conversion| conversion.warnings).unwrap_or_default();
    let difference = |warning: Warning| Difference {
        node: warning.node,
        class: String::new(),
        kind: format!("warning {} of {}", warning.rule, warning.input),
        detail: warning.message,
    };
    warnings.into_iter().map(difference).collect()
}

/// The three sets of workflows with custom node packs. True where all of them are exact.
fn packs(folder: &Path) -> bool {
    let started = Instant::now();
    let object_info = corpus::object_info(folder);
    println!("object info: {} classes in {:.1} ms", object_info.len(), started.elapsed().as_secs_f64() * 1e3);
    let sets = [
        ("cases", corpus::cases(&folder.join("cases"))),
        ("workflows", corpus::workflows(folder, &object_info)),
        ("sweep", corpus::sweep(&folder.join("sweep"), &object_info)),
    ];
    let (mut passed, mut failed) = (0, 0);
    for (name, report) in &sets {
        println!("\n{name}");
        for line in report.lines() {
            println!("  {line}");
        }
        for (count, kind) in by_kind(report).iter().take(60) {
            println!("{count:5} × {kind}");
        }
        println!("{} of {} exact", report.exact, report.len());
        let (exact, different) = (report.exact_classes, report.different_classes.len());
        if exact + different > 0 {
            println!("{exact} of {} classes exact", exact + different);
        }
        passed += report.exact;
        failed += report.different.len();
    }
    println!("{passed} passed, {failed} failed");
    failed == 0 && passed > 0
}

/// The number of workflows that each kind of difference touches, by class and input, most frequent first.
fn by_kind(report: &corpus::Report) -> Vec<(usize, String)> {
    let mut kinds: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (name, found) in &report.different {
        for Difference { class, kind, .. } in found {
            kinds.entry(format!("{class:?} {kind}")).or_default().insert(name);
        }
    }
    let mut kinds: Vec<(usize, String)> = kinds.into_iter().map(|(kind, names)| (names.len(), kind)).collect();
    kinds.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    kinds
}
