//! Large texts and prompts.

use super::*;

/// Texts that make a careless reader slow, deep or fat. Each takes a moment; where work grew with the square of the
/// length this would take minutes.
#[test]
fn large_nonsense_is_read_in_one_go() {
    const LENGTH: usize = 1 << 20;
    let texts = [
        "[".repeat(LENGTH),
        "{\"a\":".repeat(LENGTH / 5),
        "N".repeat(LENGTH),
        "NaN ".repeat(LENGTH / 4),
        "-".repeat(LENGTH),
        "\\".repeat(LENGTH),
        format!("\"{}\"", "\\ud800".repeat(LENGTH / 6)),
        "1 ".repeat(LENGTH / 2),
        "{} ".repeat(LENGTH / 3),
        format!(
            r#"{{"type": "progress_state", "data": {{"nodes": {{{}"x": 1}}}}}}"#,
            r#""1": {"value": 1}, "#.repeat(100_000)
        ),
        format!(r#"{{"type": "execution_cached", "data": {{"nodes": [{}"x"]}}}}"#, r#""1", "#.repeat(500_000)),
        format!(
            r#"{{"type": "executed", "data": {{"node": "1", "output": {}{}}}}}"#,
            "[".repeat(LENGTH / 2),
            "]".repeat(LENGTH / 2)
        ),
    ];
    for text in &texts {
        Frame::read(text, &mut |_| {});
        let _ = HistoryAnswer::read(text, "mine");
        let _ = QueueAnswer::read(text, "mine");
        let _ = Accepted::read(text);
        let _ = Rejected::read(text);
        let _ = HistoryAnswer::read(&format!(r#"{{"mine": {{"outputs": {{"1": {text}}}}}}}"#), "mine");
    }
}

/// A prompt of many nodes in one long chain, and one where everything depends on everything.
#[test]
fn large_prompts_are_ordered_in_one_go() {
    let chain: Map<String, Value> =
        (0..20_000).map(|at| (at.to_string(), json!({"inputs": {"x": [(at + 1).to_string(), 0]}}))).collect();
    let graph = Graph::new(&Value::Object(chain).to_string());
    assert_eq!(graph.ids.first().map(|id| &**id), Some("19999"));
    let mut progress = Progress::new(graph);
    for node in ["\"0\"", "null"] {
        let text = format!(r#"{{"type": "executing", "data": {{"node": {node}}}}}"#);
        Frame::read(&text, &mut |frame| progress.update(0.0, &frame.body));
    }
    assert_eq!(progress.snapshot().nodes_skipped.len(), 19_999);
    let dense: Map<String, Value> = (0..600)
        .map(|at| {
            let inputs: Map<String, Value> =
                (0..at).map(|from| (from.to_string(), json!([from.to_string(), 0]))).collect();
            (at.to_string(), json!({"inputs": inputs}))
        })
        .collect();
    assert_eq!(Graph::new(&Value::Object(dense).to_string()).len(), 600);
}
