//! A workflow file: where its parts are.
//!
//! Subgraph definitions nest: a definition may hold further definitions, which count like those of the root.

use crate::text::index::Index;
use crate::workflow::model::arena::Arena;
use crate::workflow::model::error::{ConvertError, Malformed};
use crate::workflow::model::json::{self, Json};
use crate::workflow::model::lenient::{Entries, Raw};
use crate::workflow::model::python_json;
use crate::workflow::model::saved::{SavedGraph, SavedLink};
use crate::workflow::model::value::Value;

/// A workflow file.
pub(crate) struct Document<'d> {
    /// Every graph: the subgraph definitions, then the root.
    pub graphs: Vec<&'d SavedGraph<'d>>,
    /// The definitions by their ids, which are the types of their instances.
    pub definitions: Index<'d>,
    /// The highest node id that the editor had given.
    pub last_node_id: usize,
}

/// Reads the text of a workflow.
pub(crate) fn read<'d>(text: &'d str, arena: &'d Arena) -> Result<SavedGraph<'d>, ConvertError> {
    let root: SavedGraph = python_json::read(text, |repaired| arena.keep(repaired))
        .map_err(|error| ConvertError::Workflow(Malformed::from(error)))?;
    if root.nodes.0.is_some() {
        return Ok(root);
    }
    let nodes: Entries<Entries<Raw>> = python_json::read(text, |repaired| arena.keep(repaired)).unwrap_or_default();
    Err(ConvertError::NotAWorkflow(match nodes.0 {
        None => "the JSON is not an object",
        Some(nodes) if !nodes.is_empty() && nodes.iter().all(|(_, node)| node.get("class_type").is_some()) => {
            "it is a prompt (API form) already"
        }
        Some(_) => "it has none",
    }))
}

impl<'d> Document<'d> {
    /// Finds the parts of a file.
    pub fn new(root: &'d SavedGraph<'d>) -> Self {
        let mut graphs = Vec::new();
        add_definitions(root, &mut graphs);
        // Of several of the same id the first counts.
        let ids = Index::new(graphs.iter().map(|graph| graph.id.or_empty()));
        let mut kept = Vec::new();
        let mut definitions = Vec::new();
        for (at, graph) in graphs.iter().enumerate() {
            let id = graph.id.or_empty();
            if !id.is_empty() && ids.first(id) == Some(at) {
                definitions.push((id, kept.len()));
                kept.push(*graph);
            }
        }
        kept.push(root);
        let saved = [&root.last_node_id, &root.state.last_node_id];
        let last_node_id = saved.into_iter().find_map(Json::number).map_or(0.0, |last| last.clamp(0.0, 1e15));
        Document { graphs: kept, definitions: Index::of(definitions), last_node_id: last_node_id as usize }
    }
}

/// Lists the definitions in a graph, each followed by those inside it; the nesting of the JSON is limited.
fn add_definitions<'d>(graph: &'d SavedGraph<'d>, graphs: &mut Vec<&'d SavedGraph<'d>>) {
    for definition in graph.definitions.subgraphs.iter() {
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
    pub ty: &'d str,
}

impl<'d> LinkRow<'d> {
    pub fn new(saved: &'d SavedLink<'d>, arena: &'d Arena) -> Self {
        LinkRow {
            id: id_text(&saved.id, arena),
            origin: id_text(&saved.origin, arena),
            origin_slot: Value::Json(&saved.origin_slot),
            target: id_text(&saved.target, arena),
            target_slot: saved.target_slot.index().unwrap_or(usize::MAX),
            ty: saved.ty.or_empty(),
        }
    }
}

/// An id as text: `7`, `7.0` and `"7"` are the same id.
pub(crate) fn id_text<'d>(id: &'d Json<'d>, arena: &'d Arena) -> &'d str {
    match id {
        Json::Number(digits) if !digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            arena.keep(json::from_f64(json::to_f64(digits)))
        }
        _ => id.text(arena),
    }
}
