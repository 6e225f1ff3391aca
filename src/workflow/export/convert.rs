//! The conversion from end to end, and what it takes and gives.

use crate::workflow::export::dropped::{self, Dropped};
use crate::workflow::export::expand::{self, Expansion};
use crate::workflow::export::prompt;
use crate::workflow::export::text_rules::LocalTime;
use crate::workflow::load::file::{self, Document};
use crate::workflow::load::group_nodes;
use crate::workflow::model::arena::Arena;
use crate::workflow::model::error::ConvertError;
use crate::workflow::model::graph::Graphs;
use crate::workflow::model::json;
use crate::workflow::model::object_info::ObjectInfo;

/// How to choose where a text has alternatives (`{red|green}`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Random {
    /// Always the first.
    #[default]
    First,
    /// At random, the same for the same seed.
    Seeded(u64),
}

/// How to convert.
#[derive(Clone, Debug, Default)]
pub struct ConvertOptions {
    /// Go on without nodes whose type the object info does not know, instead of failing.
    pub allow_unknown: bool,
    /// How to choose between alternatives in texts.
    pub random: Random,
    /// The time that `%date:…%` in file names stands for; without it such a pattern stays as it is.
    pub now: Option<LocalTime>,
}

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
}

impl Conversion {
    /// The conversion as JSON text: `{prompt, warnings: [{node, input, rule, message}], dropped: [{node, class_type,
    /// reason}]}`.
    pub fn to_json(&self) -> String {
        let mut out = String::with_capacity(self.prompt.json.len() + 1000);
        out.push_str("{\"prompt\":");
        out.push_str(&self.prompt.json);
        out.push_str(",\"warnings\":[");
        for (at, Warning { node, input, rule, message }) in self.warnings.iter().enumerate() {
            object(at, &[("node", node), ("input", input), ("rule", rule), ("message", message)], &mut out);
        }
        out.push_str("],\"dropped\":[");
        for (at, Dropped { node, class_type, reason }) in self.dropped.iter().enumerate() {
            object(at, &[("node", node), ("class_type", class_type), ("reason", reason.as_str())], &mut out);
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

/// Makes the prompt that ComfyUI's editor would make of a workflow.
///
/// # Errors
///
/// [`ConvertError`]: the text is no workflow, node types are unknown, or the workflow is one that the editor itself
/// refuses (links in a circle, links from nowhere).
pub fn convert(workflow: &str, object_info: &ObjectInfo, options: &ConvertOptions) -> Result<Conversion, ConvertError> {
    let arena = Arena::default();
    let pen = arena.pen();
    let mut root = file::read(workflow, &pen)?;
    group_nodes::expand(&mut root, object_info, &pen);
    let document = Document::new(&root);
    expand::check_size(&document)?;
    let graphs = Graphs::build(&document, object_info, &pen)?;
    let expansion = Expansion::new(&graphs);
    let (prompt, warnings) = prompt::write(&graphs, &expansion, options).map_err(|error| match error {
        ConvertError::UnknownTypes(types) => {
            ConvertError::UnknownTypes(group_nodes::name_inner(types, &root, object_info))
        }
        error => error,
    })?;
    Ok(Conversion { prompt, warnings, dropped: dropped::list(&graphs, &expansion) })
}
