//! A workflow file: where its parts are in the JSON.
//!
//! Rule L1: link tables are lists (`[id, from, slot, to, slot, type]`) at the root of 0.4 files, and objects inside of
//! subgraphs and in version 1 files; both are read everywhere. Subgraph definitions nest: a definition may hold
//! definitions of its own, which count like those of the root.

use std::borrow::Cow;
use std::collections::HashMap;

use super::error::ConvertError;
use super::json::Json;

/// A workflow file.
pub(crate) struct Document<'d> {
    /// Every graph: the subgraph definitions, then the root.
    pub graphs: Vec<&'d Json<'d>>,
    /// The index of each definition by its id, which is the type of its instances.
    pub definitions: HashMap<&'d str, usize>,
    /// The highest node id that the editor had given.
    pub last_node_id: u64,
}

/// What a JSON text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// What the editor saves: a workflow.
    Editor,
    /// What `POST /prompt` takes under `prompt`.
    Prompt,
    /// Neither.
    Other,
}

/// Tells a workflow of the editor from a prompt. A prompt wrapped as `{"prompt": …}` is not one itself.
pub fn form(value: &serde_json::Value) -> Form {
    let Some(object) = value.as_object() else {
        return Form::Other;
    };
    if object.get("nodes").is_some_and(serde_json::Value::is_array) {
        return Form::Editor;
    }
    let is_node = |node: &serde_json::Value| node.get("class_type").is_some_and(serde_json::Value::is_string);
    if !object.is_empty() && object.values().all(is_node) { Form::Prompt } else { Form::Other }
}

impl<'d> Document<'d> {
    /// Finds the parts of a file.
    pub fn read(root: &'d Json<'d>) -> Result<Self, ConvertError> {
        if !matches!(root, Json::Object(_)) {
            return Err(ConvertError::NotAWorkflow("the JSON is not an object"));
        }
        if !matches!(root.get("nodes"), Json::Array(_)) {
            let prompt = root.pairs().iter().all(|(_, node)| node.has("class_type")) && !root.pairs().is_empty();
            return Err(ConvertError::NotAWorkflow(if prompt {
                "it is a prompt (API form) already"
            } else {
                "it has none"
            }));
        }
        let mut graphs = Vec::new();
        let mut definitions = HashMap::new();
        // Lists of definitions still to read; the JSON's own nesting is limited, so this ends.
        let mut pending = vec![root.get("definitions").get("subgraphs").items().iter()];
        while let Some(list) = pending.last_mut() {
            let Some(definition) = list.next() else {
                pending.pop();
                continue;
            };
            if let Some(id) = definition.get("id").str() {
                definitions.entry(id).or_insert_with(|| {
                    graphs.push(definition);
                    graphs.len() - 1
                });
            }
            pending.push(definition.get("definitions").get("subgraphs").items().iter());
        }
        graphs.push(root);
        let saved = [root.get("last_node_id"), root.get("state").get("lastNodeId")];
        let last_node_id = saved.into_iter().find_map(Json::number).map_or(0, |last| last.max(0.0) as u64);
        Ok(Document { graphs, definitions, last_node_id })
    }
}

/// One row of a link table.
pub(crate) struct LinkRow<'d> {
    pub id: Cow<'d, str>,
    pub origin: Cow<'d, str>,
    /// As it is written, which is how it reaches the prompt.
    pub origin_slot: &'d Json<'d>,
    pub target: Cow<'d, str>,
    pub target_slot: usize,
}

impl<'d> LinkRow<'d> {
    /// Reads either form of a row; `None` where it is neither.
    pub fn read(row: &'d Json<'d>) -> Option<Self> {
        let [id, origin, origin_slot, target, target_slot] = match row {
            Json::Array(cells) => [0, 1, 2, 3, 4].map(|at| cells.get(at).unwrap_or(&super::json::NULL)),
            Json::Object(_) => ["id", "origin_id", "origin_slot", "target_id", "target_slot"].map(|key| row.get(key)),
            _ => return None,
        };
        Some(LinkRow {
            id: id_text(id),
            origin: id_text(origin),
            origin_slot,
            target: id_text(target),
            target_slot: target_slot.index().unwrap_or(usize::MAX),
        })
    }
}

/// An id as text: `7`, `7.0` and `"7"` are the same id.
pub(crate) fn id_text<'a>(id: &'a Json<'_>) -> Cow<'a, str> {
    match id {
        Json::Number(digits) if !digits.bytes().all(|b| b.is_ascii_digit()) => {
            match super::json::from_f64(id.number().unwrap_or(f64::NAN)) {
                Json::Number(digits) => digits,
                _ => id.to_text(),
            }
        }
        _ => id.to_text(),
    }
}
