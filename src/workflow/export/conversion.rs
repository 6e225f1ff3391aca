//! What a conversion gives.

use serde::Serialize;

use crate::workflow::export::dropped::Dropped;

/// Something that the prompt does not say the way the workflow may mean it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Id of the node in the prompt.
    pub node: String,
    /// Name of the input; empty where it is about the node as a whole.
    pub input: String,
    /// Short name of the rule that speaks, for programs.
    pub rule: &'static str,
    /// What happened, for people.
    pub message: String,
    /// The custom node pack whose rule speaks, or that the node comes from, where that is known.
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
    /// What stands in the prompt now, as JSON text.
    pub value: String,
}

/// A converted workflow.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// What `POST /prompt` takes under `prompt`.
    pub prompt: Prompt,
    /// What may surprise.
    pub warnings: Vec<Warning>,
    /// Every node that did not reach the prompt, with its reason.
    pub dropped: Vec<Dropped>,
    /// What was decided on the way; the same for the same `random`.
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
