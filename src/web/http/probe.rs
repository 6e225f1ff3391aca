//! Asking the server what became of a prompt.

use crate::protocol::dialect::{Dialect, JobStatus};
use crate::protocol::history::HistoryAnswer;
use crate::protocol::queue::QueueAnswer;
use crate::session::run::input::Answer;
use crate::session::run::polling::Probe;
use crate::web::http::server::{AbortHandle, Server};

/// Sends a probe and reads its answer. An unexpected status, an HTML page of a proxy and no answer are failures.
pub async fn ask(server: &Server, probe: Probe, prompt_id: &str, requests: &AbortHandle) -> Answer {
    let get = async |route: &str| server.request("GET", route, None, requests).await.ok();
    let mut known = None;
    // Comfy Cloud and the API v2 report the status of a prompt that has not ended.
    if let Some(route) = server.dialect.status(prompt_id) {
        let Some(reply) = get(&route).await else { return Answer::Failed(None) };
        let status = match reply.status {
            200 => JobStatus::read(&reply.text),
            // The server does not know it, or has forgotten it.
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
