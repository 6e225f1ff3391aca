//! JSON documents: whether one is a workflow or a prompt, and where APIs and savers wrap these.

use crate::protocol::json::{Raw, Reader, quoted, trimmed};

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// A workflow of the editor: an object with a list `nodes`.
    Workflow,
    /// A prompt (API form): an object of nodes with `class_type`.
    Prompt,
    /// Neither.
    Other,
}

impl DocumentKind {
    /// What a JSON value is by itself. `{"prompt": {…}}` is not a prompt, but contains one.
    pub fn of(value: Raw) -> DocumentKind {
        if value.get("nodes").is_list() {
            return DocumentKind::Workflow;
        }
        let mut nodes = 0;
        let all = value.each_entry(&mut |_, node| {
            nodes += 1;
            node.get("class_type").is_string()
        });
        if all && nodes > 0 { DocumentKind::Prompt } else { DocumentKind::Other }
    }
}

/// Keys under which workflows and prompts are found, in the order in which they are searched:
///
/// - `workflow`, `prompt`: files of ComfyUI; the body of `POST /prompt`; in history and queue, `prompt` is an entry of the
///   queue;
/// - `workflow_api`: ComfyDeploy and others, beside `workflow`;
/// - `output`: `graphToPrompt()` of the editor, beside `workflow`;
/// - `input`: requests of serverless workers, `{"input": {"workflow": …}}`;
/// - `extra_data`, `extra_pnginfo`: the workflow in a submission;
/// - `data`, `body`: requests that were saved with what surrounds them.
const KEYS: [&str; 9] =
    ["workflow", "prompt", "workflow_api", "output", "input", "extra_data", "extra_pnginfo", "data", "body"];

/// Depth limit of the search; JSON in a string counts as a level. The deepest known one is the workflow, as a string, of a
/// history item under its id: 6.
const DEPTH: usize = 8;

/// The workflow and the prompt in a JSON value.
#[derive(Debug, Default)]
pub struct Document {
    /// The first workflow, as JSON text.
    pub workflow: Option<String>,
    /// The first prompt, as JSON text.
    pub prompt: Option<String>,
    /// The syntax error of a string that looks like JSON.
    pub broken: Option<String>,
    /// Number of history items, where there are several: which one is wanted is not known.
    history_items: usize,
}

impl Document {
    /// Searches a value and the known wrappers in it.
    pub fn search(value: Raw) -> Document {
        let mut document = Document::default();
        document.visit("", value, 0);
        document
    }

    /// Whether neither was found.
    pub fn is_empty(&self) -> bool {
        self.workflow.is_none() && self.prompt.is_none()
    }

    /// Why neither was found in a value: without a capital letter or a full stop.
    pub fn explain(&self, value: Raw) -> String {
        let what = match (&self.broken, self.history_items) {
            (Some(broken), _) => return ["this JSON has no readable workflow: ", broken].concat(),
            (None, 0) => describe(value),
            (None, count) => format!("a history of {count} prompts: keep the one that is wanted"),
        };
        let kinds = "this is neither a workflow of the editor (with a list of nodes) nor a prompt (nodes with class_type), \
                     but ";
        [kinds, &what].concat()
    }

    fn visit(&mut self, key: &str, value: Raw, depth: usize) {
        if depth > DEPTH || (self.workflow.is_some() && self.prompt.is_some()) {
            return;
        }
        match DocumentKind::of(value) {
            DocumentKind::Workflow => drop(self.workflow.get_or_insert_with(|| value.text().to_owned())),
            DocumentKind::Prompt => drop(self.prompt.get_or_insert_with(|| value.text().to_owned())),
            DocumentKind::Other if value.is_object() => self.visit_wrapper(value, depth),
            DocumentKind::Other if value.is_list() && key == "prompt" => {
                // An entry of the queue: number, prompt id, prompt, extra data, outputs.
                for part in first_items::<4>(value).into_iter().skip(2).flatten() {
                    self.visit("", part, depth + 1);
                }
            }
            DocumentKind::Other => self.visit_string(key, value, depth),
        }
    }

