//! Lines such as `{node_current} {node_progress}% of {nodes_progress:.0%}`.

use crate::print::event::{EventView, Field};
use crate::text::template::{self, Part};

/// The fields of every event, in the order of the documentation.
const FIELDS: [&str; 22] = [
    "type",
    "data",
    "raw",
    "ts",
    "client_id",
    "prompt_id",
    "detected_by",
    "node_current",
    "nodes_total",
    "nodes_completed",
    "nodes_skipped",
    "nodes_done",
    "node_progress",
    "node_progress_value",
    "node_progress_max",
    "nodes_progress",
    "node_title",
    "node_type",
    "time_submitted",
    "time_queued_s",
    "time_elapsed_s",
    "node_execution_time_s",
];

/// A template that names only fields which events have.
#[derive(Debug)]
pub(super) struct Template {
    parts: Vec<Part>,
}

impl Template {
    /// Refuses fields that no event has, and lists those that they have; and a text without any, which is a misspelt name
    /// of another format.
    pub(super) fn new(text: &str) -> Result<Self, String> {
        let parts = template::parse(text)?;
        if !parts.iter().any(|part| matches!(part, Part::Field { .. })) {
            return Err(format!(
                "the format is \"bar\", \"json\" or a text with fields of events, such as \
                 `{{type}} {{nodes_progress:.0%}}`; `{text}` is none of them"
            ));
        }
        for part in &parts {
            let Part::Field { name, .. } = part else { continue };
            let key = name.split('.').next().unwrap_or_default();
            if !FIELDS.contains(&key) {
                return Err(format!(
                    "events have no field `{name}`; there are {}, and what is inside of data and raw, such as \
                     {{data.node}}",
                    FIELDS.join(", ")
                ));
            }
        }
        Ok(Self { parts })
    }

    /// The line for an event. A list is its length, an object its JSON. A field that this event does not have is
    /// `null`: an error could not be reported from a callback.
    pub(super) fn line(&self, event: &impl EventView) -> String {
        let mut line = String::new();
        for part in &self.parts {
            match part {
                Part::Literal(text) => line.push_str(text),
                Part::Field { name, spec } => line.push_str(&match event.field(name) {
                    Field::Absent => spec.word("null"),
                    Field::Bool(value) => spec.word(if value { "true" } else { "false" }),
                    Field::Number(number) => spec.number(number),
                    Field::Text(text) => spec.text(&text),
                    Field::List(length) => spec.number(length as f64),
                    Field::Object => spec.text(&event.json(name).unwrap_or_default()),
                }),
            }
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn line(template: &str, event: serde_json::Value) -> String {
        Template::new(template).unwrap().line(&event)
    }

    #[test]
    fn the_fields_of_an_event_are_filled_in() {
        let event =
            json!({"node_current": "3", "node_progress": 25, "nodes_progress": 0.457, "nodes_done": ["1", "2"]});
        let text = "{node_current} {node_progress}% of {nodes_progress:.0%} after {nodes_done:>3} nodes";
        assert_eq!(line(text, event), "3 25% of 46% after   2 nodes");
    }

    #[test]
    fn data_can_be_printed_whole_or_by_field() {
        let event = json!({"data": {"node": "3", "deep": {"x": 1.5}, "ok": true}});
        assert_eq!(line("{data.node} {data.deep.x:.2f} {data.ok}", event.clone()), "3 1.50 true");
        assert_eq!(line("{data}", event), r#"{"node":"3","deep":{"x":1.5},"ok":true}"#);
    }

    #[test]
    fn what_an_event_does_not_have_is_null_even_where_a_number_was_expected() {
        assert_eq!(line("{node_current:>6}|{data.position:.1f}|", json!({"node_current": null})), "  null|null|");
    }

    #[test]
    fn a_text_without_fields_is_refused_with_what_a_format_can_be() {
        for text in ["barr", "", "{{type}}"] {
            let error = Template::new(text).unwrap_err();
            for way in ["\"bar\"", "\"json\"", "{type}", &format!("`{text}`")] {
                assert!(error.contains(way), "{error}");
            }
        }
    }

    #[test]
    fn an_unknown_field_is_refused_with_the_list_of_known_ones() {
        let error = Template::new("{nodes_progres:.0%}").unwrap_err();
        assert!(error.contains("`nodes_progres`"), "{error}");
        for field in FIELDS {
            assert!(error.contains(field), "{error}");
        }
        assert!(Template::new("{data.anything.at.all}").is_ok());
        assert!(Template::new("{}").is_err());
    }
}
