//! Frames as a server writes them.

use std::fmt::Write;
use std::rc::Rc;

use super::random::Random;
use super::scenario::Dialect;

/// A message that travels over a socket.
#[derive(Debug, Clone, PartialEq)]
pub struct Packet {
    pub content: Content,
    /// The run or job that it is really of.
    pub job: Option<usize>,
    /// It is an `executing null`.
    pub last: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Text(Rc<str>),
    Binary(Rc<[u8]>),
}

impl Packet {
    pub fn text(job: Option<usize>, text: String) -> Packet {
        Packet { content: Content::Text(text.into()), job, last: false }
    }

    /// It names its prompt.
    pub fn names_prompt(&self) -> bool {
        match &self.content {
            Content::Text(text) => text.contains(r#""prompt_id": ""#),
            Content::Binary(bytes) => bytes.starts_with(&[0, 0, 0, 4]),
        }
    }

    /// The queue has changed.
    pub fn is_status(&self) -> bool {
        matches!(&self.content, Content::Text(text) if text.contains("queue_remaining")) && !self.is_greeting()
    }

    /// It is one of those that come once on connecting, to stale sockets too.
    pub fn is_greeting(&self) -> bool {
        let Content::Text(text) = &self.content else { return false };
        let node = text.starts_with(r#"{"type": "executing", "data": {"node": ""#) && !text.contains("prompt_id");
        node || text.contains(r#""sid""#)
    }
}

impl std::fmt::Display for Packet {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match &self.content {
            Content::Text(text) => f.write_str(&text.chars().take(140).collect::<String>()),
            Content::Binary(bytes) => write!(f, "{} bytes of kind {}", bytes.len(), bytes.get(3).unwrap_or(&0)),
        }
    }
}

/// A node's entry in `progress_state`.
#[derive(Debug, Clone)]
pub struct NodeState {
    pub id: String,
    pub value: u32,
    pub max: u32,
    pub state: &'static str,
}

pub fn status(remaining: usize, sid: Option<&str>) -> String {
    let sid = sid.map(|sid| format!(r#", "sid": "{sid}""#)).unwrap_or_default();
    format!(r#"{{"type": "status", "data": {{"status": {{"exec_info": {{"queue_remaining": {remaining}}}}}{sid}}}}}"#)
}

/// A frame of a prompt with these fields; each field ends with a comma.
pub fn of_prompt(kind: &str, fields: &str, prompt_id: &str) -> String {
    format!(r#"{{"type": "{kind}", "data": {{{fields}"prompt_id": "{prompt_id}"}}}}"#)
}

pub fn snapshot(states: &[NodeState], prompt_id: &str) -> String {
    let mut nodes = String::new();
    for (at, node) in states.iter().enumerate() {
        let NodeState { id, value, max, state } = node;
        let comma = if at > 0 { ", " } else { "" };
        let _ = write!(
            nodes,
            r#"{comma}"{id}": {{"value": {value}, "max": {max}, "state": "{state}", "node_id": "{id}", "prompt_id": "{prompt_id}"}}"#
        );
    }
    of_prompt("progress_state", &format!(r#""nodes": {{{nodes}}}, "#), prompt_id)
}

pub fn progress(dialect: &Dialect, node: &str, value: u32, max: u32, prompt_id: &str) -> String {
    if dialect.bare_progress {
        return format!(r#"{{"type": "progress", "data": {{"value": {value}, "max": {max}}}}}"#);
    }
    of_prompt("progress", &format!(r#""node": "{node}", "value": {value}, "max": {max}, "#), prompt_id)
}

pub fn preview(dialect: &Dialect, node: &str, prompt_id: &str) -> Rc<[u8]> {
    let picture = b"\xff\xd8\xff\xe0picture";
    let mut bytes = Vec::new();
    if dialect.preview_metadata {
        let metadata = format!(r#"{{"node_id": "{node}", "prompt_id": "{prompt_id}", "image_type": "image/jpeg"}}"#);
        bytes.extend(4u32.to_be_bytes());
        bytes.extend((metadata.len() as u32).to_be_bytes());
        bytes.extend(metadata.bytes());
    } else {
        bytes.extend(1u32.to_be_bytes());
        bytes.extend(1u32.to_be_bytes());
    }
    bytes.extend(picture);
    bytes.into()
}

/// A text about a node. Its frame does not name the prompt.
pub fn node_text(node: &str, job: usize) -> Rc<[u8]> {
    let mut bytes = Vec::from(3u32.to_be_bytes());
    bytes.extend((node.len() as u32).to_be_bytes());
    bytes.extend(node.bytes());
    bytes.extend(format!("job {job}").bytes());
    bytes.into()
}

/// Malformed and unexpected frames.
pub fn garbage(random: &mut Random) -> Content {
    if random.chance(0.3) {
        let length = random.below(24);
        let kind = random.below(6) as u8;
        let mut bytes: Vec<u8> = (0..length).map(|_| random.next() as u8).collect();
        bytes.splice(0..0, [0, 0, 0, kind]);
        return Content::Binary(bytes.into());
    }
    let text = random.pick(&[
        "",
        "null",
        "[]",
        "{",
        "<html>502 Bad Gateway</html>",
        r#"{"type": "executing", "data": {"node": null}}"#,
        r#"{"type": "executing", "data": {"node": null, "prompt_id": "nobody's"}}"#,
        r#"{"type": "executing", "data": {"node": null, "prompt_id": null}}"#,
        r#"{"type": "executing", "data": {"node": null, "prompt_id": 7}}"#,
        r#"{"type": "execution_success", "data": {"prompt_id": "nobody's"}}"#,
        r#"{"type": "execution_error", "data": {"prompt_id": "nobody's", "node_id": "1"}}"#,
        r#"{"type": "execution_error", "data": {}}"#,
        r#"{"type": "execution_error"}"#,
        r#"{"type": "execution_interrupted", "data": null}"#,
        r#"{"type": "progress", "data": {"value": 9, "max": 9, "prompt_id": "nobody's", "node": "1"}}"#,
        r#"{"type": "progress_state", "data": {"nodes": {"1": {"state": "finished"}}}}"#,
        r#"{"type": "execution_cached", "data": {"nodes": ["1", "2", "3"]}}"#,
        r#"{"type": "executed", "data": {"node": "1", "output": {"text": ["x"]}}}"#,
        r#"{"type": 7, "data": {}}"#,
        r#"{"type": "status"}"#,
        r#"{"type": "status", "data": {"status": "??"}}"#,
        r#"{"type": "crystools.monitor", "data": {"cpu": NaN}}"#,
        r#"{"type": "notification", "data": {"value": "hello"}}"#,
    ]);
    Content::Text(text.into())
}
