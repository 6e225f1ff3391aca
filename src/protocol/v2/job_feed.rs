//! Converts the server-sent events of a job (Comfy API v2) to the frames of ComfyUI's WebSocket, so that a run is followed
//! in the same way on both.
//!
//! The events carry less than the frames: no start where the job was queued when the stream began, no reason of a failure,
//! and a stream may end before its job. The end therefore comes from the job itself ([`JobFeed::end`]).

use crate::protocol::json::{Raw, quoted};
use crate::protocol::v2::assets::{Assets, Output};
use crate::protocol::v2::base64;
use crate::protocol::v2::job;
use crate::protocol::v2::sse::{SseDecoder, SseEvent};

/// Limit of one event, in bytes. Previews are the largest ones.
const EVENT_LIMIT: usize = 64 << 20;

/// What an event is converted to.
#[derive(Debug, Clone, PartialEq)]
pub enum JobFrame {
    /// A text frame.
    Text(String),
    /// A binary frame: a preview with metadata.
    Binary(Vec<u8>),
    /// A sign that the stream is alive.
    Heartbeat,
}

/// The conversion of one job, over all of its streams.
#[derive(Debug)]
pub struct JobFeed {
    job_id: String,
    decoder: SseDecoder,
    started: bool,
    /// The node that runs.
    node: String,
    assets: Assets,
    frames: Vec<JobFrame>,
}

impl JobFeed {
    /// A job of which no event has come yet.
    pub fn new(job_id: &str) -> JobFeed {
        JobFeed {
            job_id: job_id.to_owned(),
            decoder: SseDecoder::new(EVENT_LIMIT),
            started: false,
            node: String::new(),
            assets: Assets::default(),
            frames: Vec::new(),
        }
    }

    /// Another stream begins. An incomplete event of the last one is dropped.
    pub fn connect(&mut self) {
        self.decoder.reset();
    }

    /// Converts a part of the stream's text, cut anywhere.
    pub fn push(&mut self, text: &str) -> Vec<JobFrame> {
        for event in self.decoder.push(text) {
            match &event {
                SseEvent::Message { name, data } => match Raw::read(data) {
                    Ok(value) => self.on_event(name, value),
                    Err(_) => self.frames.push(JobFrame::Heartbeat),
                },
                // An event that is too large loses nothing: outputs come again with the end of the job.
                SseEvent::Comment | SseEvent::TooLarge => self.frames.push(JobFrame::Heartbeat),
            }
        }
        std::mem::take(&mut self.frames)
    }

    /// Takes the job (JSON text) after its stream has ended and returns the frames that are missing up to its end. `None`
    /// where the job has not ended.
    pub fn end(&mut self, job: &str) -> Option<Vec<JobFrame>> {
        let job = Raw::read(job).ok()?;
        let (kind, fields) = job::end(job)?;
        self.start("end", job);
        job.get("outputs").items().into_iter().for_each(|asset| self.assets.add(asset));
        let outputs = self.assets.take_all();
        self.executed(outputs, job);
        self.frame(kind, &fields, "end", job);
        Some(std::mem::take(&mut self.frames))
    }

    fn on_event(&mut self, event: &str, data: Raw) {
        if event == "output" {
            // The files of a node come one by one; ComfyUI sends them in one frame.
            if !self.assets.is_of_current(data) {
                let output = self.assets.take_current();
                self.executed(output, data);
            }
            self.assets.add(data);
            return;
        }
        let output = self.assets.take_current();
        self.executed(output, data);
        match event {
            "status" => match &*data.string_at("status") {
                "queued" if data.get("queue_position").is_number() => {
                    let position = data.get("queue_position").text();
                    // As ComfyUI's `status`, it has no prompt id: it is not a sign of life of the run.
                    let fields = ["{\"status\":{\"exec_info\":{\"queue_remaining\":", position, "}}}"].concat();
                    self.frames.push(JobFrame::Text(frame("status", &fields, event, data)));
                }
                "running" => self.start(event, data),
                _ => self.frames.push(JobFrame::Heartbeat),
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
            _ if data.is_object() => self.frames.push(JobFrame::Text(frame(event, data.text(), event, data))),
            _ => self.frames.push(JobFrame::Heartbeat),
        }
    }

    /// Emits `execution_start` at the first sign that the job runs.
    fn start(&mut self, event: &str, data: Raw) {
        if !std::mem::replace(&mut self.started, true) {
            self.frame("execution_start", "", event, data);
        }
    }

    /// Emits an `executed` frame for each output.
    fn executed(&mut self, outputs: impl IntoIterator<Item = Output>, data: Raw) {
        for (node, output) in outputs {
            let node = quoted(&node);
            let fields = ["\"node\":", &node, ",\"display_node\":", &node, ",\"output\":", &output].concat();
            self.start("output", data);
            self.frame("executed", &fields, "output", data);
        }
    }

    fn preview(&mut self, data: Raw) {
        let mut metadata = ["{\"prompt_id\":", &quoted(&self.job_id)].concat();
        // Without a node id, or with an empty one, the preview belongs to the node that runs.
        for (name, key) in [("node_id", "node_id"), ("image_type", "content_type")] {
            if let Some(value) = data.get(key).id().filter(|value| !value.is_empty()) {
                metadata.push_str(&[",\"", name, "\":", &quoted(&value)].concat());
            }
        }
        metadata.push('}');
        let mut bytes = vec![0, 0, 0, 4];
        bytes.extend((metadata.len() as u32).to_be_bytes());
        bytes.extend(metadata.into_bytes());
        if base64::decode(&data.string_at("data_base64"), &mut bytes).is_some() {
            self.frames.push(JobFrame::Binary(bytes));
        }
    }

    /// Emits a frame of this job; `fields` of its data come after the prompt id.
    fn frame(&mut self, kind: &str, fields: &str, event: &str, data: Raw) {
        let comma = if fields.is_empty() { "" } else { "," };
        let all = ["{\"prompt_id\":", &quoted(&self.job_id), comma, fields, "}"].concat();
        self.frames.push(JobFrame::Text(frame(kind, &all, event, data)));
    }
}

/// A text frame, with the event that it was made from under `v2`.
fn frame(kind: &str, data: &str, event: &str, source: Raw) -> String {
    let (kind, event) = (quoted(kind), quoted(event));
    ["{\"type\":", &kind, ",\"data\":", data, ",\"v2\":{\"event\":", &event, ",\"data\":", source.text(), "}}"].concat()
}
