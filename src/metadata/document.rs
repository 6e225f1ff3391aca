//! Workflows and prompts in JSON: what an object is, and where APIs and savers wrap them.

use crate::metadata::text::trimmed;
use crate::protocol::json::{Raw, Reader, quoted};

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A workflow of the editor: an object with a list `nodes`.
    Workflow,
    /// A prompt (API form): an object of nodes with `class_type`.
    Prompt,
    /// Neither.
    Other,
}

/// What a JSON value is by itself. `{"prompt": {…}}` is not a prompt, but contains one.
pub fn form(value: Raw) -> Form {
    if value.get("nodes").is_list() {
        return Form::Workflow;
    }
    let mut nodes = 0;
    let all = value.each_entry(&mut |_, node| {
        nodes += 1;
        node.get("class_type").is_string()
    });
    if all && nodes > 0 { Form::Prompt } else { Form::Other }
}

/// Keys under which workflows and prompts are found, in the order in which they are looked through:
///
/// - `workflow`, `prompt`: files of ComfyUI; the body of `POST /prompt`; `prompt` of history and queue is an entry of the
///   queue;
/// - `workflow_api`: ComfyDeploy and others, beside `workflow`;
/// - `output`: `graphToPrompt()` of the editor, beside `workflow`;
/// - `input`: requests of serverless workers, `{"input": {"workflow": …}}`;
/// - `extra_data`, `extra_pnginfo`: the workflow in a submission;
/// - `data`, `body`: requests that were saved with what surrounds them.
const KEYS: [&str; 9] =
    ["workflow", "prompt", "workflow_api", "output", "input", "extra_data", "extra_pnginfo", "data", "body"];

/// Wrappers are looked through up to this depth; JSON in strings counts as one. The deepest known one is the workflow, as
/// a string, of a history item under its id: 6.
const DEPTH: usize = 8;

/// What was found in a JSON value.
#[derive(Debug, Default)]
pub(super) struct Document {
    /// The first workflow, as JSON text.
    pub workflow: Option<String>,
    /// The first prompt, as JSON text.
    pub prompt: Option<String>,
    /// Number of history items, where there are several and none was chosen.
    pub history_items: usize,
    /// The syntax error of a string that looks like JSON.
    pub broken: Option<String>,
}

impl Document {
    /// Searches a value and the known wrappers in it.
    pub fn search(value: Raw) -> Document {
        let mut document = Document::default();
        document.visit("", value, 0);
        document
    }

    fn visit(&mut self, key: &str, value: Raw, depth: usize) {
        if depth > DEPTH || (self.workflow.is_some() && self.prompt.is_some()) {
            return;
        }
        match form(value) {
            Form::Workflow => drop(self.workflow.get_or_insert_with(|| value.text().to_owned())),
            Form::Prompt => drop(self.prompt.get_or_insert_with(|| value.text().to_owned())),
            Form::Other if value.is_object() => self.visit_wrapper(value, depth),
            Form::Other if value.is_list() && key == "prompt" => {
                // An entry of the queue: number, prompt id, prompt, extra data, outputs.
                for part in first_items::<4>(value).into_iter().skip(2).flatten() {
                    self.visit("", part, depth + 1);
                }
            }
            Form::Other => self.visit_string(key, value, depth),
        }
    }

    fn visit_wrapper(&mut self, object: Raw, depth: usize) {
        let mut values = [None; KEYS.len()];
        let mut history = None;
        let mut history_items = 0;
        object.each_entry(&mut |key, value| {
            if let Some(at) = KEYS.iter().position(|known| *known == key) {
                values[at] = Some(value);
            } else if value.is_object() && is_history_item(value) {
                history = Some(value);
                history_items += 1;
            }
            true
        });
        for (key, value) in KEYS.into_iter().zip(values) {
            if let Some(value) = value {
                self.visit(key, value, depth + 1);
            }
        }
        match history {
            Some(item) if history_items == 1 => self.visit("", item, depth + 1),
            _ => self.history_items = self.history_items.max(history_items),
        }
    }

    fn visit_string(&mut self, key: &str, value: Raw, depth: usize) {
        let Some(text) = value.string() else { return };
        let text = trimmed(&text);
        // Other strings are natural language: `prompt` is also what people call the text of a picture.
        if text.starts_with('{') {
            match Raw::read(text) {
                Ok(value) => self.visit(key, value, depth + 1),
                Err(error) => self.broken = Some(format!("the {key} in it is not JSON: {error}")),
            }
        }
    }
}

/// Whether a value of an object is an item of `GET /history`: its prompt is a list, on Comfy Cloud an object with a prompt
/// in it.
fn is_history_item(value: Raw) -> bool {
    let (mut prompt, mut has_outputs) = (Raw::NULL, false);
    value.each_entry(&mut |key, value| {
        match &*key {
            "prompt" => prompt = value,
            "outputs" => has_outputs = true,
            _ => {}
        }
        true
    });
    has_outputs && (prompt.is_list() || prompt.is_object())
}

/// The first elements of a list.
fn first_items<const COUNT: usize>(list: Raw) -> [Option<Raw>; COUNT] {
    let mut items = [None; COUNT];
    let mut at = 0;
    // Stops at the first element that is not wanted.
    Reader::new(list.text()).array(&mut |reader| {
        *items.get_mut(at)? = Some(reader.value()?);
        at += 1;
        Some(())
    });
    items
}

/// Names a JSON value in messages.
pub(super) fn describe(value: Raw) -> String {
    let what = match value.text().as_bytes().first() {
        Some(b'{') => {
            let mut keys = String::new();
            let mut count = 0;
            value.each_entry(&mut |key, _| {
                keys.push_str(if count == 0 { "an object with the keys " } else { ", " });
                keys.push_str(&if count < 5 { quoted(&short(&key)) } else { "…".to_owned() });
                count += 1;
                count < 6
            });
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

/// A key in a message is no longer than this.
const KEY_SHOWN: usize = 40;

fn short(key: &str) -> String {
    let mut short: String = key.chars().take(KEY_SHOWN).collect();
    if short.len() < key.len() {
        short.push('…');
    }
    short
}
