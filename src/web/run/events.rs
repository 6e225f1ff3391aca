//! Events as JavaScript objects. What does not change from event to event is made once.

use std::rc::Rc;

use js_sys::{Array, Object};
use wasm_bindgen::{JsCast, JsValue};

use crate::protocol::history::HistoryItem;
use crate::session::run::event::{ConnectionState, DetectedBy, End, EndSource, Event, EventKind};
use crate::session::run::graph::Id;
use crate::web::js::boundary;
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::transport::message::Message;

/// Makes the events of one run.
#[derive(Debug)]
pub struct EventMaker {
    /// `client_id`, `prompt_id`, `time_submitted`.
    run: JsValue,
    current: (Option<Id>, JsValue),
    total: List,
    completed: List,
    skipped: List,
    done: List,
}

/// A frozen array that follows a list of ids. The lists of a run only grow, so length and last id tell whether it did.
#[derive(Debug)]
struct List {
    length: usize,
    last: Option<Id>,
    array: JsValue,
}

impl List {
    fn new() -> List {
        List { length: 0, last: None, array: boundary::extend_list(&Array::new(), &Array::new()) }
    }

    fn follow(&mut self, ids: &[Id]) -> &JsValue {
        let grown = match &self.last {
            None => true,
            Some(last) => ids.get(self.length - 1).is_some_and(|id| Rc::ptr_eq(id, last)),
        };
        if !grown {
            *self = List::new();
        }
        if ids.len() > self.length {
            let more: Array = ids[self.length..].iter().map(|id| JsValue::from_str(id)).collect();
            self.array = boundary::extend_list(&self.array, &more);
            self.length = ids.len();
            self.last = ids.last().cloned();
        }
        &self.array
    }
}

impl EventMaker {
    /// Events of this run. `submitted`: Unix time in milliseconds.
    pub fn new(client_id: &str, prompt_id: &str, submitted: f64) -> EventMaker {
        let run = Object::new();
        globals::set(&run, "client_id", &JsValue::from_str(client_id));
        globals::set(&run, "prompt_id", &JsValue::from_str(prompt_id));
        globals::set(&run, "time_submitted", &JsValue::from_f64(submitted / 1000.0));
        EventMaker {
            run: run.into(),
            current: (None, JsValue::NULL),
            total: List::new(),
            completed: List::new(),
            skipped: List::new(),
            done: List::new(),
        }
    }

    /// The JavaScript object of an event; none where its message is of the other kind.
    pub fn make(&mut self, event: &Event<Message>) -> Option<JsValue> {
        let made = match &event.kind {
            EventKind::Frame(Message::Text(text)) => self.frame(event, text),
            EventKind::Frame(Message::Binary(_)) => return None,
            EventKind::Submitted => self.other(event, "submitted", &Object::new(), &JsValue::NULL),
            EventKind::Preview { preview, node, message } => {
                let Message::Binary(buffer) = message else { return None };
                let metadata = preview.metadata.as_ref().and_then(|metadata| json_text::parse(&metadata.text));
                let data = Object::new();
                if let Some(metadata) = metadata.as_ref().and_then(|metadata| metadata.dyn_ref::<Object>()) {
                    Object::assign(&data, metadata);
                }
                globals::set(&data, "image", &boundary::image(buffer, preview.image as u32, preview.mime_type));
                globals::set(&data, "mime_type", &JsValue::from_str(preview.mime_type));
                let node = node.as_ref().map_or(JsValue::NULL, |id| JsValue::from_str(id));
                globals::set(&data, "node_id", &node);
                if !globals::get(&data, "display_node_id").is_string() {
                    globals::set(&data, "display_node_id", &node);
                }
                self.other(event, "preview", &data, &metadata.unwrap_or(JsValue::NULL))
            }
            EventKind::ProgressText { node, text } => {
                let data = Object::new();
                globals::set(&data, "node_id", &JsValue::from_str(node));
                globals::set(&data, "text", &JsValue::from_str(text));
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
                globals::set(&data, "prompt_id", &globals::get(&self.run, "prompt_id"));
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

    fn end(&mut self, event: &Event<Message>, end: End, source: &EndSource<Message>) -> JsValue {
        let kind = end.name();
        match source {
            EndSource::Frame(message) => {
                // The end is told even where its frame cannot be parsed.
                let text = match message {
                    Message::Text(text) => json_text::string(text),
                    Message::Binary(_) => None,
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

    fn frame(&mut self, event: &Event<Message>, text: &JsValue) -> JsValue {
        self.follow(event);
        let seen = &event.progress;
        boundary::frame_event(
            text,
            event.at / 1000.0,
            &self.run,
            &self.current.1,
            &self.total.array,
            &self.completed.array,
            &self.skipped.array,
            &self.done.array,
            percent(seen.node_progress_value, seen.node_progress_max),
            seen.node_progress_value,
            seen.node_progress_max,
            seen.nodes_progress,
            event.queued_ms / 1000.0,
            event.elapsed_ms / 1000.0,
            event.node_ms / 1000.0,
        )
    }

    fn other(&mut self, event: &Event<Message>, kind: &str, data: &JsValue, raw: &JsValue) -> JsValue {
        self.follow(event);
        let seen = &event.progress;
        boundary::event(
            kind,
            data,
            raw,
            event.at / 1000.0,
            &self.run,
            &self.current.1,
            &self.total.array,
            &self.completed.array,
            &self.skipped.array,
            &self.done.array,
            percent(seen.node_progress_value, seen.node_progress_max),
            seen.node_progress_value,
            seen.node_progress_max,
            seen.nodes_progress,
            event.queued_ms / 1000.0,
            event.elapsed_ms / 1000.0,
            event.node_ms / 1000.0,
        )
    }

    fn follow(&mut self, event: &Event<Message>) {
        let seen = &event.progress;
        self.total.follow(&seen.nodes_total);
        self.completed.follow(&seen.nodes_completed);
        self.skipped.follow(&seen.nodes_skipped);
        self.done.follow(&seen.nodes_done);
        let same = match (&self.current.0, &seen.node_current) {
            (Some(old), Some(new)) => Rc::ptr_eq(old, new),
            (old, new) => old.is_none() && new.is_none(),
        };
        if !same {
            let text = seen.node_current.as_ref().map_or(JsValue::NULL, |id| JsValue::from_str(id));
            self.current = (seen.node_current.clone(), text);
        }
    }
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
        Object::assign(&data, failure.unchecked_ref());
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
