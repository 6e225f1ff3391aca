//! The answers of `POST /prompt`.

use std::borrow::Cow;

use crate::protocol::json::Raw;
use crate::text::index::sorted;

/// A prompt that the server accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// Its id. Very old servers assign their own, so it can differ from the one that was sent.
    pub prompt_id: String,
    /// Its queue number; negative for prompts that were sent to the front.
    pub number: Option<f64>,
    /// Outputs that failed validation and will not run, while the others do, as JSON text: `{node id: {errors, …}}`.
    pub node_errors: String,
}

/// A prompt that the server refused.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rejected {
    /// `error.type`, such as `prompt_outputs_failed_validation`; empty where there is none.
    pub kind: String,
    /// `error.message`, with `error.details` where there are no node errors.
    pub message: String,
    /// `{node id: {errors, dependent_outputs, class_type}}`, as JSON text.
    pub node_errors: String,
}

impl Accepted {
    /// Reads the body of a 200. `None` where it has no prompt id.
    pub fn read(text: &str) -> Option<Accepted> {
        let reply = Raw::read(text).ok()?;
        Some(Accepted {
            // A job of the API v2 has an `id`.
            prompt_id: reply.find("prompt_id").unwrap_or(reply.get("id")).id()?.into_owned(),
            number: reply.get("number").number(),
            node_errors: node_errors(reply),
        })
    }
}

impl Rejected {
    /// Reads the body of a 400. Servers answer in many shapes; fields that are missing stay empty.
    pub fn read(text: &str) -> Rejected {
        let Ok(reply) = Raw::read(text) else { return Rejected::default() };
        let mut rejected = Rejected { node_errors: node_errors(reply), ..Rejected::default() };
        let error = reply.get("error");
        if let Some(message) = error.string() {
            rejected.message = message.into_owned();
            return rejected;
        }
        // Comfy Cloud answers {code, message}.
        let said = if error.is_null() { reply } else { error };
        rejected.kind = said.find("type").unwrap_or(said.get("code")).string().unwrap_or_default().into_owned();
        rejected.message = said.string_at("message").into_owned();
        let details = error.string_at("details");
        // With node errors, the details only repeat them.
        if !details.is_empty() && !rejected.has_node_errors() {
            rejected.message = [rejected.message.trim_end_matches('.'), ": ", &details].concat();
        }
        rejected
    }

    /// Whether there are errors of single nodes.
    pub fn has_node_errors(&self) -> bool {
        !matches!(&*self.node_errors, "" | "{}")
    }

    /// The message and the errors of each node, one line a node.
    pub fn explain(&self) -> String {
        self.message.clone() + &explain_node_errors(&self.node_errors)
    }
}

/// Outputs of a prompt that the server refused while it took the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct RefusedOutputs {
    /// Ids of the output nodes that do not run.
    pub outputs: Vec<String>,
    /// Which they are and why, a line a node with an error.
    pub message: String,
}

impl RefusedOutputs {
    /// Reads the node errors of an answer that took the prompt, given as JSON text. `None` where there are none.
    pub fn read(node_errors: &str) -> Option<RefusedOutputs> {
        let mut outputs: Vec<String> = Vec::new();
        for (id, entry) in Raw::read(node_errors).ok()?.entries() {
            let dependent = entry.get("dependent_outputs").items();
            let dependent: Vec<Cow<str>> = dependent.into_iter().filter_map(Raw::id).collect();
            // Without a list it is the output itself that is wrong.
            outputs.extend(if dependent.is_empty() { vec![id] } else { dependent }.into_iter().map(Cow::into_owned));
        }
        let order = sorted(outputs.len(), &|one, other| outputs[one] < outputs[other]);
        let mut outputs: Vec<String> = order.into_iter().map(|at| std::mem::take(&mut outputs[at])).collect();
        outputs.dedup();
        let (outputs_text, nodes) = match outputs.len() {
            0 => return None,
            1 => ("an output".to_owned(), "node "),
            count => (count.to_string() + " outputs", "nodes "),
        };
        let list = outputs.join(", ");
        let message = ["The server refused ", &outputs_text, " of the prompt (", nodes, &list, ") and runs the rest:"];
        Some(RefusedOutputs { message: message.concat() + &explain_node_errors(node_errors), outputs })
    }
}

