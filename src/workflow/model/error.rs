//! Why a conversion fails.

use std::fmt;

use serde::Serialize;

/// Why a text is not JSON, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What was expected or found.
    pub what: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in bytes, counted from 1.
    pub column: usize,
}

impl From<serde_json::Error> for Malformed {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        let what = text.split(" at line ").next().unwrap_or_default().to_owned();
        Malformed { what, line: error.line(), column: error.column() }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {} column {}", self.what, self.line, self.column)
    }
}

/// A node type that the object info does not know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnknownType {
    /// The type as the workflow has it.
    #[serde(rename = "type")]
    pub class_type: String,
    /// The pack that has it, where the file says so: its id in the registry, or the owner and name of its repository;
    /// `comfy-core` for ComfyUI itself.
    pub pack: Option<String>,
    /// The ids that its nodes would have in the prompt.
    pub nodes: Vec<String>,
}

/// Why a workflow could not become a prompt. The message says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConvertError {
    /// The object info is not a JSON object of node classes.
    ObjectInfo(Malformed),
    /// The workflow is not JSON.
    Workflow(Malformed),
    /// The JSON is something else than a workflow of the editor.
    NotAWorkflow(&'static str),
    /// The node types that the object info does not know, all of them.
    UnknownTypes(Vec<UnknownType>),
    /// A link that leads nowhere, or in a circle: the editor refuses such a workflow, too.
    BadLink {
        /// The node whose input it is about.
        node: String,
        /// The input's name.
        input: String,
        /// What is wrong.
        what: &'static str,
    },
    /// Subgraphs contain each other, or expand into too many nodes.
    Subgraphs(&'static str),
    /// The prompt would be larger than any server accepts.
    TooLarge(&'static str),
    /// The saved values of a node cannot be used.
    BadValue {
        /// The node.
        node: String,
        /// The widget.
        input: String,
        /// What is wrong.
        what: &'static str,
    },
}

impl fmt::Display for ConvertError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConvertError::ObjectInfo(malformed) => {
                write!(f, "the object info is not what GET /object_info answers: {malformed}")
            }
            ConvertError::Workflow(malformed) => write!(f, "the workflow is not JSON: {malformed}"),
            ConvertError::NotAWorkflow(found) => {
                write!(f, "not a workflow of the ComfyUI editor, which has a list of nodes: {found}")
            }
            ConvertError::UnknownTypes(types) => write_unknown_types(types, f),
            ConvertError::TooLarge(what) => f.write_str(what),
            ConvertError::BadLink { node, input, what } => write!(f, "input {input} of node {node}: {what}"),
            ConvertError::Subgraphs(what) => f.write_str(what),
            ConvertError::BadValue { node, input, what } => write!(f, "widget {input} of node {node}: {what}"),
        }
    }
}

/// A short sentence; all of the types are in the error as data.
fn write_unknown_types(types: &[UnknownType], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    const NAMED: usize = 3;
    f.write_str("the object info does not know ")?;
    f.write_str(if types.len() == 1 { "the node type " } else { "these node types: " })?;
    for (index, UnknownType { class_type, pack, nodes }) in types.iter().take(NAMED).enumerate() {
        f.write_str(if index == 0 { "" } else { ", " })?;
        let few = nodes.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = if nodes.len() > NAMED { ", …" } else { "" };
        write!(f, "{class_type} (node {few}{more}")?;
        match pack {
            Some(pack) => write!(f, ", of {pack})")?,
            None => f.write_str(")")?,
        }
    }
    if types.len() > NAMED {
        write!(f, " and {} more", types.len() - NAMED)?;
    }
    Ok(())
}

impl UnknownType {
    /// Whether it is an instance of a subgraph, or a group node, whose definition the file lacks.
    pub fn is_subgraph(&self) -> bool {
        has_definition(&self.class_type)
    }

    /// Whether it is a node of ComfyUI itself, which a newer version than the server's has.
    pub fn is_core(&self) -> bool {
        self.pack.as_deref() == Some("comfy-core")
    }
}

/// Whether a type is that of a subgraph, which is a UUID, or that of a group node.
pub(crate) fn has_definition(class_type: &str) -> bool {
    let is_part = |part: &str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    let parts: Vec<&str> = class_type.split('-').collect();
    let is_uuid = parts.len() == 5 && parts.iter().zip([8, 4, 4, 4, 12]).all(|(part, length)| is_part(part, length));
    is_uuid || class_type.starts_with("workflow>") || class_type.starts_with("workflow/")
}

impl std::error::Error for ConvertError {}
