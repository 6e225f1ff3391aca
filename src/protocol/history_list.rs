//! `GET /history` as a list for people: the runs that have ended, the newest first.

use crate::protocol::history::{HistoryItem, Outcome};
use crate::protocol::json::{self, Raw};

/// A run of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct PastRun {
    pub prompt_id: String,
    /// Its number in the queue, as the server counts.
    pub number: Option<f64>,
    /// When it began and ended: Unix time in milliseconds.
    pub began: Option<f64>,
    pub ended: Option<f64>,
    pub item: HistoryItem,
}

impl PastRun {
    /// `"completed"`, `"error"` or `"interrupted"`.
    pub fn status(&self) -> &'static str {
        match self.item.outcome {
            Outcome::Completed => "completed",
            Outcome::Failed => "error",
            Outcome::Interrupted => "interrupted",
        }
    }

    /// What its nodes have shown, as JSON text.
    pub fn outputs(&self) -> String {
        let outputs: Vec<String> =
            self.item.outputs.iter().map(|(id, output)| [&json::quoted(id), ":", output].concat()).collect();
        ["{", &outputs.join(","), "}"].concat()
    }
}

/// The runs, the newest first. `None` where the answer is none of ComfyUI.
pub fn history_list(text: &str) -> Option<Vec<PastRun>> {
    let text = json::without_nan(text);
    let all = Raw::read(&text).ok().filter(|all| all.is_object())?;
    let mut runs: Vec<PastRun> = all.entries().into_iter().filter_map(|(id, item)| past_run(&id, item)).collect();
    runs.reverse();
    Some(runs)
}

fn past_run(prompt_id: &str, item: Raw) -> Option<PastRun> {
    let messages = item.get("status").get("messages").items();
    let times: Vec<(String, f64)> = messages
        .iter()
        .filter_map(|message| {
            let [kind, data, ..] = message.items()[..] else { return None };
            Some((kind.string()?.into_owned(), data.get("timestamp").number()?))
        })
        .collect();
    let began = times.iter().find(|(kind, _)| kind == "execution_start").map(|(_, at)| *at);
    let is_end = |kind: &str| ["execution_success", "execution_error", "execution_interrupted"].contains(&kind);
    let ended = times.iter().rev().find(|(kind, _)| is_end(kind)).map(|(_, at)| *at);
    let number = item.get("prompt").items().first().and_then(|number| number.number());
    Some(PastRun { prompt_id: prompt_id.to_owned(), number, began, ended, item: HistoryItem::read(item.text())? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_run_comes_first_with_its_times() {
        let runs = history_list(
            r#"{"a": {"prompt": [0, "a", {"1": {}}, {}, []], "outputs": {}, "status": {"status_str": "success", "messages": [
                  ["execution_start", {"prompt_id": "a", "timestamp": 1000}], ["execution_success", {"timestamp": 3500}]]}},
                "b": {"prompt": [1, "b", {}, {}, []], "outputs": {"9": {"images": [{"filename": "x.png"}]}},
                  "status": {"status_str": "error", "messages": [["execution_interrupted", {"timestamp": 9}]]}},
                "c": 3}"#,
        )
        .unwrap();
        let found: Vec<_> =
            runs.iter().map(|run| (&*run.prompt_id, run.status(), run.number, run.began, run.ended)).collect();
        assert_eq!(
            found,
            [
                ("b", "interrupted", Some(1.0), None, Some(9.0)),
                ("a", "completed", Some(0.0), Some(1000.0), Some(3500.0))
            ]
        );
        assert_eq!(runs[0].outputs(), r#"{"9":{"images": [{"filename": "x.png"}]}}"#);
    }

    #[test]
    fn what_is_no_history_is_no_list() {
        assert_eq!(history_list("<html>"), None);
        assert_eq!(history_list("[]"), None);
        assert_eq!(history_list("{}"), Some(Vec::new()));
    }
}
