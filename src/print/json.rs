//! One compact JSON object a line.

use crate::print::event::EventView;
use crate::text::columns::is_invisible;

/// Writes events as JSON lines and drops a line that repeats the one before it.
#[derive(Debug, Default)]
pub(super) struct JsonLines {
    last: String,
}

impl JsonLines {
    /// The event, or what the server sent where that is asked for and known.
    pub(super) fn line(&mut self, event: &impl EventView, raw: bool) -> Option<String> {
        let line = raw.then(|| event.json("raw")).flatten().filter(|raw| raw.starts_with('{'));
        let line = line.or_else(|| event.json(""))?;
        if line == self.last {
            return None;
        }
        self.last.clone_from(&line);
        Some(if line.contains(is_invisible) { escaped(&line) } else { line })
    }
}

/// Control characters and marks that change the direction of text are escaped, because a terminal would obey them. The
/// JSON stays the same.
fn escaped(line: &str) -> String {
    let mut escaped = String::with_capacity(line.len() + 16);
    for c in line.chars() {
        if is_invisible(c) {
            let digits = [12, 8, 4, 0].map(|shift| char::from_digit((c as u32 >> shift) & 15, 16).unwrap_or('0'));
            escaped.push_str("\\u");
            escaped.extend(digits);
        } else {
            escaped.push(c);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_is_the_event_without_its_raw() {
        let event = json!({"type": "progress", "data": {"value": 1}, "raw": {"type": "progress"}, "ts": 1.5});
        let line = JsonLines::default().line(&event, false).unwrap();
        assert_eq!(line, r#"{"type":"progress","data":{"value":1},"ts":1.5}"#);
    }

    #[test]
    fn raw_prints_what_the_server_sent_or_the_event_where_nothing_was_sent() {
        let mut lines = JsonLines::default();
        assert_eq!(lines.line(&json!({"type": "a", "raw": {"b": [1]}}), true).unwrap(), r#"{"b":[1]}"#);
        assert_eq!(lines.line(&json!({"type": "submitted"}), true).unwrap(), r#"{"type":"submitted"}"#);
        assert_eq!(
            lines.line(&json!({"type": "submitted", "raw": null, "ts": 2}), true).unwrap(),
            r#"{"type":"submitted","ts":2}"#
        );
    }

    #[test]
    fn no_line_steers_a_terminal() {
        let event = json!({"type": "progress_text", "data": {"text": "a\u{9b}31m\u{202e}b\u{1b}c"}});
        let line = JsonLines::default().line(&event, false).unwrap();
        assert!(!line.contains(is_invisible), "{line:?}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&line).unwrap(), event);
    }

    #[test]
    fn a_line_that_repeats_the_one_before_is_dropped() {
        let mut lines = JsonLines::default();
        let status = |n: u32| json!({"type": "status", "raw": {"queue": n}, "ts": 1});
        assert!(lines.line(&status(1), true).is_some());
        assert!(lines.line(&status(1), true).is_none());
        assert!(lines.line(&status(2), true).is_some());
        assert!(lines.line(&status(1), true).is_some());
    }
}
