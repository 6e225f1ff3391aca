//! Reads the recordings of real servers (tests/traces).

use std::path::{Path, PathBuf};

use serde_json::Value;

/// One thing that a server said.
#[derive(Debug, Clone)]
pub enum Said {
    /// A text frame.
    Text(Value),
    /// A binary frame.
    Binary(Vec<u8>),
    /// The answer to `POST /prompt`, with the prompt that was sent.
    Submission { prompt: Value, status: u16, body: Value },
    /// The history's first answer that had the prompt.
    History(Value),
    /// Any other request.
    Other,
}

/// A recording: what was said, and when.
#[derive(Debug, Clone)]
pub struct Recording {
    pub name: String,
    pub said: Vec<(f64, Said)>,
}

/// A prompt of a recording that the server took.
#[derive(Debug, Clone)]
pub struct Submitted {
    pub at: f64,
    pub prompt: Value,
    pub prompt_id: String,
}

impl Recording {
    fn read(path: &Path) -> Recording {
        let text = std::fs::read_to_string(path).expect("a recording");
        let said = text.lines().map(|line| {
            let line: Value = serde_json::from_str(line).expect("a line of JSON");
            let at = line["t"].as_f64().expect("a time");
            let said = match (line["kind"].as_str(), line["req"].as_str().unwrap_or_default()) {
                (Some("text"), _) => Said::Text(line["data"].clone()),
                (Some("binary"), _) => Said::Binary(base64(line["b64"].as_str().expect("bytes"))),
                (Some("http"), "POST /prompt") => Said::Submission {
                    prompt: line["prompt"].clone(),
                    status: line["status"].as_u64().expect("a status") as u16,
                    body: line["body"].clone(),
                },
                (Some("http"), request) if request.starts_with("GET /history") => Said::History(line["body"].clone()),
                (Some("http"), _) => Said::Other,
                other => panic!("{other:?} in {path:?}"),
            };
            (at, said)
        });
        let folder = path.parent().and_then(Path::file_name).expect("a version's folder");
        let scenario = path.file_stem().expect("a name");
        let name = format!("{} {}", folder.to_string_lossy(), scenario.to_string_lossy());
        Recording { name, said: said.collect() }
    }

    /// The prompts that the server took, in order.
    pub fn submitted(&self) -> Vec<Submitted> {
        let of = |(at, said): &(f64, Said)| match said {
            Said::Submission { prompt, status: 200, body } => {
                let prompt_id = body["prompt_id"].as_str().expect("a prompt id").to_owned();
                Some(Submitted { at: *at, prompt: prompt.clone(), prompt_id })
            }
            _ => None,
        };
        self.said.iter().filter_map(of).collect()
    }

    /// When the history first had a prompt, and what it answered.
    pub fn history_of(&self, prompt_id: &str) -> Option<(f64, &Value)> {
        self.said.iter().find_map(|(at, said)| match said {
            Said::History(body) if body.get(prompt_id).is_some() => Some((*at, body)),
            _ => None,
        })
    }
}

/// All recordings.
pub fn all() -> Vec<Recording> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/traces");
    let folders = std::fs::read_dir(root).expect("recordings").map(|entry| entry.expect("an entry").path());
    let files = folders.filter(|path| path.is_dir()).flat_map(|folder| std::fs::read_dir(folder).expect("a folder"));
    let mut paths: Vec<PathBuf> = files.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| Recording::read(path)).collect()
}

/// The recordings of one scenario, one for each server version.
pub fn of(scenario: &str) -> Vec<Recording> {
    let found: Vec<Recording> = all().into_iter().filter(|one| one.name.split(' ').nth(1) == Some(scenario)).collect();
    assert!(!found.is_empty(), "no recording of {scenario}");
    found
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => panic!("{byte} is not base64"),
    };
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=') {
        bits = bits << 6 | u32::from(digit(byte));
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    bytes
}
