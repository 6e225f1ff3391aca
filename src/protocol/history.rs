//! `GET /history/{prompt_id}`: what is left of a prompt that has ended.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::json::{self, Entries};

/// How a prompt in the history ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// `status_str: "success"`, or a server that says nothing of it: only finished prompts are in the history.
    Completed,
    /// `status_str: "error"` without a message of an interruption.
    Failed,
    /// `status_str: "error"` too; only an `execution_interrupted` message tells the difference.
    Interrupted,
}

/// One prompt's entry in the history.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryItem {
    /// How it ended.
    pub outcome: Outcome,
    /// Each node's output as JSON text, in the server's order.
    pub outputs: Vec<(String, String)>,
    /// Nodes that `status.messages` calls cached.
    pub cached: Vec<String>,
    /// The data of the `execution_error` or `execution_interrupted` message, if there is one.
    pub failure: Option<Map<String, Value>>,
    /// The prompt that ran, as far as the item carries it.
    pub prompt: Option<Value>,
    /// The item as JSON text.
    pub text: String,
}

/// What the history knows of a prompt.
#[derive(Debug, Clone, PartialEq)]
pub enum HistoryAnswer {
    /// It has ended.
    Ended(Box<HistoryItem>),
    /// `{}`: it has not ended, or never was.
    Unknown,
}

impl HistoryAnswer {
    /// Reads the answer to `GET /history/{prompt_id}`. `None` where it is no answer of a ComfyUI at all: HTML of a proxy,
    /// a list, half a body.
    pub fn read(text: &str, prompt_id: &str) -> Option<HistoryAnswer> {
        let text = text.trim_start_matches('\u{feff}');
        let clean = json::repaired(text);
        Self::of(&Entries::read(clean.as_deref().unwrap_or(text))?, prompt_id)
    }

    fn of(all: &Entries, prompt_id: &str) -> Option<HistoryAnswer> {
        if let Some(item) = all.get(prompt_id) {
            return Some(HistoryAnswer::Ended(Box::new(HistoryItem::read(item)?)));
        }
        // Some servers answer with the whole history.
        let others =
            all.0.iter().all(|(_, item)| Entries::read(item.get()).is_some_and(|item| item.get("prompt").is_some()));
        others.then_some(HistoryAnswer::Unknown)
    }
}

impl HistoryItem {
    /// Reads an item; `None` where the text is no object.
    pub fn read(text: &str) -> Option<HistoryItem> {
        let item = Entries::read(text)?;
        let value = |text: Option<&str>| text.and_then(|text| serde_json::from_str::<Value>(text).ok());
        let status = item.get("status").and_then(Entries::read).unwrap_or_default();
        let (mut cached, mut error, mut interrupted) = (Vec::new(), None, None);
        let messages: Option<Vec<&RawValue>> = status.get("messages").and_then(|text| serde_json::from_str(text).ok());
        for message in messages.unwrap_or_default() {
            let Some((kind, data)) = message_parts(message) else { continue };
            match kind.as_str() {
                "execution_cached" => {
                    let nodes = data.get("nodes").and_then(Value::as_array);
                    cached.extend(nodes.into_iter().flatten().filter_map(json::id_text));
                }
                // A blocked branch is reported as an error too; only the status tells whether the prompt failed.
                "execution_error" => error = Some(data),
                "execution_interrupted" => interrupted = Some(data),
                _ => {}
            }
        }
        let failed = value(status.get("status_str")).is_some_and(|word| word == "error");
        let outcome = match (failed, &interrupted) {
            (false, _) => Outcome::Completed,
            (true, Some(_)) => Outcome::Interrupted,
            (true, None) => Outcome::Failed,
        };
        let outputs = item.get("outputs").and_then(Entries::read).unwrap_or_default();
        let outputs = outputs.0.into_iter().filter(|(_, output)| output.get() != "null");
        // `prompt` is the queue's tuple: number, prompt id, prompt, extra data, outputs to execute. On Comfy Cloud it is
        // an object of these.
        let queued = item.get("prompt").unwrap_or_default();
        let tuple: Vec<&RawValue> = serde_json::from_str(queued).unwrap_or_default();
        let named = Entries::read(queued);
        let listed = tuple.get(2).map(|prompt| prompt.get());
        let prompt = listed.or_else(|| named.as_ref().and_then(|named| named.get("prompt")));
        let prompt = value(prompt).filter(Value::is_object);
        let failure = if failed { interrupted.or(error) } else { None };
        let outputs = outputs.map(|(id, output)| (id.into_owned(), output.get().to_owned())).collect();
        Some(HistoryItem { outcome, outputs, cached, failure, prompt, text: text.to_owned() })
    }
}

