//! Compares the model server with recordings of real servers: for a recorded prompt, whose nodes do what they did
//! there, it sends the same frames in the same order, and no key that a real server does not send.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use super::frames::Content;
use super::prompt::{Prompt, Step};
use super::scenario::Dialect;
use super::server::Server;

const CLIENT: usize = 0;

/// What a recorded server did with one prompt.
struct Recording {
    prompt: Value,
    id: String,
    /// What its socket brought after the prompt was sent.
    frames: Vec<Heard>,
    history: Value,
}

#[derive(Clone)]
enum Heard {
    Text(Value),
    Binary(u8),
}

/// Compares a model server with `tests/traces/{recording}.ndjson`. Returns how many frames were compared.
pub fn compare(recording: &str, dialect: Dialect) -> usize {
    let recorded = read(recording);
    let mut server = Server::new(dialect);
    server.connect(CLIENT, 0);
    server.outbox.clear();
    let outputs = Vec::new();
    let prompt =
        Prompt { value: recorded.prompt.clone(), script: recorded.script(), outputs, cached: recorded.cached() };
    let job = server.submit(Some(CLIENT), &recorded.id, prompt);
    let mut now = 0.0;
    while let Some((job, delay)) = server.alarms.pop() {
        now += delay;
        server.step(now, job);
    }
    let sent: Vec<Heard> = server.outbox.iter().map(|(_, packet)| heard(&packet.content)).collect();
    let (theirs, ours): (Vec<_>, Vec<_>) =
        (recorded.frames.iter().map(told).collect(), sent.iter().map(told).collect());
    assert_eq!(ours, theirs, "{recording}");
    let known = keys(&recorded.frames);
    for (kind, keys) in keys(&sent) {
        let unknown: Vec<_> = keys.difference(&known[&kind]).collect();
        assert!(unknown.is_empty(), "{recording}: {kind} has {unknown:?}");
    }
    let (_, history) = server.history(now, &server.jobs[job].id);
    let history: Value = serde_json::from_str(&history).unwrap();
    let (ours, theirs) = (&history[&recorded.id], &recorded.history[&recorded.id]);
    assert_eq!(ours["status"]["status_str"], theirs["status"]["status_str"], "{recording}");
    assert_eq!(ours["status"]["completed"], theirs["status"]["completed"], "{recording}");
    assert_eq!(ours["outputs"], theirs["outputs"], "{recording}");
    for key in ours.as_object().unwrap().keys() {
        assert!(theirs.get(key).is_some(), "{recording}: the history item has {key}");
    }
    recorded.frames.len()
}

fn read(recording: &str) -> Recording {
    let path = format!("{}/tests/traces/{recording}.ndjson", env!("CARGO_MANIFEST_DIR"));
    let lines: Vec<Value> =
        fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let sent = lines.iter().position(|line| line["req"] == "POST /prompt").unwrap();
    let answered = |line: &&Value| line["req"] == "GET /history/{prompt_id}";
    let history = lines.iter().rfind(answered).map(|line| line["body"].clone()).unwrap();
    let frames: Vec<Heard> = lines[sent..].iter().filter_map(frame).collect();
    let named = frames.iter().find_map(|frame| match frame {
        Heard::Text(text) => text["data"]["prompt_id"].as_str(),
        Heard::Binary(_) => None,
    });
    Recording { prompt: lines[sent]["prompt"].clone(), id: named.unwrap().to_owned(), frames, history }
}

fn frame(line: &Value) -> Option<Heard> {
    match line["kind"].as_str() {
        Some("text") => Some(Heard::Text(line["data"].clone())),
        // Four bytes of base64 hold the first three, and two more the fourth: the kind.
        Some("binary") => Some(Heard::Binary(match line["b64"].as_str().unwrap().as_bytes()[5] {
            b'Q' => 1,
            b'w' => 3,
            b'A' => 4,
            other => panic!("kind {other}"),
        })),
        _ => None,
    }
}

fn heard(content: &Content) -> Heard {
    match content {
        Content::Text(text) => Heard::Text(serde_json::from_str(text).unwrap()),
        Content::Binary(bytes) => Heard::Binary(bytes[3]),
    }
}

