//! `POST /prompt`: what the server answers.

use serde_json::{Map, Value};

use super::json;

/// A prompt that the server took.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// The id that the server runs it under. Very old servers mint their own, so it can differ from the one sent.
    pub prompt_id: String,
    /// Its number in the queue, as the server counts; may be negative for prompts sent to the front.
    pub number: Option<f64>,
    /// Outputs that failed validation and never run, although the rest does: `{node id: {errors, …}}`.
    pub node_errors: Map<String, Value>,
}

/// A prompt that the server refused.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rejected {
    /// `error.type`, such as `prompt_outputs_failed_validation`; empty where there is none.
    pub kind: String,
    /// `error.message` and `error.details`.
    pub message: String,
    /// `{node id: {errors, dependent_outputs, class_type}}`.
    pub node_errors: Map<String, Value>,
}

impl Accepted {
    /// Reads the body of a 200. `None` where it carries no prompt id.
    pub fn read(text: &str) -> Option<Accepted> {
        let mut reply: Map<String, Value> = json::parse(text).ok()?;
        Some(Accepted {
            prompt_id: reply.get("prompt_id").and_then(json::id_text)?,
            number: reply.get("number").and_then(Value::as_f64),
            node_errors: object(reply.remove("node_errors")),
        })
    }
}

impl Rejected {
    /// Reads the body of a 400. Old and foreign servers answer in many shapes; what is not understood is not invented.
    pub fn read(text: &str) -> Rejected {
        let Ok(Value::Object(mut reply)) = json::parse(text) else { return Rejected::default() };
        let node_errors = object(reply.remove("node_errors"));
        let field = |from: &Value, key: &str| from.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        match reply.get("error") {
            Some(Value::String(message)) => Rejected { kind: String::new(), message: message.clone(), node_errors },
            Some(error) => {
                let (mut message, details) = (field(error, "message"), field(error, "details"));
                // The details of a failed validation are those of the nodes, run together.
                if !details.is_empty() && node_errors.is_empty() {
                    message = format!("{}: {}", message.trim_end_matches('.'), details);
                }
                Rejected { kind: field(error, "type"), message, node_errors }
            }
            // Comfy Cloud answers {code, message}.
            None => {
                let reply = Value::Object(reply);
                Rejected { kind: field(&reply, "code"), message: field(&reply, "message"), node_errors }
            }
        }
    }

    /// The message with what each node's errors say, one line a node.
    pub fn explain(&self) -> String {
        let mut text = self.message.clone();
        text.push_str(&explain_node_errors(&self.node_errors));
        text
    }
}

/// What node errors say, one line a node, each preceded by a line break.
pub fn explain_node_errors(node_errors: &Map<String, Value>) -> String {
    let mut text = String::new();
    for (id, entry) in node_errors {
        let class = entry.get("class_type").and_then(Value::as_str).unwrap_or("node");
        let errors = entry.get("errors").and_then(Value::as_array);
        let errors: Vec<String> = errors
            .into_iter()
            .flatten()
            .map(|error| {
                let field = |key| error.get(key).and_then(Value::as_str).filter(|text: &&str| !text.is_empty());
                [field("message"), field("details")].into_iter().flatten().collect::<Vec<_>>().join(": ")
            })
            .collect();
        text.push_str(&format!("\n  node {id} ({class}): {}", errors.join("; ")));
    }
    text
}

fn object(value: Option<Value>) -> Map<String, Value> {
    match value {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accepted_prompt_can_carry_node_errors() {
        let reply = Accepted::read(r#"{"prompt_id": "p", "number": 3, "node_errors": {"5": {}}}"#).unwrap();
        assert_eq!((reply.prompt_id.as_str(), reply.number, reply.node_errors.len()), ("p", Some(3.0), 1));
        assert_eq!(Accepted::read(r#"{"prompt_id": "p", "node_errors": []}"#).unwrap().node_errors.len(), 0);
        assert_eq!(Accepted::read("{}"), None);
        assert_eq!(Accepted::read("<html>"), None);
    }

    #[test]
    fn a_refusal_is_explained_node_by_node() {
        let text = r#"{"error": {"type": "prompt_outputs_failed_validation", "message": "Prompt outputs failed validation",
            "details": ""}, "node_errors": {"5": {"class_type": "SaveImage",
            "errors": [{"message": "Required input is missing", "details": "images"}]}}}"#;
        let refusal = Rejected::read(text);
        assert_eq!(refusal.kind, "prompt_outputs_failed_validation");
        assert_eq!(
            refusal.explain(),
            "Prompt outputs failed validation\n  node 5 (SaveImage): Required input is missing: images"
        );
    }

    #[test]
    fn refusals_of_other_shapes_are_read_too() {
        assert_eq!(Rejected::read(r#"{"error": "no prompt", "node_errors": []}"#).message, "no prompt");
        assert_eq!(Rejected::read(r#"{"code": "PAYMENT", "message": "No credits"}"#).kind, "PAYMENT");
        assert_eq!(Rejected::read("<html>"), Rejected::default());
    }
}
