//! Events as text: progress bars, templates and compact JSON lines.
//!
//! A [`LinePrinter`] or a [`Bar`] reads events through [`EventView`] field by field, so that a bar costs no more than the
//! dozen fields that it shows, whatever the length of the event's lists. It has no clock: it uses the times of the events.

pub mod bar;
pub mod event;
mod json;
mod printed;
mod template;

pub use bar::{Bar, BarStyle};
pub use event::{EventView, Field};
pub use printed::Printed;

use event::wanted;
use json::JsonLines;
use template::Template;

/// How events are written as lines.
#[derive(Debug, Clone)]
pub enum Format {
    /// One compact JSON object a line.
    Json,
    /// One line an event, made from a text with fields such as `{node_current}`.
    Template(String),
}

/// What is printed as lines.
#[derive(Debug, Clone)]
pub struct Options {
    /// The format.
    pub format: Format,
    /// Print `event.raw`, the frame as the server sent it, instead of the event. JSON lines only.
    pub raw: bool,
    /// Print only events of these types; all where absent.
    pub event_types: Option<Vec<String>>,
}

/// Turns events into lines.
#[derive(Debug)]
pub struct LinePrinter {
    raw: bool,
    event_types: Option<Vec<String>>,
    writer: Writer,
}

#[derive(Debug)]
enum Writer {
    Json(JsonLines),
    Template(Template),
}

impl LinePrinter {
    /// Creates a printer. The error is a sentence about an invalid template.
    pub fn new(options: Options) -> Result<Self, String> {
        let writer = match options.format {
            Format::Json => Writer::Json(JsonLines::default()),
            Format::Template(text) => Writer::Template(Template::new(&text)?),
        };
        Ok(Self { raw: options.raw, event_types: options.event_types, writer })
    }

    /// The line for an event, if there is any.
    pub fn print(&mut self, event: &impl EventView) -> Option<String> {
        let (_, true) = wanted(event, self.event_types.as_deref())? else { return None };
        match &mut self.writer {
            Writer::Json(lines) => lines.line(event, self.raw),
            Writer::Template(template) => Some(template.line(event)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn printer(format: Format, types: &[&str]) -> LinePrinter {
        let event_types = (!types.is_empty()).then(|| types.iter().map(|t| t.to_string()).collect());
        LinePrinter::new(Options { format, raw: false, event_types }).unwrap()
    }

    #[test]
    fn only_events_of_the_allowed_types_are_printed() {
        let mut printer = printer(Format::Template("{type}".into()), &["progress", "completed"]);
        let mut print = |event_type: &str| printer.print(&json!({"type": event_type}));
        assert_eq!(print("status"), None);
        assert_eq!(print("progress"), Some("progress".into()));
        assert_eq!(print("completed"), Some("completed".into()));
    }

    #[test]
    fn a_bar_shows_the_end_whatever_types_are_allowed() {
        let mut bar = Bar::new(BarStyle::default(), Some(vec!["progress".to_owned()]));
        assert_eq!(bar.print(&json!({"type": "executing", "node_current": "3", "nodes_total": ["3"]})), None);
        let Some(Printed::Terminal(text)) = bar.print(&json!({"type": "completed"})) else { panic!("no end") };
        assert!(text.contains("done") && text.ends_with('\n'), "{text:?}");
    }

    #[test]
    fn what_is_not_an_event_prints_nothing() {
        let mut printers = [Format::Json, Format::Template("{type}".into())].map(|format| printer(format, &[]));
        let mut bar = Bar::new(BarStyle::default(), None);
        for event in [Value::Null, json!(3), json!([]), json!({}), json!({"type": 5}), json!({"type": null})] {
            assert!(printers.iter_mut().all(|printer| printer.print(&event).is_none()), "{event}");
            assert_eq!(bar.print(&event), None, "{event}");
        }
    }

    #[test]
    fn a_wrong_template_is_refused_when_the_printer_is_made() {
        let options = Options { format: Format::Template("{nope}".into()), raw: false, event_types: None };
        assert!(LinePrinter::new(options).unwrap_err().contains("nodes_progress"));
    }
}
