//! Events as text: progress bars, templates and compact JSON lines.
//!
//! A [`Printer`] reads events through [`EventView`] field by field, so that a bar costs no more than the dozen fields that it
//! shows, whatever the length of the event's lists. It has no clock: it uses the times of the events.

pub mod bar;
pub mod event;
mod json;
mod printed;
mod template;

pub use bar::BarStyle;
pub use event::{EventView, Field};
pub use printed::Printed;

use bar::Bar;
use json::JsonLines;
use template::Template;

/// How events are written.
#[derive(Debug, Clone)]
pub enum Format {
    /// One compact JSON object a line.
    Json,
    /// One line an event, made from a text with fields such as `{node_current}`.
    Template(String),
    /// A bar that redraws itself.
    Bar(BarStyle),
}

/// What a printer prints.
#[derive(Debug, Clone)]
pub struct Options {
    /// The format.
    pub format: Format,
    /// Print `event.raw`, the frame as the server sent it, instead of the event. JSON lines only.
    pub raw: bool,
    /// Print only events of these types; all where absent. A bar still reads the others, and always shows the end.
    pub event_types: Option<Vec<String>>,
}

/// Turns the events of one or more runs into text.
#[derive(Debug)]
pub struct Printer {
    raw: bool,
    event_types: Option<Vec<String>>,
    writer: Writer,
}

#[derive(Debug)]
enum Writer {
    Json(JsonLines),
    Template(Template),
    Bar(Box<Bar>),
}

impl Printer {
    /// Creates a printer. The error is a sentence about an invalid template.
    pub fn new(options: Options) -> Result<Self, String> {
        let writer = match options.format {
            Format::Json => Writer::Json(JsonLines::default()),
            Format::Template(text) => Writer::Template(Template::new(&text)?),
            Format::Bar(style) => Writer::Bar(Box::new(Bar::new(style))),
        };
        Ok(Self { raw: options.raw, event_types: options.event_types, writer })
    }

    /// The output for an event, if there is any.
    pub fn print(&mut self, event: &impl EventView) -> Option<Printed> {
        let Field::Text(event_type) = event.field("type") else { return None };
        let wanted = self.event_types.as_ref().is_none_or(|types| types.contains(&event_type));
        match &mut self.writer {
            Writer::Bar(bar) => bar.take(&event_type, event, wanted),
            _ if !wanted => None,
            Writer::Json(lines) => lines.line(event, self.raw).map(Printed::Line),
            Writer::Template(template) => Some(Printed::Line(template.line(event))),
        }
    }

    /// Sets the width of the terminal, which only a bar uses.
    pub fn resize(&mut self, columns: usize) {
        if let Writer::Bar(bar) = &mut self.writer {
            bar.resize(columns);
        }
    }

    /// The output that ends an unfinished line of a bar, when a run is abandoned before its end.
    pub fn finish(&mut self) -> Option<Printed> {
        match &mut self.writer {
            Writer::Bar(bar) => bar.finish(),
            Writer::Json(_) | Writer::Template(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn printer(format: Format, types: &[&str]) -> Printer {
        let event_types = (!types.is_empty()).then(|| types.iter().map(|t| t.to_string()).collect());
        Printer::new(Options { format, raw: false, event_types }).unwrap()
    }

    fn bar() -> Format {
        Format::Bar(BarStyle { width: 80, ..BarStyle::default() })
    }

    #[test]
    fn only_events_of_the_allowed_types_are_printed() {
        let mut printer = printer(Format::Template("{type}".into()), &["progress", "completed"]);
        let mut print = |event_type: &str| printer.print(&json!({"type": event_type}));
        assert_eq!(print("status"), None);
        assert_eq!(print("progress"), Some(Printed::Line("progress".into())));
        assert_eq!(print("completed"), Some(Printed::Line("completed".into())));
    }

    #[test]
    fn a_bar_shows_the_end_whatever_types_are_allowed() {
        let mut printer = printer(bar(), &["progress"]);
        assert_eq!(printer.print(&json!({"type": "executing", "node_current": "3", "nodes_total": ["3"]})), None);
        let Some(Printed::Terminal(text)) = printer.print(&json!({"type": "completed"})) else { panic!("no end") };
        assert!(text.contains("done") && text.ends_with('\n'), "{text:?}");
    }

    #[test]
    fn what_is_not_an_event_prints_nothing() {
        for format in [Format::Json, Format::Template("{type}".into()), bar()] {
            let mut printer = printer(format, &[]);
            for event in [Value::Null, json!(3), json!([]), json!({}), json!({"type": 5}), json!({"type": null})] {
                assert_eq!(printer.print(&event), None, "{event}");
            }
        }
    }

    #[test]
    fn a_wrong_template_is_refused_when_the_printer_is_made() {
        let options = Options { format: Format::Template("{nope}".into()), raw: false, event_types: None };
        assert!(Printer::new(options).unwrap_err().contains("nodes_progress"));
    }
}
