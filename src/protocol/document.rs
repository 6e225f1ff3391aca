//! What a JSON document is: a workflow, a prompt, or neither.

use crate::protocol::json::{Raw, quoted};

/// What a JSON document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// What the editor saves.
    Workflow,
    /// What `POST /prompt` takes under `prompt`.
    Prompt,
    /// Neither.
    Other,
}

impl DocumentKind {
    /// Tells a workflow from a prompt. A prompt wrapped as `{"prompt": …}` is not one itself.
    pub fn of(value: Raw) -> DocumentKind {
        if value.get("nodes").is_list() {
            return DocumentKind::Workflow;
        }
        let nodes = value.entries();
        let is_node = |node: &Raw| node.get("class_type").is_string();
        match !nodes.is_empty() && nodes.iter().all(|(_, node)| is_node(node)) {
            true => DocumentKind::Prompt,
            false => DocumentKind::Other,
        }
    }
}

/// A JSON value in words, for messages.
pub fn describe(value: Raw) -> String {
    let what = match value.text().as_bytes().first() {
        Some(b'{') => {
            let mut keys = String::new();
            for (at, (key, _)) in value.entries().iter().take(6).enumerate() {
                keys.push_str(if at == 0 { "an object with the keys " } else { ", " });
                keys.push_str(&if at < 5 { quoted(key) } else { "…".to_owned() });
            }
            if !keys.is_empty() {
                return keys;
            }
            "an object without keys"
        }
        Some(b'[') => "a list",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "true or false",
        _ if value.is_null() => "null",
        _ => "a number",
    };
    what.to_owned()
}