/// Formats node errors (JSON text), one line a node, each preceded by a line break.
pub fn explain_node_errors(node_errors: &str) -> String {
    let mut text = String::new();
    for (id, entry) in Raw::read(node_errors).unwrap_or(Raw::NULL).entries() {
        let class = entry.get("class_type").string().unwrap_or(Cow::Borrowed("node"));
        let errors = entry.get("errors").items().into_iter().map(|error| {
            if let Some(said) = error.string() {
                return said.into_owned();
            }
            let mut said = [error.string_at("message"), error.string_at("details")].to_vec();
            said.retain(|part| !part.is_empty());
            said.join(": ")
        });
        // Old and foreign servers give a text, for a node or for each of its errors.
        let errors: Vec<String> = entry.string().map(Cow::into_owned).into_iter().chain(errors).collect();
        for part in ["\n  node ", &id, " (", &class, "): ", &errors.join("; ")] {
            text.push_str(part);
        }
    }
    text
}

/// The node errors of an answer. Some servers send an empty list for none; the API v2 has them in the details.
fn node_errors(reply: Raw) -> String {
    let errors = reply.find("node_errors").unwrap_or(reply.get("error").get("details").get("node_errors"));
    if errors.is_object() && !errors.entries().is_empty() { errors.text().to_owned() } else { "{}".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_accepted_prompt_can_carry_node_errors() {
        let reply = Accepted::read(r#"{"prompt_id": "p", "number": 3, "node_errors": {"5": {}}}"#).unwrap();
        assert_eq!((&*reply.prompt_id, reply.number, &*reply.node_errors), ("p", Some(3.0), r#"{"5": {}}"#));
        assert_eq!(Accepted::read(r#"{"prompt_id": "p", "node_errors": []}"#).unwrap().node_errors, "{}");
        assert_eq!(Accepted::read(r#"{"id": "j", "status": "queued"}"#).unwrap().prompt_id, "j");
        assert_eq!(Accepted::read("{}"), None);
        assert_eq!(Accepted::read("<html>"), None);
    }

    #[test]
    fn refused_outputs_are_named_with_the_reasons() {
        let read = |text: &str| RefusedOutputs::read(text).map(|refused| (refused.outputs.join(" "), refused.message));
        let text = r#"{"3": {"errors": [{"message": "Custom validation failed for node",
            "details": "image - Invalid image file: missing.png"}], "dependent_outputs": ["4"], "class_type": "LoadImage"}}"#;
        let message = "The server refused an output of the prompt (node 4) and runs the rest:\n  node 3 (LoadImage): Custom \
            validation failed for node: image - Invalid image file: missing.png";
        assert_eq!(read(text), Some(("4".to_owned(), message.to_owned())));
        let several =
            read(r#"{"3": {"dependent_outputs": [4, "7"]}, "5": {"dependent_outputs": ["4"]}, "6": "no model"}"#);
        let (outputs, message) = several.unwrap();
        assert_eq!(outputs, "4 6 7");
        assert!(message.starts_with("The server refused 3 outputs of the prompt (nodes 4, 6, 7)"), "{message}");
        assert_eq!((read("{}"), read("[]"), read("<")), (None, None, None));
    }

    #[test]
    fn node_errors_that_are_texts_are_shown() {
        let text =
            r#"{"error": {"message": "invalid"}, "node_errors": {"5": "no model", "6": {"errors": ["no file"]}}}"#;
        assert_eq!(Rejected::read(text).explain(), "invalid\n  node 5 (node): no model\n  node 6 (node): no file");
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
    fn refusals_of_other_servers_are_read() {
        assert_eq!(Rejected::read(r#"{"error": "no prompt", "node_errors": []}"#).message, "no prompt");
        assert_eq!(Rejected::read(r#"{"code": "PAYMENT", "message": "No credits"}"#).kind, "PAYMENT");
        assert_eq!(Rejected::read("<html>"), Rejected::default());
        let v2 = Rejected::read(
            r#"{"error": {"code": "invalid_workflow", "message": "Wrong", "details": {"node_errors": {"5": {}}}}}"#,
        );
        assert_eq!((&*v2.kind, &*v2.message, &*v2.node_errors), ("invalid_workflow", "Wrong", r#"{"5": {}}"#));
    }
}
