//! The result of a conversion.

use serde::Serialize;

use crate::workflow::export::dropped::Dropped;

/// A place where the prompt may differ from what the workflow means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Id of the node in the prompt.
    pub node: String,
    /// Name of the input; empty where it is about the node as a whole.
    pub input: String,
    /// Short name of the rule, for programs.
    pub rule: &'static str,
    /// What happened, for people.
    pub message: String,
    /// The custom node pack of the rule or of the node, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pack: Option<String>,
}

/// A value that the conversion chose: a seed that the editor chooses whenever the prompt is queued, or a text with
/// alternatives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Id of the node in the prompt.
    pub node: String,
    /// Name of the input.
    pub input: String,
    /// The value in the prompt, as JSON text.
    pub value: String,
}

/// A converted workflow.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// What `POST /prompt` takes under `prompt`.
    pub prompt: Prompt,
    /// Warnings.
    pub warnings: Vec<Warning>,
    /// Every node that did not reach the prompt, with its reason.
    pub dropped: Vec<Dropped>,
    /// The values that the conversion chose; the same for the same `random`.
    pub chosen: Vec<Chosen>,
}

/// A prompt, as JSON text: an object from node id to `{inputs, class_type, _meta: {title}}`, in node order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    pub(crate) json: String,
    pub(crate) nodes: usize,
}

impl Prompt {
    /// The JSON text.
    pub fn as_json(&self) -> &str {
        &self.json
    }

    /// The JSON text, without a copy.
    pub fn into_json(self) -> String {
        self.json
    }

    /// How many nodes it has.
    pub fn len(&self) -> usize {
        self.nodes
    }

    /// Whether it has no nodes.
    pub fn is_empty(&self) -> bool {
        self.nodes == 0
    }
}
