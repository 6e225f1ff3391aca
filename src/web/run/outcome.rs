//! The outcome of a run for its callers, and their errors.

use std::rc::Rc;

use wasm_bindgen::JsValue;

use crate::web::js::error::{ApiError, capitalised};
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::run::events::{UNREACHABLE, VANISHED};

/// The outcome of a run for its callers.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Completed.
    Completed,
    /// Anything else.
    Failed(ApiError),
}

/// The terminal event, and what was read of it before a callback could change it.
pub struct Terminal {
    /// The event.
    pub event: JsValue,
    /// The history item that it was made from.
    pub history: Option<JsValue>,
    /// What it means.
    pub outcome: Outcome,
}

/// How errors name a run.
pub struct RunRef {
    /// Its id on the server.
    pub prompt_id: Rc<str>,
    /// The client id that gets its frames.
    pub client_id: String,
}

impl RunRef {
    /// What the run's terminal event means.
    pub fn terminal(&self, event: JsValue) -> Terminal {
        Terminal { outcome: self.outcome(&event), history: history_of(&event), event }
    }

    fn outcome(&self, event: &JsValue) -> Outcome {
        let data = globals::get(event, "data");
        let field = |key| globals::get(&data, key).as_string();
        let (node_id, node_type) = (field("node_id"), field("node_type"));
        let node = match (&node_id, &node_type) {
            (Some(id), Some(class)) => format!("node {id} ({class})"),
            (Some(id), None) => format!("node {id}"),
            _ => "the run".to_owned(),
        };
        let failure = match (globals::get(event, "type").as_string().as_deref(), field("code").as_deref()) {
            (Some("completed"), _) => return Outcome::Completed,
            (Some("interrupted"), Some("cancelled")) => self.cancelled(),
            (Some("interrupted"), _) => self.failure("interrupted", format!("The run was interrupted at {node}.")),
            (_, Some("vanished")) => {
                self.failure("vanished", capitalised(VANISHED) + ".").advise("submit_again", None, VANISHED_ADVICE)
            }
            (_, Some("unauthorized")) => {
                let said = field("message").unwrap_or_default();
                let status = globals::get(&data, "status");
                let origin =
                    if status == 403 { " A ComfyUI without --enable-cors-header refuses pages this way." } else { "" };
                self.failure("unauthorized", capitalised(&said) + ".").with("status", &status).advise(
                    "check_key",
                    Some("apiKey"),
                    &["Check apiKey or headers.", origin].concat(),
                )
            }
            (_, Some("network")) => {
                let advice = format!(
                    "It may go on at the server: once that can be reached again, {} finds out.",
                    self.pick_up()
                );
                self.failure("network", capitalised(UNREACHABLE) + ".").advise("pick_up", None, &advice)
            }
            _ => {
                let said = field("exception_message").or_else(|| field("exception_type"));
                let said = said.unwrap_or_else(|| "it does not say why".to_owned());
                self.failure("execution_error", format!("{} failed: {}", capitalised(&node), said.trim_end()))
            }
        };
        let failure = failure.with_text("nodeId", node_id.as_deref()).with_text("nodeType", node_type.as_deref());
        Outcome::Failed(failure.with("event", event))
    }

    /// The error of calls that wait for a run that is cancelled.
    pub fn cancelled(&self) -> ApiError {
        self.failure("interrupted", "The run was cancelled.")
    }

    /// The error of a call whose wait timeout has passed.
    pub fn timed_out(&self) -> ApiError {
        let advice = ["Pick it up again with ", &self.pick_up(), ", or cancel it there."].concat();
        self.failure("timeout", "The run did not end within the wait timeout; it goes on.")
            .advise("pick_up", None, &advice)
    }

    /// The call that picks the run up again.
    fn pick_up(&self) -> String {
        let id = json_text::text(&JsValue::from_str(&self.prompt_id)).unwrap_or_default();
        format!("Submission.fromPromptId({id}, {{ serverUrl, clientId: \"{}\" }})", self.client_id)
    }

    fn failure(&self, code: &str, message: impl Into<String>) -> ApiError {
        ApiError::new(code, message).with_text("promptId", Some(&self.prompt_id))
    }
}

const VANISHED_ADVICE: &str =
    "It was removed from the queue, or the server was restarted. Submit it again if it is still wanted.";

/// The history item that a terminal event was made from.
fn history_of(event: &JsValue) -> Option<JsValue> {
    let raw = globals::get(event, "raw");
    let kind = globals::get(&raw, "type").as_string()?;
    kind.starts_with("history_").then(|| globals::get(&raw, "data"))
}
