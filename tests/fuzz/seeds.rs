//! Inputs to begin with: the files of the tests, frames and answers of the recordings, and small ones made here.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

fn folder(name: &str) -> Vec<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join(name);
    let entries = fs::read_dir(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.sort();
    files
}

fn texts(values: impl IntoIterator<Item = Value>) -> Vec<Vec<u8>> {
    values.into_iter().map(|value| value.to_string().into_bytes()).collect()
}

/// Pictures, films and sound with a workflow.
pub fn files() -> Vec<Vec<u8>> {
    let binary = folder("metadata").into_iter().filter(|path| path.extension().is_some_and(|ending| ending != "py"));
    let mut files: Vec<Vec<u8>> = binary.map(|path| fs::read(path).expect("a file")).collect();
    let fields = br#"{"workflow": {"nodes": []}, "prompt": {"1": {"class_type": "A", "inputs": {}}}}"#;
    let length = |extra: usize| ((fields.len() + extra) as u32).to_le_bytes();
    files.push([&b"<svg><desc>&quot;</desc><metadata><![CDATA["[..], fields, b"]]></metadata></svg>"].concat());
    files.push([&length(17)[..], &[0; 4], b"{\"__metadata__\":", fields, b"}"].concat());
    files.push([b"glTF\x02\0\0\0\0\0\0\0", &length(22)[..], b"JSON{\"asset\":{\"extras\":", fields, b"}}"].concat());
    files.push(fields.to_vec());
    files.extend(requests());
    files
}

fn requests() -> Vec<Vec<u8>> {
    let prompt = json!({"3": {"class_type": "KSampler", "inputs": {"seed": 1, "model": ["4", 0]}}});
    let workflow = json!({"nodes": [], "links": []});
    texts([
        json!({"prompt": prompt, "extra_data": {"extra_pnginfo": {"workflow": workflow}}}),
        json!({"input": {"workflow": prompt.to_string()}}),
        json!({"p": {"prompt": [1, "p", prompt, {"extra_pnginfo": {"workflow": workflow}}, []], "outputs": {}}}),
    ])
}

/// Text frames and binary frames, which begin with a zero byte.
pub fn frames() -> Vec<Vec<u8>> {
    let mut frames = texts([
        json!({"type": "status", "data": {"status": {"exec_info": {"queue_remaining": 1}}, "sid": "s"}}),
        json!({"type": "execution_start", "data": {"prompt_id": "p"}}),
        json!({"type": "execution_cached", "data": {"nodes": ["1", 2], "prompt_id": "p"}}),
        json!({"type": "executing", "data": {"node": "3", "display_node": "3", "prompt_id": "p"}}),
        json!({"type": "executing", "data": {"node": null, "prompt_id": "p"}}),
        json!({"type": "progress", "data": {"value": 3, "max": 20, "prompt_id": "p", "node": "3"}}),
        json!({"type": "progress_state", "data": {"prompt_id": "p", "nodes": {"3": {"value": 1, "max": 2, "state": "running"}}}}),
        json!({"type": "executed", "data": {"node": "9", "output": {"images": [{"filename": "a.png", "subfolder": "", "type": "output"}]}, "prompt_id": "p"}}),
        json!({"type": "execution_error", "data": {"node_id": "3", "exception_message": "boom", "exception_type": "E", "prompt_id": "p"}}),
        json!({"type": "execution_interrupted", "data": {"node_id": "3", "executed": [], "prompt_id": "p"}}),
        json!({"type": "execution_success", "data": {"prompt_id": "p"}}),
    ]);
    frames.push([&[0, 0, 0, 1, 0, 0, 0, 2][..], b"\x89PNG\r\n\x1a\n"].concat());
    frames.push(b"\0\0\0\x03\0\0\0\x013some text".to_vec());
    let metadata = br#"{"node_id": "3", "prompt_id": "p", "image_type": "image/png"}"#;
    frames.push([&[0, 0, 0, 4][..], &(metadata.len() as u32).to_be_bytes(), metadata, b"\xff\xd8\xff"].concat());
    frames
}

/// Answers of history, queue, submission, object info and jobs.
pub fn answers() -> Vec<Vec<u8>> {
    let prompt = json!({"1": {"class_type": "LoadImage", "inputs": {"image": "a.png"}, "_meta": {"title": "A"}}});
    let output = json!({"images": [{"filename": "a_00001_.png", "subfolder": "x", "type": "output"}], "text": ["hello"], "result": ["3d/m.glb"]});
    texts([
        json!({"p": {"prompt": [1, "p", prompt, {}, ["9"]], "outputs": {"9": output}, "status": {"status_str": "success", "completed": true,
            "messages": [["execution_start", {}], ["execution_cached", {"nodes": ["1"]}]]}, "meta": {}}}),
        json!({"p": {"outputs": {}, "status": {"status_str": "error", "messages": [["execution_error", {"node_id": "3"}]]}}}),
        json!({"queue_running": [[1, "p", prompt, {}, []]], "queue_pending": [[2, "q", prompt, {}, []], [3, "r", {}, {}, []]]}),
        json!({"prompt_id": "p", "number": 1, "node_errors": {"5": {"class_type": "A", "errors": [{"message": "m", "details": "d"}], "dependent_outputs": ["9"]}}}),
        json!({"error": {"type": "prompt_outputs_failed_validation", "message": "m", "details": "d", "extra_info": {}}, "node_errors": {}}),
        json!({"id": "j", "status": "succeeded", "outputs": [{"id": "a", "node_id": "9", "name": "a.png", "type": "image", "url": "http://x/y"}]}),
        json!({"id": "j", "status": "failed", "error": {"code": "c", "message": "m", "node_id": "3"}, "queue_position": 2}),
    ])
}

/// Event streams of jobs.
pub fn streams() -> Vec<Vec<u8>> {
    let recorded = folder("api-v2/recordings").into_iter().filter_map(|path| {
        let recording: Value = serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?;
        let stream: String = recording["stream"].as_array()?.iter().filter_map(Value::as_str).collect();
        Some(stream.chars().take(8000).collect::<String>().into_bytes())
    });
    let mut streams: Vec<Vec<u8>> = recorded.collect();
    streams.push(b"event: status\r\ndata: {\"status\":\"running\"}\r\n\r\n: keepalive\n\nevent: progress\ndata: {\"current_node\":\"3\",\"step\":1,\"steps\":4}\n\n".to_vec());
    streams.push(b"event: preview\ndata: {\"node_id\":\"3\",\"content_type\":\"image/png\",\"data_base64\":\"/9j/\"}\n\nevent: output\ndata: {\"node_id\":\"9\",\"id\":\"a\",\"name\":\"a.png\"}\n\n".to_vec());
    streams
}

/// Workflows of the conversion tests.
pub fn workflows() -> Vec<Vec<u8>> {
    let is_workflow = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        name.ends_with(".json") && !name.ends_with(".prompt.json") && name != "object_info.json"
    };
    folder("conversion").into_iter().filter(is_workflow).map(|path| fs::read(path).expect("a workflow")).collect()
}

/// The object info of these workflows.
pub fn object_info() -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conversion/object_info.json");
    fs::read_to_string(path).expect("an object info")
}
