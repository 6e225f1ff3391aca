//! What a conversion gives.

use crate::workflow::export::dropped::Dropped;
use crate::workflow::model::json;

/// Something that the prompt does not say the way the workflow may mean it.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub pack: Option<String>,
}

/// A value that was decided on the way: a seed that is chosen anew whenever the prompt is queued, or a text with
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

impl Conversion {
    /// The conversion as JSON text: `{prompt, warnings: [{node, input, rule, message, pack?}], dropped: [{node, class_type,
    /// reason, pack?}], chosen: [{node, input, value}]}`.
    pub fn to_json(&self) -> String {
        let mut out = String::with_capacity(self.prompt.json.len() + 1000);
        out.push_str("{\"prompt\":");
        out.push_str(&self.prompt.json);
        out.push_str(",\"warnings\":[");
        for (at, Warning { node, input, rule, message, pack }) in self.warnings.iter().enumerate() {
            let mut fields = vec![("node", node.as_str()), ("input", input), ("rule", rule), ("message", message)];
            fields.extend(pack.as_deref().map(|pack| ("pack", pack)));
            object(at, &fields, &mut out);
        }
        out.push_str("],\"dropped\":[");
        for (at, Dropped { node, class_type, reason, pack }) in self.dropped.iter().enumerate() {
            let mut fields = vec![("node", node.as_str()), ("class_type", class_type), ("reason", reason.as_str())];
            fields.extend(pack.as_deref().map(|pack| ("pack", pack)));
            object(at, &fields, &mut out);
        }
        out.push_str("],\"chosen\":[");
        for (at, Chosen { node, input, value }) in self.chosen.iter().enumerate() {
            object(at, &[("node", node), ("input", input)], &mut out);
            out.pop();
            out.push_str(",\"value\":");
            out.push_str(value);
            out.push('}');
        }
        out.push_str("]}");
        out
    }
}

/// Appends an object to a list.
fn object(at: usize, fields: &[(&str, &str)], out: &mut String) {
    out.push_str(if at == 0 { "" } else { "," });
    for (at, (key, text)) in fields.iter().enumerate() {
        out.push_str(if at == 0 { "{" } else { "," });
        json::write_string(key, out);
        out.push(':');
        json::write_string(text, out);
    }
    out.push('}');
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
