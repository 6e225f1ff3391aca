//! Workflows with custom node packs become the prompts that the editor with those packs sends.
//!
//! The recordings stand beside this project (`../shared/packs`); where they are not there, these tests have nothing to
//! compare.

#[path = "conversion/compare.rs"]
mod compare;
#[path = "packs/corpus.rs"]
mod corpus;

use std::path::{Path, PathBuf};

/// Where the recordings are beside this project; `None` where they are not.
fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/packs");
    folder.is_dir().then_some(folder)
}

#[test]
fn every_case_is_exact() {
    let Some(folder) = shared() else { return };
    let report = corpus::cases(&folder.join("cases"));
    assert!(report.exact >= 76, "{}\n{} of {}", report.lines().join("\n"), report.exact, report.len());
}

#[test]
fn public_workflows_are_exact() {
    let Some(folder) = shared() else { return };
    let report = corpus::workflows(&folder, &corpus::object_info(&folder));
    assert!(report.exact >= 253, "{}\n{} of {}", report.lines().join("\n"), report.exact, report.len());
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
