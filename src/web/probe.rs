//! Asking the server what became of a prompt.

use super::server::{Requests, Server};
use crate::protocol::address::percent_encode;
use crate::protocol::history::HistoryAnswer;
use crate::protocol::queue::QueueAnswer;
use crate::run::machine::Answer;
use crate::run::polling::Probe;

/// Asks, and reads the answer. A status that tells nothing, a proxy's page or silence are all a failed probe.
pub async fn ask(server: &Server, probe: Probe, prompt_id: &str, requests: &Requests) -> Answer {
    let route = match probe {
        Probe::History => format!("/history/{}", percent_encode(prompt_id)),
        Probe::Queue => "/queue".to_owned(),
    };
    let Ok(reply) = server.request("GET", &route, None, requests).await else { return Answer::Failed(None) };
    let answer = match (reply.status, probe) {
        (200, Probe::History) => HistoryAnswer::read(&reply.text, prompt_id).map(Answer::History),
        (200, Probe::Queue) => QueueAnswer::read(&reply.text, prompt_id).map(Answer::Queue),
        _ => None,
    };
    answer.unwrap_or(Answer::Failed(Some(reply.status)))
}
