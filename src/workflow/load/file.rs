//! A workflow file: where its parts are in the JSON.
//!
//! Rule L1: link tables are lists (`[id, from, slot, to, slot, type]`) at the root of 0.4 files, and objects inside of
//! subgraphs and in version 1 files; both are read everywhere. Subgraph definitions nest: a definition may hold
//! definitions of its own, which count like those of the root.

use crate::text::index::Index;
use crate::workflow::model::arena::Pen;
use crate::workflow::model::error::ConvertError;
use crate::workflow::model::json::{self, Json};
use crate::workflow::model::value::Value;

/// A workflow file.
pub(crate) struct Document<'d> {
    /// Every graph: the subgraph definitions, then the root.
    pub graphs: Vec<&'d Json<'d>>,
    /// The definitions by their ids, which are the types of their instances.
    pub definitions: Index<'d>,
    /// The highest node id that the editor had given.
    pub last_node_id: usize,
}

impl<'d> Document<'d> {
    /// Finds the parts of a file.
    pub fn read(root: &'d Json<'d>) -> Result<Self, ConvertError> {
        let not = |found| Err(ConvertError::NotAWorkflow(found));
        if !matches!(root, Json::Object(_)) {
            return not("the JSON is not an object");
        }
        if !matches!(root.get("nodes"), Json::Array(_)) {
            let nodes = root.pairs();
            let is_prompt = !nodes.is_empty() && nodes.iter().all(|(_, node)| node.has("class_type"));
            return not(if is_prompt { "it is a prompt (API form) already" } else { "it has none" });
        }
        let mut graphs = Vec::new();
        add_definitions(root, &mut graphs);
        // Of several of the same id the first counts.
        let ids = Index::new(graphs.iter().map(|graph| graph.str_at("id").unwrap_or("")));
        let mut kept = Vec::new();
        let mut definitions = Vec::new();
        for (at, graph) in graphs.iter().enumerate() {
            let id = graph.str_at("id").unwrap_or("");
            if !id.is_empty() && ids.first(id) == Some(at) {
                definitions.push((id, kept.len()));
                kept.push(*graph);
            }
        }
        kept.push(root);
        let saved = [root.get("last_node_id"), root.get("state").get("lastNodeId")];
        let last_node_id = saved.into_iter().find_map(Json::number).map_or(0.0, |last| last.clamp(0.0, 1e15));
        Ok(Document { graphs: kept, definitions: Index::of(definitions), last_node_id: last_node_id as usize })
    }
}

/// Lists the definitions in a graph, each followed by those inside it; the nesting of the JSON is limited.
fn add_definitions<'d>(graph: &'d Json<'d>, graphs: &mut Vec<&'d Json<'d>>) {
    for definition in graph.get("definitions").list("subgraphs") {
        graphs.push(definition);
        add_definitions(definition, graphs);
    }
}

/// One row of a link table.
#[derive(Clone, Copy)]
pub(crate) struct LinkRow<'d> {
    pub id: &'d str,
    pub origin: &'d str,
    /// As it is written, which is how it reaches the prompt.
    pub origin_slot: Value<'d>,
    pub target: &'d str,
    pub target_slot: usize,
}

impl<'d> LinkRow<'d> {
    /// Reads either form of a row.
    pub fn read(row: &'d Json<'d>, pen: &Pen<'d>) -> Self {
        let cell = |at: usize, key: &str| match row {
            Json::Array(cells) => cells.get(at).unwrap_or(&json::NULL),
            _ => row.get(key),
        };
        LinkRow {
            id: id_text(cell(0, "id"), pen),
            origin: id_text(cell(1, "origin_id"), pen),
            origin_slot: Value::Json(cell(2, "origin_slot")),
            target: id_text(cell(3, "target_id"), pen),
            target_slot: cell(4, "target_slot").index().unwrap_or(usize::MAX),
        }
    }
}

/// An id as text: `7`, `7.0` and `"7"` are the same id.
pub(crate) fn id_text<'d>(id: &Json<'d>, pen: &Pen<'d>) -> &'d str {
    match id {
        Json::Number(digits) if !digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            pen.keep(json::from_f64(json::to_f64(digits)))
        }
        _ => id.text(pen),
    }
}
