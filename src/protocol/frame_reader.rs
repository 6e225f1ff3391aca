//! Text messages of one socket, read one after the other. Two kinds make up nearly all of them and are read by their
//! shape, as Python's `json.dumps` writes it: `progress`, and `progress_state`, whose snapshot repeats all nodes that have
//! begun: of it only the entries are read that differ from the last snapshot.

use std::borrow::Cow;
use std::ops::Range;

use crate::protocol::frame::{Body, Frame, NodeState};
use crate::protocol::json::Reader;

/// Reads the text messages of one socket.
#[derive(Debug, Default)]
pub struct FrameReader {
    /// The last snapshot of each of the prompts that spoke last.
    snapshots: Vec<Snapshot>,
}

/// What is known of a frame's text beside its content.
#[derive(Debug, Clone, Copy)]
pub enum Shape<'r> {
    Any,
    /// `{"type": "progress", "data": {"value", "max", "prompt_id", "node"}}`: these fields in this order, and no others.
    Progress,
    /// `{"type": "progress_state", "data": {"prompt_id", "nodes"}}`: these fields in this order, and no others.
    Snapshot(&'r Snapshot),
}

/// A `progress_state` frame, beside the one of its prompt before it.
#[derive(Debug, Default)]
pub struct Snapshot {
    prompt_id: String,
    text: String,
    entries: Vec<Entry>,
    /// Positions of entries that the snapshot before had otherwise, or did not have.
    changed: Vec<usize>,
    /// The snapshot before had other nodes, or in another order.
    is_first: bool,
}

/// One node in the text of a snapshot.
#[derive(Debug)]
struct Entry {
    /// From the quote before the id to the closing brace.
    range: Range<usize>,
    state: NodeState<'static>,
}

/// Larger snapshots are read anew each time, so that memory stays bounded.
const LARGEST_KEPT: usize = 1 << 20;

const PROGRESS: &str = r#"{"type": "progress", "data": {"value": "#;
const PROGRESS_STATE: &str = r#"{"type": "progress_state", "data": {"prompt_id": ""#;

impl FrameReader {
    /// Reads a message and hands its frames to `take`. Returns how many there were.
    pub fn read(&mut self, text: &str, take: &mut dyn FnMut(&Frame, Shape)) -> usize {
        if let Some(frame) = read_progress(text) {
            take(&frame, Shape::Progress);
            return 1;
        }
        if text.starts_with(PROGRESS_STATE) && text.len() <= LARGEST_KEPT {
            let snapshot = self.snapshot(text);
            if snapshot.read(text).is_some() {
                let nodes = snapshot.entries.iter().map(|entry| entry.state.borrowed()).collect();
                let frame = Frame {
                    kind: Cow::Borrowed("progress_state"),
                    prompt_id: Some(Cow::Borrowed(&snapshot.prompt_id)),
                    body: Body::ProgressState { nodes },
                    text,
                };
                take(&frame, Shape::Snapshot(snapshot));
                return 1;
            }
        }
        Frame::read(text, &mut |frame| take(frame, Shape::Any))
    }

    /// The last snapshot of the prompt that a text names, or an empty one, moved to the front.
    fn snapshot(&mut self, text: &str) -> &mut Snapshot {
        let id = id_at(text, PROGRESS_STATE.len()).unwrap_or_default();
        match self.snapshots.iter().position(|snapshot| snapshot.prompt_id == id) {
            Some(0) => {}
            Some(at) => self.snapshots[..=at].rotate_right(1),
            None => {
                self.snapshots.truncate(Snapshot::KEPT_PROMPTS - 1);
                self.snapshots.insert(0, Snapshot { prompt_id: id.to_owned(), ..Snapshot::default() });
            }
        }
        &mut self.snapshots[0]
    }
}

impl Snapshot {
    /// Prompts whose snapshots are kept: servers that run several at once send them in turns.
    pub const KEPT_PROMPTS: usize = 4;

    /// Whether nothing can be taken over from the snapshot before.
    pub fn is_first(&self) -> bool {
        self.is_first
    }

    /// The prompt.
    pub fn prompt_id(&self) -> &str {
        &self.prompt_id
    }

    /// The entries that changed, as the text of one JSON object; empty where none did.
    pub fn changed_text(&self) -> String {
        if self.changed.is_empty() {
            return String::new();
        }
        let mut text = String::from("{");
        for at in &self.changed {
            text.push_str(if text.len() > 1 { ", " } else { "" });
            text.push_str(&self.text[self.entries[*at].range.clone()]);
        }
        text.push('}');
        text
    }

