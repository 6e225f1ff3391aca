//! What is fuzzed. Each target returns a summary of its outcome; inputs with a new one are mutated further.

use std::hash::{DefaultHasher, Hash, Hasher};

use comfyui_autoflow::files::names::{NameOptions, save_paths};
use comfyui_autoflow::files::outputs::{Content, collect};
use comfyui_autoflow::files::{loader, safe};
use comfyui_autoflow::metadata::{LARGEST_TEXT, MetadataReader, Step};
use comfyui_autoflow::print::bar::Titles;
use comfyui_autoflow::protocol::binary::{BinaryFrame, HEADER_LENGTH, Header};
use comfyui_autoflow::protocol::dialect::JobStatus;
use comfyui_autoflow::protocol::document::Document;
use comfyui_autoflow::protocol::frame::Frame;
use comfyui_autoflow::protocol::history::HistoryAnswer;
use comfyui_autoflow::protocol::json::Raw;
use comfyui_autoflow::protocol::queue::{Queue, QueueAnswer};
use comfyui_autoflow::protocol::submission::{Accepted, Rejected};
use comfyui_autoflow::protocol::v2::job;
use comfyui_autoflow::protocol::v2::job_feed::{JobFeed, JobFrame};
use comfyui_autoflow::workflow::{ConvertOptions, ObjectInfo, convert};

use super::seeds;

/// Reads an input and returns the summary of its outcome.
pub type Read = Box<dyn Fn(&[u8]) -> u64>;

pub struct Target {
    pub name: &'static str,
    pub is_text: bool,
    pub seeds: Vec<Vec<u8>>,
    pub read: Read,
}

