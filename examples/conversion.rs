//! Converts the corpus natively, for `npm run bench -- conversion`; prints what it measured after RESULT.
//! `cargo run --release --example conversion -- WORKFLOWS PROMPTS OBJECT_INFO GROWTH PASSES`

#[path = "../tests/conversion/compare.rs"]
mod compare;

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use comfyui_autoflow::workflow::convert;
use comfyui_autoflow::workflow::{ConvertOptions, ObjectInfo};
use compare::compare;
use serde_json::{Map, Value, json};

fn names(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("a file").file_name().to_string_lossy().into()).collect();
    names.retain(|name| name.ends_with(".json"));
    names.sort();
    names
}

fn read(folder: &str, name: &str) -> String {
    fs::read_to_string(Path::new(folder).join(name)).expect("a text file")
}

/// Milliseconds, the best of a few passes.
fn best(text: &str, object_info: &ObjectInfo, passes: usize) -> f64 {
    let options = ConvertOptions::default();
    let pass = |_| {
        let started = Instant::now();
        black_box(convert(text, object_info, &options).is_ok());
        started.elapsed().as_secs_f64() * 1e3
    };
    (0..passes).map(pass).fold(f64::INFINITY, f64::min)
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [workflows, prompts, object_info, growth, passes] = &arguments[..] else {
        panic!("conversion WORKFLOWS PROMPTS OBJECT_INFO GROWTH PASSES");
    };
    let passes: usize = passes.parse().expect("a number");
    let object_info = ObjectInfo::parse(&fs::read_to_string(object_info).expect("a file")).expect("an object info");
    let (mut sum, mut exact) = (0.0, 0);
    let corpus = names(prompts);
    for name in &corpus {
        let text = read(workflows, name);
        sum += best(&text, &object_info, passes);
        let expected: Value = serde_json::from_str(&read(prompts, name)).expect("JSON");
        exact += usize::from(compare(&text, &expected, &object_info).is_empty());
    }
    let grown = names(growth).into_iter().map(|name| {
        let ms = best(&read(growth, &name), &object_info, passes);
        (name.trim_end_matches(".json").to_owned(), json!(ms))
    });
    let ms = sum / corpus.len() as f64;
    let grown: Map<String, Value> = grown.collect();
    println!("RESULT {}", json!({"ms": ms, "exact": exact, "count": corpus.len(), "growth": grown}));
}
