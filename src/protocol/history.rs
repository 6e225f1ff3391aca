//! `GET /history/{prompt_id}`: status and outputs of a prompt that has ended.

use std::borrow::Cow;

use crate::protocol::json::{self, Raw};

/// How a prompt in the history ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// `status_str: "success"`, or no status at all, because only prompts that have ended are in the history.
    Completed,
    /// `status_str: "error"` without an `execution_interrupted` message.
    Failed,
    /// `status_str: "error"` with an `execution_interrupted` message.
    Interrupted,
}

/// One prompt's entry in the history.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryItem {
    /// How it ended.
    pub outcome: Outcome,
    /// Node ids and their outputs as JSON text, in the server's order.
    pub outputs: Vec<(String, String)>,
    /// Nodes that are cached according to `status.messages`.
    pub cached: Vec<String>,
    /// The data of the `execution_error` or `execution_interrupted` message as JSON text, where there is one.
    pub failure: Option<String>,
    /// The prompt that ran as JSON text, where the item has it.
    pub prompt: Option<String>,
    /// The item as JSON text.
    pub text: String,
}

/// The answer of the history about one prompt.
#[derive(Debug, Clone, PartialEq)]
pub enum HistoryAnswer {
    /// It has ended.
    Ended(Box<HistoryItem>),
    /// `{}`: it has not ended, or the server does not know it.
    Unknown,
}

impl HistoryAnswer {
    /// Reads the answer to `GET /history/{prompt_id}`. `None` where it is not an answer of ComfyUI: an HTML page of a
    /// proxy, a list, a truncated body.
    pub fn read(text: &str, prompt_id: &str) -> Option<HistoryAnswer> {
        // Parts of it are passed on as texts to `JSON.parse`, which refuses NaN.
        let text = json::without_nan(text);
        let all = Raw::read(&text).ok().filter(|all| all.is_object())?;
        if let Some(item) = all.find(prompt_id) {
            return HistoryItem::new(item).map(|item| HistoryAnswer::Ended(Box::new(item)));
        }
        // Some servers answer with the whole history.
        let others = all.entries().into_iter().all(|(_, item)| item.find("prompt").is_some());
        others.then_some(HistoryAnswer::Unknown)
    }
}

impl HistoryItem {
    /// Reads an item; `None` where the text is not an object.
    pub fn read(text: &str) -> Option<HistoryItem> {
        HistoryItem::new(Raw::read(&json::without_nan(text)).ok()?)
    }

    fn new(item: Raw) -> Option<HistoryItem> {
        if !item.is_object() {
            return None;
        }
        let text = |value: Raw| value.text().to_owned();
        let status = item.get("status");
        let (mut cached, mut error, mut interrupted) = (Vec::new(), None, None);
        for message in status.get("messages").items() {
            // `[type, data]`
            let [kind, data, ..] = message.items()[..] else { continue };
            match &*kind.string().unwrap_or_default() {
                "execution_cached" => {
                    cached.extend(data.get("nodes").items().into_iter().filter_map(Raw::id).map(Cow::into_owned));
                }
                // An ExecutionBlocker is reported as an error too; only the status says whether the prompt failed.
                "execution_error" if data.is_object() => error = Some(text(data)),
                "execution_interrupted" if data.is_object() => interrupted = Some(text(data)),
                _ => {}
            }
        }
        let failed = status.string_at("status_str") == "error";
        let outcome = match (failed, &interrupted) {
            (false, _) => Outcome::Completed,
            (true, Some(_)) => Outcome::Interrupted,
            (true, None) => Outcome::Failed,
        };
        let outputs = item.get("outputs").entries().into_iter().filter(|(_, output)| !output.is_null());
        let outputs = outputs.map(|(id, output)| (id.into_owned(), text(output))).collect();
        // `prompt` is the entry of the queue: [number, prompt id, prompt, extra data, outputs to execute]. On Comfy Cloud
        // it is an object with these fields.
        let queued = item.get("prompt");
        let prompt = queued.items().get(2).copied().or(queued.find("prompt")).filter(|prompt| prompt.is_object());
        let failure = if failed { interrupted.or(error) } else { None };
        Some(HistoryItem { outcome, outputs, cached, failure, prompt: prompt.map(text), text: text(item) })
    }
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
    fn a_text_that_is_not_a_history_is_refused() {
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
    fn an_interruption_differs_from_a_failure_by_its_message() {
        let error = r#"["execution_error", {"node_id": "2", "exception_message": "boom"}]"#;
        let failed = item(&format!(r#"{{"status": {{"status_str": "error", "messages": [{error}]}}}}"#));
        assert_eq!(failed.outcome, Outcome::Failed);
        assert_eq!(failed.failure.unwrap(), r#"{"node_id": "2", "exception_message": "boom"}"#);
        let text = r#"{"status": {"status_str": "error", "messages": [["execution_interrupted", {"node_id": "1"}]]}}"#;
        assert_eq!(item(text).outcome, Outcome::Interrupted);
    }

    #[test]
    fn an_error_message_of_a_blocked_branch_does_not_fail_a_successful_run() {
        let text = r#"{"status": {"status_str": "success", "messages": [["execution_error", {"node_id": "2"}]]}}"#;
        let item = item(text);
        assert_eq!((item.outcome, item.failure), (Outcome::Completed, None));
    }

    #[test]
    fn an_item_is_read_however_deep_its_prompt_is() {
        let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
        let item = item(&format!(r#"{{"prompt": [1, "p", {{"1": {deep}}}], "outputs": {{"9": {{"x": {deep}}}}}}}"#));
        assert_eq!((item.outcome, item.outputs.len()), (Outcome::Completed, 1));
        assert!(item.prompt.unwrap().starts_with(r#"{"1": [[["#));
    }

    #[test]
    fn the_whole_history_without_the_prompt_is_an_unknown_prompt() {
        let text = r#"{"a": {"prompt": [], "outputs": {}}, "b": {"prompt": []}}"#;
        assert_eq!(HistoryAnswer::read(text, "p"), Some(HistoryAnswer::Unknown));
    }

    #[test]
    fn malformed_messages_are_skipped() {
        let text = r#"{"status": {"messages": [1, [], ["execution_cached"], ["execution_cached", {"nodes": [1, "2", null]}]]}}"#;
        assert_eq!(item(text).cached, ["1", "2"]);
    }
}
