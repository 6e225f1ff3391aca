//! The server-sent events of a job (Comfy API v2) in ComfyUI's own words: frames as its socket would bring them, so that
//! a run is followed the same way whichever of the two tells it.
//!
//! The events say less than frames do. They name no start where the job was queued when the stream began, and no reason
//! of a failure, and a stream may end before the job has: so it is the job itself that tells its end.

use crate::protocol::json::{Raw, quoted};
use crate::protocol::v2::base64;
use crate::protocol::v2::job::{self, Assets};

/// What a stream brought.
#[derive(Debug, Clone, PartialEq)]
pub enum JobFrame {
    /// A text frame.
    Text(String),
    /// A binary frame: a preview with metadata.
    Binary(Vec<u8>),
    /// A heartbeat: the stream hears.
    Heartbeat,
}

/// What was heard of one job, over all of its streams.
#[derive(Debug, Default)]
pub struct JobFeed {
    job_id: String,
    lines: Lines,
    started: bool,
    node: String,
    assets: Assets,
    heard: Vec<JobFrame>,
}

impl JobFeed {
    /// Nothing heard yet of this job.
    pub fn new(job_id: &str) -> JobFeed {
        JobFeed { job_id: job_id.to_owned(), ..JobFeed::default() }
    }

    /// Another stream begins: half an event of the last one is void.
    pub fn connect(&mut self) {
        self.lines = Lines::default();
    }

    /// Reads a part of the stream's text, cut anywhere.
    pub fn push(&mut self, text: &str) -> Vec<JobFrame> {
        for (event, data) in self.lines.push(text) {
            match Raw::read(&data) {
                Ok(value) => self.on_event(&event, value),
                Err(_) => self.heard.push(JobFrame::Heartbeat),
            }
        }
        std::mem::take(&mut self.heard)
    }

    /// The job as it is after its stream has ended, as JSON text: the frames that are missing up to its end. None where
    /// it has not ended.
    pub fn end(&mut self, job: &str) -> Option<Vec<JobFrame>> {
        let job = Raw::read(job).ok()?;
        let (kind, fields) = job::end(job)?;
        self.start("end", job);
        job.get("outputs").items().into_iter().for_each(|asset| self.assets.take(asset));
        self.tell_assets(job);
        self.frame(kind, &fields, "end", job);
        Some(std::mem::take(&mut self.heard))
    }

    fn on_event(&mut self, event: &str, data: Raw) {
        if event == "output" {
            // A node's files come one by one: they are told together.
            if !self.assets.continues(data) {
                self.tell_assets(data);
            }
            self.assets.take(data);
            return;
        }
        self.tell_assets(data);
        match event {
            "status" => match &*data.string_at("status") {
                "queued" if data.get("queue_position").is_number() => {
                    let position = data.get("queue_position").text();
                    // Names no prompt, as ComfyUI's: it is not a sign of the run itself.
                    let fields = ["{\"status\":{\"exec_info\":{\"queue_remaining\":", position, "}}}"].concat();
                    self.heard.push(JobFrame::Text(frame("status", &fields, event, data)));
                }
                "running" => self.start(event, data),
                _ => self.heard.push(JobFrame::Heartbeat),
            },
            "progress" => {
                self.start(event, data);
                let Some(node) = data.get("current_node").id() else { return };
                let named = ["\"node\":", &quoted(&node)].concat();
                if self.node != *node {
                    self.node = node.into_owned();
                    self.frame("executing", &named, event, data);
                }
                let (step, steps) = (data.get("step"), data.get("steps"));
                if step.is_number() && steps.is_number() {
                    let fields = [&named, ",\"value\":", step.text(), ",\"max\":", steps.text()].concat();
                    self.frame("progress", &fields, event, data);
                }
            }
            "preview" => {
                self.start(event, data);
                self.preview(data);
            }
            _ if data.is_object() => self.heard.push(JobFrame::Text(frame(event, data.text(), event, data))),
            _ => self.heard.push(JobFrame::Heartbeat),
        }
    }

    /// The first that is heard of a job that runs.
    fn start(&mut self, event: &str, data: Raw) {
        if !std::mem::replace(&mut self.started, true) {
            self.frame("execution_start", "", event, data);
        }
    }

    fn tell_assets(&mut self, data: Raw) {
        for (node, output) in self.assets.untold() {
            let node = quoted(&node);
            let fields = ["\"node\":", &node, ",\"display_node\":", &node, ",\"output\":", &output].concat();
            self.start("output", data);
            self.frame("executed", &fields, "output", data);
        }
    }

    fn preview(&mut self, data: Raw) {
        let mut metadata = ["{\"prompt_id\":", &quoted(&self.job_id)].concat();
        // An empty node id is none: then it is the current one's.
        for (name, key) in [("node_id", "node_id"), ("image_type", "content_type")] {
            if let Some(said) = data.get(key).id().filter(|said| !said.is_empty()) {
                metadata.push_str(&[",\"", name, "\":", &quoted(&said)].concat());
            }
        }
        metadata.push('}');
        let mut bytes = vec![0, 0, 0, 4];
        bytes.extend((metadata.len() as u32).to_be_bytes());
        bytes.extend(metadata.into_bytes());
        if base64::decode(&data.string_at("data_base64"), &mut bytes).is_some() {
            self.heard.push(JobFrame::Binary(bytes));
        }
    }

    /// A frame of this job, with these fields beside its id.
    fn frame(&mut self, kind: &str, fields: &str, event: &str, data: Raw) {
        let comma = if fields.is_empty() { "" } else { "," };
        let all = ["{\"prompt_id\":", &quoted(&self.job_id), comma, fields, "}"].concat();
        self.heard.push(JobFrame::Text(frame(kind, &all, event, data)));
    }
}

/// A text frame; what it was made of stands beside it.
fn frame(kind: &str, data: &str, event: &str, source: Raw) -> String {
    let (kind, event) = (quoted(kind), quoted(event));
    ["{\"type\":", &kind, ",\"data\":", data, ",\"v2\":{\"event\":", &event, ",\"data\":", source.text(), "}}"].concat()
}

/// Server-sent events, taken apart. A heartbeat (a comment) is an event without data.
#[derive(Debug, Default)]
struct Lines {
    line: String,
    event: String,
    data: String,
}

impl Lines {
    fn push(&mut self, text: &str) -> Vec<(String, String)> {
        let mut events = Vec::new();
        let mut parts = text.split('\n');
        self.line.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let line = std::mem::replace(&mut self.line, part.to_owned());
            self.on_line(line.strip_suffix('\r').unwrap_or(&line), &mut events);
        }
        events
    }

    fn on_line(&mut self, line: &str, events: &mut Vec<(String, String)>) {
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            let data = std::mem::take(&mut self.data);
            if !data.is_empty() {
                events.push((event, data));
            }
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => events.push((String::new(), String::new())),
            "event" => value.clone_into(&mut self.event),
            "data" => {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            _ => {}
        }
    }
}
