//! Asking the server what became of a prompt.

use crate::protocol::dialect::{Dialect, JobStatus};
use crate::protocol::history::HistoryAnswer;
use crate::protocol::queue::QueueAnswer;
use crate::session::run::input::Answer;
use crate::session::run::polling::Probe;
use crate::web::http::server::{AbortHandle, Server};

/// Asks, and reads the answer. A status that tells nothing, a proxy's page or silence are all a failed probe.
pub async fn ask(server: &Server, probe: Probe, prompt_id: &str, requests: &AbortHandle) -> Answer {
    let get = async |route: &str| server.request("GET", route, None, requests).await.ok();
    let mut known = None;
    // Where the history does not tell of prompts in flight, their status does.
    if let Some(route) = server.dialect.status(prompt_id) {
        let Some(reply) = get(&route).await else { return Answer::Failed(None) };
        let status = match reply.status {
            200 => JobStatus::read(&reply.text),
            // It never was, or is no longer.
            404 => Some(JobStatus::Gone),
            _ => None,
        };
        match (status, probe) {
            (None, _) => return Answer::Failed(Some(reply.status)),
            (Some(JobStatus::Ended), Probe::History) => {}
            (Some(_), Probe::History) => return Answer::History(HistoryAnswer::Unknown),
            (Some(status), Probe::Queue) => return Answer::Queue(status.as_queue()),
        }
        if server.dialect == Dialect::V2 {
            known = Some(reply);
        }
    }
    let route = match probe {
        Probe::History => server.dialect.history(prompt_id),
        Probe::Queue => "/queue".to_owned(),
    };
    if known.is_none() {
        known = get(&route).await;
    }
    let Some(reply) = known else { return Answer::Failed(None) };
    let answer = match (reply.status, probe) {
        (200, Probe::History) => {
            let text = server.dialect.read_history(&reply.text, prompt_id);
            HistoryAnswer::read(&text, prompt_id).map(Answer::History)
        }
        (200, Probe::Queue) => QueueAnswer::read(&reply.text, prompt_id).map(Answer::Queue),
        _ => None,
    };
    answer.unwrap_or(Answer::Failed(Some(reply.status)))
}