    fn visit_wrapper(&mut self, object: Raw, depth: usize) {
        let mut values = [None; KEYS.len()];
        let (mut history, mut history_items) = (None, 0);
        object.each_entry(&mut |key, value| {
            if let Some(at) = KEYS.iter().position(|known| *known == key) {
                values[at] = Some(value);
            } else if is_history_item(value) {
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
        // Other strings are natural language: `prompt` is also what people call the description of an image.
        if text.starts_with(['{', '"']) {
            match Raw::read(text) {
                Ok(value) => self.visit(key, value, depth + 1),
                Err(_) if text.starts_with('"') => {}
                Err(error) => self.broken = Some(format!("the {key} in it is not JSON: {error}")),
            }
        }
    }
}

/// Whether a value is an item of `GET /history`: outputs, and a prompt, which is a list, or an object on Comfy Cloud.
fn is_history_item(value: Raw) -> bool {
    let (mut has_prompt, mut has_outputs) = (false, false);
    value.each_entry(&mut |key, value| {
        has_prompt |= key == "prompt" && (value.is_list() || value.is_object());
        has_outputs |= key == "outputs";
        true
    });
    has_prompt && has_outputs
}

/// The first elements of a list.
fn first_items<const COUNT: usize>(list: Raw) -> [Option<Raw>; COUNT] {
    let mut items = [None; COUNT];
    let mut at = 0;
    // Stops at the first element that is not needed.
    Reader::new(list.text()).array(&mut |reader| {
        *items.get_mut(at)? = Some(reader.value()?);
        at += 1;
        Some(())
    });
    items
}

/// Names a JSON value in messages.
fn describe(value: Raw) -> String {
    let what = match value.text().as_bytes().first() {
        Some(b'{') => {
            let mut keys = String::new();
            let mut count = 0;
            value.each_entry(&mut |key, _| {
                keys.push_str(if count == 0 { "an object with the keys " } else { ", " });
                keys.push_str(&if count < 5 { quoted(&shortened(&key)) } else { "…".to_owned() });
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

/// Limit of a key in a message, in characters.
const KEY_SHOWN: usize = 40;

fn shortened(key: &str) -> String {
    let mut short: String = key.chars().take(KEY_SHOWN).collect();
    if short.len() < key.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKFLOW: &str = r#"{"nodes": [], "links": []}"#;
    const PROMPT: &str = r#"{"3": {"class_type": "KSampler", "inputs": {}}}"#;

    fn search(text: &str) -> Document {
        Document::search(Raw::read(text).unwrap())
    }

    fn quoted_twice(text: &str) -> String {
        quoted(&quoted(text))
    }

    #[test]
    fn workflows_and_prompts_are_recognised() {
        let kind = |text| DocumentKind::of(Raw::read(text).unwrap());
        assert_eq!(kind(WORKFLOW), DocumentKind::Workflow);
        assert_eq!(kind(PROMPT), DocumentKind::Prompt);
        for other in ["{}", "[]", "7", r#"{"nodes": 3}"#, r#"{"prompt": {}}"#, r#"{"1": {}}"#] {
            assert_eq!(kind(other), DocumentKind::Other, "{other}");
        }
    }

    #[test]
    fn known_wrappers_are_removed() {
        let (w, p) = (WORKFLOW, PROMPT);
        let entry = format!(r#"[7, "id", {p}, {{"client_id": "c", "extra_pnginfo": {{"workflow": {w}}}}}, ["9"]]"#);
        let item = format!(r#"{{"prompt": {entry}, "outputs": {{}}, "status": null, "meta": {{}}}}"#);
        let cloud = format!(
            r#"{{"prompt": {{"prompt": {p}, "extra_data": {{"extra_pnginfo": {{"workflow": {w}}}}}}}, "outputs": {{}}}}"#
        );
        for both in [
            format!(r#"{{"workflow": {w}, "output": {p}}}"#),
            format!(r#"{{"output": {p}, "workflow": {w}}}"#),
            format!(r#"{{"workflow": {w}, "workflow_api": {p}}}"#),
            format!(r#"{{"workflow": {}, "prompt": {}}}"#, quoted(w), quoted(p)),
            format!(r#"{{"workflow": {p}, "prompt": {w}}}"#),
            format!(r#"{{"client_id": "c", "prompt": {p}, "extra_data": {{"extra_pnginfo": {{"workflow": {w}}}}}}}"#),
            item.clone(),
            format!(r#"{{"5ab7": {item}}}"#),
            format!(r#"{{"5ab7": {}}}"#, item.replace(w, &quoted(w))),
            format!(r#"{{"5ab7": {cloud}}}"#),
            format!(r#"{{"url": "/prompt", "body": {}}}"#, quoted(&format!(r#"{{"prompt": {p}, "workflow": {w}}}"#))),
        ] {
            let document = search(&both);
            assert_eq!(document.workflow.as_deref(), Some(w), "{both}");
            assert_eq!(document.prompt.as_deref(), Some(p), "{both}");
        }
        for only in [
            format!(r#"{{"prompt": {p}}}"#),
            format!(r#"{{"prompt": {}}}"#, quoted(p)),
            format!(r#"{{"prompt": {}}}"#, quoted_twice(p)),
            format!(r#"{{"prompt": {}}}"#, quoted(&format!("\u{feff}{p}\n"))),
            format!(r#"{{"input": {{"workflow": {p}, "images": []}}}}"#),
            format!(r#"{{"data": {{"output": {p}}}}}"#),
        ] {
            let document = search(&only);
            assert_eq!((document.workflow.as_deref(), document.prompt.as_deref()), (None, Some(p)), "{only}");
        }
        for only in [format!(r#"{{"workflow": {w}}}"#), format!(r#"{{"input": {{"workflow": {}}}}}"#, quoted(w))] {
            let document = search(&only);
            assert_eq!((document.workflow.as_deref(), document.prompt.as_deref()), (Some(w), None), "{only}");
        }
    }

    #[test]
    fn other_documents_are_named() {
        let explained = |text: &str| search(text).explain(Raw::read(text).unwrap());
        let item = format!(r#"{{"prompt": [1, "p", {PROMPT}], "outputs": {{}}}}"#);
        for (text, says) in [
            ("{}".to_owned(), "but an object without keys"),
            (r#"{"prompt": "a cat {in a hat}"}"#.to_owned(), r#"but an object with the keys "prompt""#),
            ("[1]".to_owned(), "but a list"),
            (r#"{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7}"#.to_owned(), r#""a", "b", "c", "d", "e", …"#),
            (format!(r#"{{"a": {item}, "b": {item}}}"#), "but a history of 2 prompts"),
            (r#"{"workflow": "{broken"}"#.to_owned(), "the workflow in it is not JSON: a key was expected"),
        ] {
            assert!(search(&text).is_empty(), "{text}");
            assert!(explained(&text).contains(says), "{text}: {}", explained(&text));
        }
        assert!(explained(&format!(r#"{{{}: 1}}"#, quoted(&"k".repeat(1000)))).len() < 200);
    }

    #[test]
    fn the_search_has_a_depth_limit() {
        let mut text = PROMPT.to_owned();
        for _ in 0..10_000 {
            text = format!(r#"{{"data":{text}}}"#);
        }
        assert!(search(&text).is_empty());
    }
}
