//! Why a conversion fails.

use std::fmt;

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownType {
    /// The type as the workflow has it.
    pub class_type: String,
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
    /// Subgraphs contain each other, or more nodes come out of them than can be meant.
    Subgraphs(&'static str),
    /// A node's saved values cannot be brought in.
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
            ConvertError::UnknownTypes(types) => {
                f.write_str("the object info does not know these node types: ")?;
                for (index, UnknownType { class_type, nodes }) in types.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { ", " })?;
                    write!(f, "{class_type} (node {})", nodes.join(", "))?;
                }
                Ok(())
            }
            ConvertError::BadLink { node, input, what } => write!(f, "input {input} of node {node}: {what}"),
            ConvertError::Subgraphs(what) => f.write_str(what),
            ConvertError::BadValue { node, input, what } => write!(f, "widget {input} of node {node}: {what}"),
        }
    }
}

impl std::error::Error for ConvertError {}
