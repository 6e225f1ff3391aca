//! Workflows with custom node packs, beside the prompts that the editor sends for them.
//!
//! Three sets: `cases` (one rule each, `NAME.json`, `NAME.prompt.json`, `NAME.object_info.json`), `workflows` with
//! `prompts` (public workflows), and `sweep` (each class of a pack once, `{"prompt": …}` as the answer).

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use comfyui_autoflow::workflow::ObjectInfo;
use serde_json::Value;

use crate::compare::{Difference, compare};

/// What came out of one set.
#[derive(Default)]
pub struct Report {
    pub exact: usize,
    /// The workflows that are not exact, with what differs.
    pub different: Vec<(String, Vec<Difference>)>,
    /// Of the sweep: the classes that are exact, and those that are not.
    pub exact_classes: usize,
    pub different_classes: BTreeSet<String>,
}

impl Report {
    fn add(&mut self, name: &str, found: Vec<Difference>) {
        if found.is_empty() {
            self.exact += 1;
        } else {
            self.different.push((name.to_owned(), found));
        }
    }

    pub fn len(&self) -> usize {
        self.exact + self.different.len()
    }

    /// Every difference, a line each.
    pub fn lines(&self) -> Vec<String> {
        let lines = |(name, found): &(String, Vec<Difference>)| {
            found.iter().map(|found| format!("{name}: {found}")).collect::<Vec<_>>()
        };
        self.different.iter().flat_map(lines).collect()
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read_json(path: &Path) -> Value {
    serde_json::from_str(&read(path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The object info of a server with all packs.
pub fn object_info(folder: &Path) -> ObjectInfo {
    ObjectInfo::parse(&read(&folder.join("object_info.json"))).expect("an object info")
}

/// The names in a folder that end in this way, without it, in order.
fn names(folder: &Path, ending: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<String> =
        entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.strip_suffix(ending).map(str::to_owned)).collect();
    names.sort();
    names
}

/// The workflows of a folder, each beside its prompt, with one object info for all.
#[allow(dead_code, reason = "not all who include this file use it")]
pub fn workflows_of(folder: &Path, object_info: &Path) -> Report {
    let object_info = ObjectInfo::parse(&read(object_info)).expect("an object info");
    let mut report = Report::default();
    for name in names(folder, ".prompt.json") {
        let file = |ending: &str| folder.join([&name, ending].concat());
        report.add(&name, compare(&read(&file(".json")), &read_json(&file(".prompt.json")), &object_info));
    }
    report
}

/// The small workflows, each with an object info of its own.
pub fn cases(folder: &Path) -> Report {
    let mut report = Report::default();
    for name in names(folder, ".prompt.json") {
        let file = |ending: &str| folder.join([&name, ending].concat());
        let object_info = ObjectInfo::parse(&read(&file(".object_info.json"))).expect("an object info");
        let expected = read_json(&file(".prompt.json"));
        report.add(&name, compare(&read(&file(".json")), &expected, &object_info));
    }
    report
}

/// The public workflows.
pub fn workflows(folder: &Path, object_info: &ObjectInfo) -> Report {
    let mut report = Report::default();
    for name in names(&folder.join("prompts"), ".json") {
        let file = [&name, ".json"].concat();
        let expected = read_json(&folder.join("prompts").join(&file));
        report.add(&name, compare(&read(&folder.join("workflows").join(&file)), &expected, object_info));
    }
    report
}

/// The workflows in which each class stands once. A class counts as exact where all its nodes are.
pub fn sweep(folder: &Path, object_info: &ObjectInfo) -> Report {
    let mut report = Report::default();
    let mut classes: BTreeSet<String> = BTreeSet::new();
    for name in names(&folder.join("prompts"), ".json") {
        let file = [&name, ".json"].concat();
        let expected = &read_json(&folder.join("prompts").join(&file))["prompt"];
        let nodes = expected.as_object().into_iter().flat_map(|nodes| nodes.values());
        classes.extend(nodes.filter_map(|node| Some(node["class_type"].as_str()?.to_owned())));
        let found = compare(&read(&folder.join("workflows").join(&file)), expected, object_info);
        report.different_classes.extend(found.iter().map(|found| found.class.clone()));
        report.add(&name, found);
    }
    report.exact_classes = classes.iter().filter(|class| !report.different_classes.contains(*class)).count();
    report
}