/// The fields of a frame that matter to a run.
fn told(frame: &Heard) -> String {
    let Heard::Text(text) = frame else {
        let Heard::Binary(kind) = frame else { unreachable!() };
        return format!("binary {kind}");
    };
    let data = &text["data"];
    let said = match text["type"].as_str().unwrap() {
        "status" => data["status"]["exec_info"]["queue_remaining"].to_string(),
        "executing" => data["node"].to_string(),
        "executed" => format!("{} {}", data["node"], data["output"]),
        "progress" => format!("{} {:?}/{:?}", data["node"], data["value"].as_f64(), data["max"].as_f64()),
        "execution_cached" => data["nodes"].to_string(),
        "execution_error" => data["node_id"].to_string(),
        "progress_state" => {
            let state = |(id, node): (&String, &Value)| {
                format!("{id} {} {:?}/{:?}", node["state"], node["value"].as_f64(), node["max"].as_f64())
            };
            data["nodes"].as_object().unwrap().iter().map(state).collect::<Vec<_>>().join(", ")
        }
        _ => String::new(),
    };
    format!("{} {said}", text["type"])
}

/// The keys of the data of each kind of frame, and of a node in `progress_state`.
fn keys(frames: &[Heard]) -> BTreeMap<String, BTreeSet<String>> {
    let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut note = |kind: &str, value: &Value| {
        keys.entry(kind.to_owned())
            .or_default()
            .extend(value.as_object().into_iter().flat_map(|data| data.keys().cloned()));
    };
    for frame in frames {
        let Heard::Text(text) = frame else { continue };
        let kind = text["type"].as_str().unwrap();
        note(kind, &text["data"]);
        if kind == "progress_state" {
            text["data"]["nodes"].as_object().unwrap().values().for_each(|node| note("a node of progress_state", node));
        }
    }
    keys
}

impl Recording {
    fn texts(&self) -> impl Iterator<Item = &Value> {
        self.frames.iter().filter_map(|frame| match frame {
            Heard::Text(text) => Some(text),
            Heard::Binary(_) => None,
        })
    }

    fn cached(&self) -> Vec<String> {
        let cached = self.texts().find(|text| text["type"] == "execution_cached").unwrap();
        cached["data"]["nodes"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
    }

    /// What the nodes did, as a prompt of the simulation has it: node by node, in the order in which they ran.
    fn script(&self) -> Vec<(f64, Step)> {
        let mut steps = vec![Step::Start, Step::Cached];
        let mut running: Option<String> = None;
        let name = |value: &Value| value.as_str().unwrap().to_owned();
        let (mut failed, mut has_preview) = (false, false);
        for frame in &self.frames {
            let Heard::Text(text) = frame else {
                has_preview |= matches!(frame, Heard::Binary(4));
                if let (Heard::Binary(1), Some(Step::Progress { preview, .. })) = (frame, steps.last_mut()) {
                    *preview = true;
                }
                continue;
            };
            let data = &text["data"];
            match text["type"].as_str().unwrap() {
                "executing" => {
                    // The last one of a prompt that failed never finishes.
                    steps.extend(running.take().filter(|_| !failed).map(Step::Finished));
                    running = data["node"].as_str().map(str::to_owned);
                    steps.extend(running.clone().map(Step::Begin));
                }
                "progress" => {
                    let number = |value: &Value| value.as_f64().unwrap() as u32;
                    let (value, max) = (number(&data["value"]), number(&data["max"]));
                    let preview = std::mem::take(&mut has_preview);
                    steps.push(Step::Progress { node: name(&data["node"]), value, max, preview });
                }
                "executed" => {
                    let output = Some(data["output"].to_string());
                    let node = name(&data["node"]);
                    // A cached node shows its output without having run.
                    let finished = (running.as_ref() != Some(&node)).then(|| Step::Finished(node.clone()));
                    steps.push(Step::Executed { node, output });
                    steps.extend(finished);
                }
                "execution_error" => {
                    failed = true;
                    steps.push(Step::Failed(name(&data["node_id"])));
                }
                "execution_success" => {
                    steps.extend(running.take().map(Step::Finished));
                    steps.push(Step::Success);
                }
                _ => {}
            }
        }
        steps.extend([Step::Done, Step::Null]);
        steps.into_iter().map(|step| (1.0, step)).collect()
    }
}
