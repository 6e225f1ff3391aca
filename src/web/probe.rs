//! Asking the server what became of a prompt.

use super::server::{Reply, Requests, Server};
use crate::protocol::dialect::JobStatus;
use crate::protocol::history::HistoryAnswer;
use crate::protocol::queue::{Place, QueueAnswer};
use crate::run::machine::Answer;
use crate::run::polling::Probe;

/// Asks, and reads the answer. A status that tells nothing, a proxy's page or silence are all a failed probe.
pub async fn ask(server: &Server, probe: Probe, prompt_id: &str, requests: &Requests) -> Answer {
    let get = async |route: &str| server.request("GET", route, None, requests).await.ok();
    // Where the history does not tell of prompts in flight, their status does.
    if let Some(route) = server.dialect.status(prompt_id) {
        let Some(reply) = get(&route).await else { return Answer::Failed(None) };
        match (read_status(&reply), probe) {
            (None, _) => return Answer::Failed(Some(reply.status)),
            (Some(Known::Status(JobStatus::Ended)), Probe::History) => {}
            (Some(_), Probe::History) => return Answer::History(HistoryAnswer::Unknown),
            // It ended between two questions: the next round finds it.
            (Some(Known::Status(JobStatus::Ended)), Probe::Queue) => {
                return Answer::Queue(JobStatus::Alive(Place::Running).as_queue());
            }
            (Some(Known::Status(status)), Probe::Queue) => return Answer::Queue(status.as_queue()),
            (Some(Known::Nothing), Probe::Queue) => return Answer::Queue(JobStatus::Ended.as_queue()),
        }
    }
    let route = match probe {
        Probe::History => server.dialect.history(prompt_id),
        Probe::Queue => "/queue".to_owned(),
    };
    let Some(reply) = get(&route).await else { return Answer::Failed(None) };
    let answer = match (reply.status, probe) {
        (200, Probe::History) => HistoryAnswer::read(&reply.text, prompt_id).map(Answer::History),
        (200, Probe::Queue) => QueueAnswer::read(&reply.text, prompt_id).map(Answer::Queue),
        _ => None,
    };
    answer.unwrap_or(Answer::Failed(Some(reply.status)))
}

/// What the cloud knows of a job.
enum Known {
    Status(JobStatus),
    /// 404: it never was, or is no longer.
    Nothing,
}

fn read_status(reply: &Reply) -> Option<Known> {
    match reply.status {
        200 => JobStatus::read(&reply.text).map(Known::Status),
        404 => Some(Known::Nothing),
        _ => None,
    }
}
