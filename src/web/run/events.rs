//! Events as JavaScript objects. What does not change from event to event is made once.

use std::rc::Rc;

use js_sys::{Array, Object};
use wasm_bindgen::{JsCast, JsValue};

use crate::protocol::binary::Preview;
use crate::protocol::history::HistoryItem;
use crate::protocol::submission::RefusedOutputs;
use crate::session::run::event::{ConnectionState, DetectedBy, End, EndSource, Event, EventKind};
use crate::session::run::graph::Id;
use crate::session::run::machine::repeat::Repeated;
use crate::web::js::boundary;
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::run::pictures::Picture;
use crate::web::transport::message::{Message, ProgressSource};

/// Makes the events of one run, and hands over what changed since the last one.
#[derive(Debug)]
pub struct EventMaker {
    js: boundary::EventMaker,
    prompt_id: JsValue,
    current: Option<Id>,
    total: List,
    completed: List,
    skipped: List,
    done: List,
    value: f64,
    max: f64,
    share: f64,
    queued_ms: f64,
}

/// A frozen array that follows a list of ids. A list mostly grows: length and last id tell whether it did.
#[derive(Debug)]
struct List {
    length: usize,
    last: Option<Id>,
    array: JsValue,
}

impl List {
    fn new() -> List {
        List { length: 0, last: None, array: empty_list() }
    }

    /// The array, where it is another than before.
    fn follow(&mut self, ids: &[Id]) -> Option<&JsValue> {
        let has_grown = match &self.last {
            None => true,
            Some(last) => ids.get(self.length - 1).is_some_and(|id| Rc::ptr_eq(id, last)),
        };
        if has_grown && ids.len() == self.length {
            return None;
        }
        if !has_grown {
            *self = List::new();
        }
        let more: Array = ids[self.length..].iter().map(|id| JsValue::from_str(id)).collect();
        self.array = boundary::extend_list(&self.array, &more);
        self.length = ids.len();
        self.last = ids.last().cloned();
        Some(&self.array)
    }
}

fn empty_list() -> JsValue {
    boundary::extend_list(&Array::new(), &Array::new())
}

impl EventMaker {
    /// Events of this run. `submitted`: Unix time in milliseconds.
    pub fn new(client_id: &str, prompt_id: &str, submitted: f64) -> EventMaker {
        let js = boundary::EventMaker::new(client_id, prompt_id, submitted / 1000.0);
        let lists = [List::new(), List::new(), List::new(), List::new()];
        let [total, completed, skipped, done] = lists;
        js.set_nodes_total(&total.array);
        js.set_nodes_completed(&completed.array);
        js.set_nodes_skipped(&skipped.array);
        js.set_nodes_done(&done.array);
        EventMaker {
            js,
            prompt_id: JsValue::from_str(prompt_id),
            current: None,
            total,
            completed,
            skipped,
            done,
            value: 0.0,
            max: 0.0,
            share: 0.0,
            queued_ms: 0.0,
        }
    }