pub fn all() -> Vec<Target> {
    let target = |name, is_text, seeds, read| Target { name, is_text, seeds, read };
    let object_info = seeds::object_info();
    let info = ObjectInfo::parse(&object_info).expect("an object info");
    vec![
        target("files", false, seeds::files(), Box::new(file)),
        target("frames", true, seeds::frames(), Box::new(frame)),
        target("answers", true, seeds::answers(), Box::new(|bytes| answer(&text(bytes)))),
        target("streams", true, seeds::streams(), Box::new(|bytes| stream(&text(bytes)))),
        target("conversion", true, seeds::workflows(), Box::new(move |bytes| conversion(&text(bytes), &info))),
        target("object-info", true, vec![object_info.into_bytes()], Box::new(schema)),
    ]
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The outcome as a number. Digits do not count: positions in messages are not news.
fn summary(outcome: impl std::fmt::Debug) -> u64 {
    let mut hasher = DefaultHasher::new();
    let text = format!("{outcome:?}");
    text.chars().filter(|c| !c.is_ascii_digit()).take(100).for_each(|c| c.hash(&mut hasher));
    hasher.finish()
}

fn inflate(bytes: &[u8]) -> Option<Vec<u8>> {
    miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(bytes, LARGEST_TEXT as usize).ok()
}

/// The whole file, and range by range: both must say the same.
fn file(bytes: &[u8]) -> u64 {
    let mut whole = MetadataReader::whole(bytes.to_vec());
    let of_whole = loop {
        match whole.step() {
            Ok(Step::Inflate(deflated)) => whole.inflated(inflate(&deflated)),
            Ok(Step::Need(range)) => panic!("a file in memory needs {range:?}"),
            Ok(Step::Done(embedded)) => break Ok(embedded),
            Err(error) => break Err(error),
        }
    };
    let mut ranges = MetadataReader::new(bytes.len() as u64);
    let of_ranges = loop {
        match ranges.step() {
            Ok(Step::Inflate(deflated)) => ranges.inflated(inflate(&deflated)),
            Ok(Step::Need(range)) => {
                let part = bytes[range.start as usize..range.end as usize].to_vec();
                ranges.feed(range.start, part);
            }
            Ok(Step::Done(embedded)) => break Ok(embedded),
            Err(error) => break Err(error),
        }
    };
    assert_eq!(of_whole, of_ranges);
    for text in of_whole.iter().flat_map(|embedded| [&embedded.workflow, &embedded.prompt]).flatten() {
        assert!(Raw::read(text).is_ok_and(Raw::is_object), "an embedded text that is not a JSON object");
    }
    summary(of_whole.map(|embedded| (embedded.format, embedded.workflow.is_some(), embedded.prompt.is_some())))
}

fn frame(bytes: &[u8]) -> u64 {
    let header = Header::read(&bytes[..bytes.len().min(HEADER_LENGTH)], bytes.len());
    let binary = header.as_ref().and_then(|header| {
        let image = &bytes[header.image.min(bytes.len())..];
        BinaryFrame::new(header, &bytes[header.metadata.clone()], &image[..image.len().min(12)])
    });
    let mut kinds = Vec::new();
    Frame::read(&text(bytes), &mut |frame| {
        // What a frame hands on is one JSON object that `JSON.parse` takes: no NaN.
        assert!(Raw::read(frame.text).is_ok_and(Raw::is_object));
        assert!(serde_json::from_str::<serde::de::IgnoredAny>(frame.text).is_ok(), "{}", frame.text);
        kinds.push((frame.kind.to_string(), format!("{:?}", frame.body)));
    });
    kinds.truncate(3);
    summary((binary.map(|binary| std::mem::discriminant(&binary)), kinds))
}

fn answer(text: &str) -> u64 {
    let history = HistoryAnswer::read(text, "p");
    if let Some(HistoryAnswer::Ended(item)) = &history {
        let fields: Vec<String> = item.outputs.iter().map(|(id, output)| format!("{id:?}:{output}")).collect();
        drop(fields);
        let whole = Raw::read(&item.text).expect("an item is JSON");
        let outputs = collect(&whole.get("outputs").entries(), whole.get("prompt"));
        let names: Vec<&str> = outputs
            .iter()
            .filter_map(|output| match &output.content {
                Content::File(file) => Some(file.filename.as_str()),
                Content::Text(_) => None,
            })
            .collect();
        for path in save_paths(&names, &NameOptions::default()).expect("names without a pattern") {
            assert!(!safe::escapes_root(&path) && !path.contains('/'), "{path:?}");
        }
        if let Some(prompt) = &item.prompt {
            let _ = loader::find(Raw::read(prompt).expect("a prompt is JSON"), "a.png");
            let _ = Titles::of(prompt);
        }
    }
    let accepted = Accepted::read(text);
    let rejected = Rejected::read(text);
    let _ = rejected.explain();
    let queue = QueueAnswer::read(text, "q").map(|answer| (answer.position, answer.running.min(3)));
    let _ = Queue::read(text).map(|queue| queue.answer("r", 0.0));
    let _ = HistoryAnswer::read(&job::as_history(text, "j"), "j");
    let _ = JobFeed::new("j").end(text);
    let document = Raw::read(text).ok().map(|value| {
        let document = Document::search(value);
        let _ = document.explain(value);
        (document.workflow.is_some(), document.prompt.is_some())
    });
    let outcome = history.map(|history| match history {
        HistoryAnswer::Ended(item) => (Some(item.outcome), item.outputs.len().min(3), item.failure.is_some()),
        HistoryAnswer::Unknown => (None, 0, false),
    });
    let status = JobStatus::read(text);
    summary((outcome, accepted.is_some(), rejected.has_node_errors(), queue, status.is_some(), document))
}

/// A stream in one piece and in small ones: both must give the same frames.
fn stream(text: &str) -> u64 {
    let whole = JobFeed::new("j").push(text);
    let mut feed = JobFeed::new("j");
    let characters: Vec<char> = text.chars().collect();
    let parts = characters.chunks(7).flat_map(|part| feed.push(&part.iter().collect::<String>())).collect::<Vec<_>>();
    assert_eq!(whole, parts);
    let mut kinds = Vec::new();
    for frame in &whole {
        match frame {
            JobFrame::Text(text) => {
                let count = Frame::read(text, &mut |frame| kinds.push(frame.kind.to_string()));
                assert!(count == 1 || !text.contains("\"type\":\"execut"), "a frame of ours cannot be read: {text}");
            }
            JobFrame::Binary(bytes) => assert!(Header::read(&bytes[..8], bytes.len()).is_some()),
            JobFrame::Heartbeat => kinds.push("-".to_owned()),
        }
    }
    kinds.dedup();
    kinds.truncate(8);
    summary(kinds)
}

fn conversion(text: &str, info: &ObjectInfo) -> u64 {
    let options = ConvertOptions { allow_unknown: text.len() & 1 == 0, ..ConvertOptions::default() };
    match convert(text, info, &options) {
        Ok(conversion) => summary((conversion.warnings.len().min(5), conversion.dropped.len().min(5))),
        Err(error) => summary(error),
    }
}

/// A mutated object info, and a workflow that uses some of its classes.
fn schema(bytes: &[u8]) -> u64 {
    match ObjectInfo::parse(&text(bytes)) {
        Ok(info) => {
            let workflow = r#"{"nodes": [{"id": 1, "type": "Sample", "widgets_values": [1, "fixed", 20, 8, "euler"]},
                {"id": 2, "type": "Preview"}, {"id": 3, "type": "Texts", "widgets_values": ["a", "b"]}], "links": []}"#;
            summary(
                convert(workflow, &info, &ConvertOptions::default()).map(|conversion| conversion.warnings.len().min(5)),
            )
        }
        Err(error) => summary(error.to_string()),
    }
}
