//! Server-sent events (WHATWG HTML, "Parsing an event stream").

use crate::text::work;

/// One event of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SseEvent {
    /// An event with data. The name is empty where the stream gives none.
    Message {
        /// The field `event`.
        name: String,
        /// The lines of `data`, joined by line breaks.
        data: String,
    },
    /// A comment, which servers send as a heartbeat.
    Comment,
    /// An event beyond the limit, which was dropped.
    TooLarge,
}

/// Decodes a stream that arrives in parts, cut anywhere.
#[derive(Debug)]
pub struct SseDecoder {
    /// The line that has not ended.
    line: String,
    name: String,
    data: String,
    /// The last part ended in CR: an LF at the beginning of the next one belongs to it.
    after_cr: bool,
    /// Limit of an event in bytes.
    limit: usize,
    too_large: bool,
}

impl SseDecoder {
    /// A decoder at the beginning of a stream. Events of more than `limit` bytes are dropped.
    pub fn new(limit: usize) -> SseDecoder {
        SseDecoder {
            line: String::new(),
            name: String::new(),
            data: String::new(),
            after_cr: false,
            limit,
            too_large: false,
        }
    }

    /// Starts over for another stream. An event that is incomplete is lost.
    pub fn reset(&mut self) {
        *self = SseDecoder::new(self.limit);
    }

    /// Decodes the next part of the stream.
    pub fn push(&mut self, text: &str) -> Vec<SseEvent> {
        let mut events = Vec::new();
        let mut rest = text;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix('\n').unwrap_or(rest);
        }
        while let Some(end) = rest.find(['\n', '\r']) {
            self.extend_line(&rest[..end]);
            let is_cr = rest.as_bytes()[end] == b'\r';
            rest = &rest[end + 1..];
            if is_cr {
                self.after_cr = rest.is_empty();
                rest = rest.strip_prefix('\n').unwrap_or(rest);
            }
            let line = std::mem::take(&mut self.line);
            self.on_line(&line, &mut events);
        }
        self.extend_line(rest);
        events
    }

    fn extend_line(&mut self, text: &str) {
        work::count(text.len());
        if self.line.len() + self.data.len() + text.len() > self.limit {
            // Memory goes back at once; the rest of the event is skipped up to the empty line at its end.
            self.too_large = true;
            (self.line, self.data) = (String::new(), String::new());
        }
        if !self.too_large {
            self.line.push_str(text);
        } else if !text.is_empty() && self.line.is_empty() {
            // Marks the line as not empty.
            self.line.push(':');
        }
    }

    fn on_line(&mut self, line: &str, events: &mut Vec<SseEvent>) {
        work::count(line.len());
        if line.is_empty() {
            let (name, data) = (std::mem::take(&mut self.name), std::mem::take(&mut self.data));
            if std::mem::take(&mut self.too_large) {
                events.push(SseEvent::TooLarge);
            } else if !data.is_empty() {
                events.push(SseEvent::Message { name, data });
            }
            return;
        }
        if self.too_large {
            return;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => events.push(SseEvent::Comment),
            "event" => value.clone_into(&mut self.name),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn message(name: &str, data: &str) -> SseEvent {
        SseEvent::Message { name: name.to_owned(), data: data.to_owned() }
    }

    #[test]
    fn lines_end_in_lf_crlf_or_cr_wherever_the_stream_is_cut() {
        let events = [SseEvent::Comment, message("a", "1\n2"), message("", "3")];
        for end in ["\n", "\r\n", "\r"] {
            let text = ": hello\nevent: a\ndata: 1\ndata:2\nid: 7\n\ndata: 3\n\n".replace('\n', end);
            for size in 1..text.len() {
                let mut decoder = SseDecoder::new(1000);
                let parts = text.as_bytes().chunks(size).map(|part| std::str::from_utf8(part).unwrap());
                assert_eq!(parts.flat_map(|part| decoder.push(part)).collect::<Vec<_>>(), events, "{end:?} {size}");
            }
        }
    }

    #[test]
    fn an_event_beyond_the_limit_is_dropped_and_the_next_one_is_read() {
        for text in [
            format!("event: a\ndata: {}\n\n", "x".repeat(200)),
            format!("event: a\n{}\n", "data: 0123456789\n".repeat(20)),
            format!("{}\n\n", "x".repeat(200)),
        ] {
            for size in [1, 7, 1000] {
                let mut decoder = SseDecoder::new(100);
                let text = format!("{text}event: b\ndata: 1\n\n");
                let mut events = Vec::new();
                for part in text.as_bytes().chunks(size) {
                    events.extend(decoder.push(std::str::from_utf8(part).unwrap()));
                    assert!(decoder.line.capacity() + decoder.data.capacity() <= 400);
                }
                assert_eq!(events, [SseEvent::TooLarge, message("b", "1")], "{size}");
            }
        }
    }

    #[test]
    fn a_stream_without_a_line_break_takes_no_more_memory_than_the_limit() {
        let mut decoder = SseDecoder::new(1000);
        for _ in 0..10_000 {
            assert!(decoder.push("0123456789").is_empty());
            assert!(decoder.line.capacity() <= 2000);
        }
        assert_eq!(decoder.push("\n\n"), [SseEvent::TooLarge]);
    }
}