    /// The JavaScript object of an event; none where its message is of the other kind. `kept`: the picture of a preview
    /// that is a result.
    pub fn make(&mut self, event: &Event<Message>, kept: Option<&Picture>) -> Option<JsValue> {
        let made = match &event.kind {
            EventKind::Frame(Message::Text(text)) => {
                self.follow(event);
                self.js.text(text, event.at / 1000.0, event.elapsed_ms / 1000.0, event.node_ms / 1000.0)
            }
            EventKind::Frame(Message::Object(raw)) => {
                self.follow(event);
                self.js.frame(raw, event.at / 1000.0, event.elapsed_ms / 1000.0, event.node_ms / 1000.0)
            }
            EventKind::Frame(Message::Progress { value, source }) => {
                self.follow(event);
                let (prompt_id, node) = &source.ids;
                let [ts, elapsed_s, node_s] = [event.at, event.elapsed_ms, event.node_ms].map(|ms| ms / 1000.0);
                self.js.progress(*value, source.max, prompt_id, node, ts, elapsed_s, node_s)
            }
            EventKind::Frame(Message::Binary(_)) => return None,
            EventKind::Submitted => self.other(event, "submitted", &Object::new(), &JsValue::NULL),
            EventKind::Refused(node_errors) => {
                let data = Object::new();
                globals::set(&data, "node_errors", &json_text::parse(node_errors).unwrap_or(JsValue::NULL));
                let refused = RefusedOutputs::read(node_errors);
                let outputs = refused.iter().flat_map(|refused| &refused.outputs).map(|id| JsValue::from_str(id));
                globals::set(&data, "outputs", &outputs.collect::<Array>());
                let message = refused.as_ref().map_or("", |refused| &refused.message);
                globals::set(&data, "message", &JsValue::from_str(message));
                self.other(event, "refused", &data, &JsValue::NULL)
            }
            EventKind::Preview { preview, node, filename, message } => {
                let Message::Binary(buffer) = message else { return None };
                let image = kept.map_or_else(
                    || boundary::image(buffer, preview.image as u32, preview.mime_type),
                    |picture| picture.blob.clone().into(),
                );
                let (data, metadata) = preview_data(preview, node.as_deref(), &image);
                if let Some(filename) = filename {
                    globals::set(&data, "filename", &JsValue::from_str(filename));
                }
                self.other(event, "preview", &data, &metadata)
            }
            EventKind::ProgressText { node, text } => {
                let data = progress_text_data(node, text);
                self.other(event, "progress_text", &data, &JsValue::NULL)
            }
            EventKind::Queue(news) => {
                let data = Object::new();
                for (key, number) in [("position", news.position), ("running", news.running), ("pending", news.pending)]
                {
                    globals::set(&data, key, &JsValue::from_f64(number as f64));
                }
                self.other(event, "queue", &data, &JsValue::NULL)
            }
            EventKind::Connection(news) => {
                let state = match news.state {
                    ConnectionState::Open => "open",
                    ConnectionState::Reconnecting => "reconnecting",
                    ConnectionState::Polling => "polling",
                };
                let data = Object::new();
                globals::set(&data, "state", &JsValue::from_str(state));
                globals::set(&data, "reason", &JsValue::from_str(news.reason));
                globals::set(&data, "attempt", &JsValue::from_f64(f64::from(news.attempt)));
                self.other(event, "connection", &data, &JsValue::NULL)
            }
            EventKind::Output { node, output } => {
                let data = Object::new();
                globals::set(&data, "node", &JsValue::from_str(node));
                globals::set(&data, "display_node", &JsValue::from_str(node));
                globals::set(&data, "output", &json_text::parse(output).unwrap_or(JsValue::NULL));
                globals::set(&data, "prompt_id", &self.prompt_id);
                let raw = Object::new();
                globals::set(&raw, "type", &JsValue::from_str("executed"));
                globals::set(&raw, "data", &data);
                self.other(event, "executed", &data, &raw)
            }
            EventKind::End(end, source) => self.end(event, *end, source),
        };
        if let Some(by) = event.detected_by {
            let by = match by {
                DetectedBy::History => "history",
                DetectedBy::Queue => "queue",
            };
            globals::set(made.unchecked_ref(), "detected_by", &JsValue::from_str(by));
        }
        Some(made)
    }

    /// The JavaScript object of an event that says what the last one said, but for the steps of the current node.
    pub fn repeat(&mut self, value: f64, source: &ProgressSource, repeated: &Repeated) -> JsValue {
        let nodes_progress = repeated.nodes_progress;
        (self.value, self.max, self.share) = (value, source.max, nodes_progress);
        self.js.set_steps(value, source.max, percent(value, source.max), nodes_progress);
        let (prompt_id, node) = &source.ids;
        let [ts, elapsed_s, node_s] = [repeated.at, repeated.elapsed_ms, repeated.node_ms].map(|ms| ms / 1000.0);
        self.js.progress(value, source.max, prompt_id, node, ts, elapsed_s, node_s)
    }

    fn end(&mut self, event: &Event<Message>, end: End, source: &EndSource<Message>) -> JsValue {
        let kind = end.name();
        match source {
            EndSource::Frame(message) => {
                // The end is told even where its frame cannot be parsed.
                let text = match message {
                    Message::Text(text) => json_text::string(text),
                    Message::Object(_) | Message::Progress { .. } | Message::Binary(_) => None,
                };
                let raw = text.and_then(|text| json_text::parse(&text)).unwrap_or_else(|| Object::new().into());
                self.other(event, kind, &boundary::data_of(&raw), &raw)
            }
            EndSource::History(item) => {
                let (data, raw) = history_data(end, item);
                self.other(event, kind, &data, &raw)
            }
            EndSource::Vanished => {
                let data = failure_data("vanished", VANISHED);
                self.other(event, kind, &data, &JsValue::NULL)
            }
            EndSource::Unreachable => {
                let data = failure_data("network", UNREACHABLE);
                self.other(event, kind, &data, &JsValue::NULL)
            }
            EndSource::Cancelled => {
                let data = failure_data("cancelled", "the run was taken back by its own client");
                self.other(event, kind, &data, &JsValue::NULL)
            }
            EndSource::Refused(status) => {
                let message = format!("the server answers every question about this prompt with status {status}");
                let data = failure_data("unauthorized", &message);
                globals::set(data.unchecked_ref(), "status", &JsValue::from_f64(f64::from(*status)));
                self.other(event, kind, &data, &JsValue::NULL)
            }
        }
    }