/// `[type, data]`.
fn message_parts(text: &RawValue) -> Option<(String, Map<String, Value>)> {
    let parts: Vec<&RawValue> = serde_json::from_str(text.get()).ok()?;
    let [kind, data, ..] = parts.as_slice() else { return None };
    Some((serde_json::from_str(kind.get()).ok()?, serde_json::from_str(data.get()).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(text: &str) -> HistoryItem {
        match HistoryAnswer::read(&format!(r#"{{"p": {text}}}"#), "p") {
            Some(HistoryAnswer::Ended(item)) => *item,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_empty_object_is_an_unknown_prompt() {
        assert_eq!(HistoryAnswer::read("{}", "p"), Some(HistoryAnswer::Unknown));
    }

    #[test]
    fn what_is_no_history_is_no_answer() {
        for text in ["", "<html>", "[]", "null", r#"{"p": 3}"#, r#"{"error": "boom"}"#, r#"{"p": {"#] {
            assert_eq!(HistoryAnswer::read(text, "p"), None, "{text}");
        }
    }

    #[test]
    fn a_null_status_is_a_completed_run() {
        let item = item(r#"{"status": null, "outputs": {"9": {"images": []}, "57:8": {"text": ["x"]}}}"#);
        assert_eq!(item.outcome, Outcome::Completed);
        let ids: Vec<_> = item.outputs.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids, ["9", "57:8"]);
    }

    #[test]
    fn only_a_message_tells_an_interruption_from_a_failure() {
        let error = r#"["execution_error", {"node_id": "2", "exception_message": "boom"}]"#;
        let failed = item(&format!(r#"{{"status": {{"status_str": "error", "messages": [{error}]}}}}"#));
        assert_eq!(failed.outcome, Outcome::Failed);
        assert_eq!(failed.failure.unwrap()["exception_message"], "boom");
        let text = r#"{"status": {"status_str": "error", "messages": [["execution_interrupted", {"node_id": "1"}]]}}"#;
        assert_eq!(item(text).outcome, Outcome::Interrupted);
    }

    #[test]
    fn an_error_message_of_a_blocked_branch_does_not_make_a_success_a_failure() {
        let text = r#"{"status": {"status_str": "success", "messages": [["execution_error", {"node_id": "2"}]]}}"#;
        let item = item(text);
        assert_eq!((item.outcome, item.failure), (Outcome::Completed, None));
    }

    #[test]
    fn an_item_is_read_however_deep_its_prompt_is() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let item = item(&format!(r#"{{"prompt": [1, "p", {{"1": {deep}}}], "outputs": {{"9": {{"x": {deep}}}}}}}"#));
        assert_eq!((item.outcome, item.outputs.len(), item.prompt), (Outcome::Completed, 1, None));
    }

    #[test]
    fn the_whole_history_without_the_prompt_is_an_unknown_prompt() {
        let text = r#"{"a": {"prompt": [], "outputs": {}}, "b": {"prompt": []}}"#;
        assert_eq!(HistoryAnswer::read(text, "p"), Some(HistoryAnswer::Unknown));
    }

    #[test]
    fn messages_of_any_shape_are_read_as_far_as_they_go() {
        let text = r#"{"status": {"messages": [1, [], ["execution_cached"], ["execution_cached", {"nodes": [1, "2", null]}]]}}"#;
        assert_eq!(item(text).cached, ["1", "2"]);
    }
}