    /// Reads the next snapshot; none where the text is not of the shape. What does not differ is not read again.
    fn read(&mut self, text: &str) -> Option<()> {
        let read = self.read_entries(text);
        self.text.clear();
        match read {
            Some(()) => self.text.push_str(text),
            // Nothing is to be compared with half of it.
            None => self.entries.clear(),
        }
        read
    }

    fn read_entries(&mut self, text: &str) -> Option<()> {
        self.changed.clear();
        self.is_first = self.entries.is_empty();
        let mut at = PROGRESS_STATE.len() + self.prompt_id.len();
        at += take(text, at, r#"", "nodes": {"#)?;
        let mut count = 0;
        if !text[at..].starts_with('}') {
            loop {
                at = self.read_entry(text, at, count)?;
                count += 1;
                match take(text, at, ", ") {
                    Some(length) => at += length,
                    None => break,
                }
            }
        }
        self.is_first |= count < self.entries.len();
        self.entries.truncate(count);
        (&text[at..] == "}}}").then_some(())
    }

    /// Reads the entry that begins at `at`, and gives its end.
    fn read_entry(&mut self, text: &str, at: usize, index: usize) -> Option<usize> {
        let known = self.entries.get_mut(index);
        if let Some(known) = &known
            && text.as_bytes()[at..].starts_with(&self.text.as_bytes()[known.range.clone()])
        {
            let end = at + known.range.len();
            self.entries[index].range = at..end;
            return Some(end);
        }
        let mut reader = Reader::new(&text[at..]);
        let node = if reader.peek() == b'"' { reader.string()? } else { return None };
        let mut reader = Reader::new(reader.rest().strip_prefix(": ")?);
        let state = NodeState::read(&mut reader, node).filter(|_| !reader.is_beyond_json())?.into_owned();
        let end = text.len() - reader.rest().len();
        let entry = Entry { range: at..end, state };
        match known {
            Some(known) => {
                self.is_first |= known.state.node != entry.state.node;
                *known = entry;
            }
            None => self.entries.push(entry),
        }
        self.changed.push(index);
        Some(end)
    }
}

/// A `progress` frame with whole numbers and plain ids. Anything else is left to the reader of all frames.
fn read_progress(text: &str) -> Option<Frame<'_>> {
    let mut at = PROGRESS.len();
    if !text.starts_with(PROGRESS) {
        return None;
    }
    let value = whole(text, &mut at)?;
    at += take(text, at, r#", "max": "#)?;
    let max = whole(text, &mut at)?;
    at += take(text, at, r#", "prompt_id": ""#)?;
    let prompt_id = id_at(text, at)?;
    at += prompt_id.len();
    at += take(text, at, r#"", "node": ""#)?;
    let node = id_at(text, at)?;
    at += node.len();
    if &text[at..] != r#""}}"# {
        return None;
    }
    Some(Frame {
        kind: Cow::Borrowed("progress"),
        prompt_id: Some(Cow::Borrowed(prompt_id)),
        body: Body::Progress { node: Some(Cow::Borrowed(node)), value, max },
        text,
    })
}

/// A whole number without a sign that a double holds exactly.
fn whole(text: &str, at: &mut usize) -> Option<f64> {
    let digits = text.as_bytes()[*at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let bytes = &text.as_bytes()[*at..*at + digits];
    if digits == 0 || digits > 15 || (bytes[0] == b'0' && digits > 1) {
        return None;
    }
    *at += digits;
    Some(bytes.iter().fold(0u64, |number, digit| number * 10 + u64::from(digit - b'0')) as f64)
}

/// A string without escapes, up to the quote that ends it.
fn id_at(text: &str, at: usize) -> Option<&str> {
    let rest = text.get(at..)?;
    let end = rest.bytes().position(|byte| byte == b'"' || byte == b'\\' || byte < b' ')?;
    (rest.as_bytes()[end] == b'"').then(|| &rest[..end])
}

/// How long `part` is, where the text has it here.
fn take(text: &str, at: usize, part: &str) -> Option<usize> {
    text.get(at..)?.starts_with(part).then_some(part.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a reader that knows nothing makes of a text.
    fn plain(text: &str) -> Vec<String> {
        let mut seen = Vec::new();
        Frame::read(text, &mut |frame| seen.push(format!("{frame:?}")));
        seen
    }

    fn read(reader: &mut FrameReader, text: &str) -> (Vec<String>, String) {
        let (mut seen, mut shapes) = (Vec::new(), String::new());
        reader.read(text, &mut |frame, shape| {
            seen.push(format!("{frame:?}"));
            shapes += &match shape {
                Shape::Any => "any".to_owned(),
                Shape::Progress => "progress".to_owned(),
                Shape::Snapshot(snapshot) if snapshot.is_first() => "first".to_owned(),
                Shape::Snapshot(snapshot) => snapshot.changed_text(),
            };
        });
        (seen, shapes)
    }

    fn entry(id: &str, value: u32, state: &str) -> String {
        format!(
            r#""{id}": {{"value": {value}, "max": 20, "state": "{state}", "node_id": "{id}", "parent_node_id": null}}"#
        )
    }

    fn snapshot(prompt_id: &str, entries: &[String]) -> String {
        let entries = entries.join(", ");
        format!(r#"{{"type": "progress_state", "data": {{"prompt_id": "{prompt_id}", "nodes": {{{entries}}}}}}}"#)
    }

    #[test]
    fn a_progress_frame_is_read_by_its_shape_as_any_frame_is() {
        for (text, shape) in [
            (r#"{"type": "progress", "data": {"value": 3, "max": 20, "prompt_id": "p", "node": "3"}}"#, "progress"),
            (r#"{"type": "progress", "data": {"value": 0, "max": 0, "prompt_id": "", "node": "5:é"}}"#, "progress"),
            (r#"{"type": "progress", "data": {"value": 3.5, "max": 20, "prompt_id": "p", "node": "3"}}"#, "any"),
            (r#"{"type": "progress", "data": {"value": 03, "max": 20, "prompt_id": "p", "node": "3"}}"#, ""),
            (r#"{"type": "progress", "data": {"value": 3, "max": 20, "prompt_id": "p", "node": "a\"b"}}"#, "any"),
            (r#"{"type": "progress", "data": {"value": 3, "max": 20, "prompt_id": "p", "node": "3"}} "#, "any"),
            (r#"{"type": "progress", "data": {"value": 3, "max": 20, "prompt_id": "p", "node": null}}"#, "any"),
            (
                r#"{"type": "progress", "data": {"value": 9007199254740993, "max": 2, "prompt_id": "p", "node": "3"}}"#,
                "any",
            ),
            (r#"{"type": "progress", "data": {"value": 3, "max": 20, "prompt_id": "p", "node": "3", "x": 1}}"#, "any"),
            (r#"{"type": "progress", "data": {"value": 3"#, ""),
        ] {
            let (seen, found) = read(&mut FrameReader::default(), text);
            assert_eq!((seen, found.as_str()), (plain(text), shape), "{text}");
        }
    }

    #[test]
    fn of_a_snapshot_only_what_changed_is_read_and_the_frame_is_the_same() {
        let mut reader = FrameReader::default();
        let done = entry("1", 1, "finished");
        for (entries, shape) in [
            (vec![done.clone()], "first".to_owned()),
            (vec![done.clone()], String::new()),
            (vec![done.clone(), entry("2", 1, "running")], format!("{{{}}}", entry("2", 1, "running"))),
            (vec![done.clone(), entry("2", 11, "running")], format!("{{{}}}", entry("2", 11, "running"))),
            (vec![done.clone(), entry("2", 1, "running"), entry("7", 5, "pending")], {
                format!("{{{}, {}}}", entry("2", 1, "running"), entry("7", 5, "pending"))
            }),
            // A node is gone, or they come in another order.
            (vec![done.clone(), entry("7", 5, "pending")], "first".to_owned()),
            (vec![entry("7", 5, "pending"), done.clone()], "first".to_owned()),
            (vec![], "first".to_owned()),
            (vec![done.clone()], "first".to_owned()),
        ] {
            let text = snapshot("p", &entries);
            assert_eq!(read(&mut reader, &text), (plain(&text), shape), "{text}");
        }
    }

    #[test]
    fn snapshots_of_several_prompts_do_not_mix() {
        let mut reader = FrameReader::default();
        for round in 1..4 {
            for prompt in ["p", "q", "pq"] {
                let text = snapshot(prompt, &[entry(prompt, round, "running")]);
                let (seen, shape) = read(&mut reader, &text);
                assert_eq!(seen, plain(&text));
                assert_eq!(shape == "first", round == 1);
            }
        }
    }

    #[test]
    fn a_snapshot_of_another_shape_is_read_as_any_frame_and_nothing_is_compared_with_it() {
        let mut reader = FrameReader::default();
        let good = snapshot("p", &[entry("1", 1, "running"), entry("2", 1, "running")]);
        for odd in [
            good.replace("\"value\": 1", "\"value\": NaN"),
            good.replace("}, \"2\"", "},\"2\""),
            good.replace("}}}", "}, \"x\": 1}}"),
            good.replace("}}}", "}}}}"),
            good[..good.len() - 3].to_owned(),
        ] {
            read(&mut reader, &good);
            assert_eq!(read(&mut reader, &odd).0, plain(&odd), "{odd}");
            assert_eq!(read(&mut reader, &good), (plain(&good), "first".to_owned()), "after {odd}");
        }
    }
}