    fn other(&mut self, event: &Event<Message>, kind: &str, data: &JsValue, raw: &JsValue) -> JsValue {
        self.follow(event);
        self.js.event(kind, data, raw, event.at / 1000.0, event.elapsed_ms / 1000.0, event.node_ms / 1000.0)
    }

    /// Hands over what is not as in the last event.
    fn follow(&mut self, event: &Event<Message>) {
        let (js, seen) = (&self.js, &event.progress);
        if let Some(ids) = self.total.follow(&seen.nodes_total) {
            js.set_nodes_total(ids);
        }
        if let Some(ids) = self.completed.follow(&seen.nodes_completed) {
            js.set_nodes_completed(ids);
        }
        if let Some(ids) = self.skipped.follow(&seen.nodes_skipped) {
            js.set_nodes_skipped(ids);
        }
        if let Some(ids) = self.done.follow(&seen.nodes_done) {
            js.set_nodes_done(ids);
        }
        let is_same = match (&self.current, &seen.node_current) {
            (Some(old), Some(new)) => Rc::ptr_eq(old, new),
            (old, new) => old.is_none() && new.is_none(),
        };
        if !is_same {
            let text = |text: &Option<Rc<str>>| text.as_ref().map_or(JsValue::NULL, |text| JsValue::from_str(text));
            js.set_node_current(&text(&seen.node_current));
            js.set_node_title(&text(&seen.node_title));
            js.set_node_type(&text(&seen.node_type));
            self.current.clone_from(&seen.node_current);
        }
        let (value, max) = (seen.node_progress_value, seen.node_progress_max);
        let share = seen.nodes_progress;
        if (value, max, share) != (self.value, self.max, self.share) {
            js.set_steps(value, max, percent(value, max), share);
            (self.value, self.max, self.share) = (value, max, share);
        }
        if event.queued_ms != self.queued_ms {
            js.set_time_queued_s(event.queued_ms / 1000.0);
            self.queued_ms = event.queued_ms;
        }
    }
}

/// `data` and `raw` of a preview.
pub fn preview_data(preview: &Preview, node: Option<&str>, image: &JsValue) -> (Object, JsValue) {
    let metadata = preview.metadata.as_ref().and_then(|metadata| json_text::parse(&metadata.text));
    let data = Object::new();
    metadata.iter().for_each(|metadata| boundary::assign_own(&data, metadata));
    globals::set(&data, "image", image);
    globals::set(&data, "mime_type", &JsValue::from_str(preview.mime_type));
    let node = node.map_or(JsValue::NULL, JsValue::from_str);
    globals::set(&data, "node_id", &node);
    if !globals::get(&data, "display_node_id").is_string() {
        globals::set(&data, "display_node_id", &node);
    }
    (data, metadata.unwrap_or(JsValue::NULL))
}

/// `data` of a text that a node reports while it works.
pub fn progress_text_data(node: &str, text: &str) -> Object {
    let data = Object::new();
    globals::set(&data, "node_id", &JsValue::from_str(node));
    globals::set(&data, "text", &JsValue::from_str(text));
    data
}

/// What a vanished prompt's event and error say.
pub const VANISHED: &str = "the server knows this prompt no longer: neither its queue nor its history has it";

/// The same of a server that has not been reached for ten minutes.
pub const UNREACHABLE: &str = "the server could not be reached for ten minutes";

fn percent(value: f64, max: f64) -> f64 {
    if max > 0.0 { (value * 100.0 / max).floor().clamp(0.0, 100.0) } else { 0.0 }
}

fn failure_data(code: &str, message: &str) -> JsValue {
    let data = Object::new();
    globals::set(&data, "code", &JsValue::from_str(code));
    globals::set(&data, "message", &JsValue::from_str(message));
    data.into()
}

/// `data` and `raw` of an end that the history told.
fn history_data(end: End, item: &HistoryItem) -> (JsValue, JsValue) {
    let whole = json_text::parse(&item.text).unwrap_or(JsValue::NULL);
    let data = Object::new();
    if let Some(failure) = &item.failure
        && let Some(failure) = json_text::parse(failure)
    {
        // The same fields as the frame would have had.
        boundary::assign_own(&data, &failure);
    }
    for key in ["status", "outputs", "meta", "prompt"] {
        let value = globals::get(&whole, key);
        if !value.is_undefined() {
            globals::set(&data, key, &value);
        }
    }
    let kind = match end {
        End::Completed => "history_completed",
        End::Error => "history_error",
        End::Interrupted => "history_interrupted",
    };
    let raw = Object::new();
    globals::set(&raw, "type", &JsValue::from_str(kind));
    globals::set(&raw, "data", &whole);
    (data.into(), raw.into())
}
