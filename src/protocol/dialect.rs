//! Routes and answers in which servers differ: ComfyUI itself, Comfy Cloud, and servers with the Comfy API v2.

use std::borrow::Cow;

use crate::protocol::address::{Address, percent_encode};
use crate::protocol::json::Raw;
use crate::protocol::queue::{QueueAnswer, QueuePosition};
use crate::protocol::v2::job;

/// The kind of a server: its routes and how it takes an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// ComfyUI itself.
    Local,
    /// Comfy Cloud: routes below `/api`, header `X-API-Key`, several prompts of one account at a time.
    Cloud,
    /// The Comfy API v2: jobs, assets, server-sent events instead of a WebSocket, `Authorization: Bearer`.
    V2,
}

/// Path of the Comfy API v2 on its server.
const V2: &str = "/api/v2";

impl Dialect {
    /// The dialect by the address: known hosts and the path of the API v2, which is removed from the address.
    pub fn of(address: &mut Address) -> Dialect {
        if address.strip_path_suffix(V2) {
            return Dialect::V2;
        }
        let host = address.host();
        if host == "api.comfy.org" {
            Dialect::V2
        } else if host == "cloud.comfy.org" || host.ends_with(".cloud.comfy.org") {
            Dialect::Cloud
        } else {
            Dialect::Local
        }
    }

    /// The dialect by its name in the options.
    pub fn named(name: &str) -> Option<Dialect> {
        match name {
            "local" => Some(Dialect::Local),
            "cloud" => Some(Dialect::Cloud),
            "v2" => Some(Dialect::V2),
            _ => None,
        }
    }

    /// The name in the options.
    pub fn name(self) -> &'static str {
        match self {
            Dialect::Local => "local",
            Dialect::Cloud => "cloud",
            Dialect::V2 => "v2",
        }
    }

    /// Whether a server of this dialect has a route of ComfyUI.
    pub fn has_route(self, route: &str) -> bool {
        // `/internal` and `/free` are the machine's, `/history` of Comfy Cloud is one item at a time.
        let beyond_a_machine = ["/internal/", "/free", "/history", "/models", "/embeddings"];
        match self {
            Dialect::Local => true,
            Dialect::Cloud => !beyond_a_machine.iter().any(|start| route.starts_with(start)),
            Dialect::V2 => route.starts_with("/api/v2/"),
        }
    }

    /// A route of ComfyUI in this dialect. Routes that begin with `/api/` are the same in all.
    pub fn route(self, route: &str) -> Cow<'_, str> {
        match self {
            Dialect::Cloud if !route.starts_with("/api/") => Cow::Owned(format!("/api{route}")),
            _ => Cow::Owned(route.to_owned()),
        }
    }

    /// The route to submit prompts to.
    pub fn submission(self) -> &'static str {
        if self == Dialect::V2 { "/api/v2/jobs" } else { "/prompt" }
    }

    /// The route of a prompt's history item.
    pub fn history(self, prompt_id: &str) -> String {
        let route = match self {
            Dialect::Local => "/history/",
            Dialect::Cloud => "/api/history_v2/",
            Dialect::V2 => "/api/v2/jobs/",
        };
        route.to_owned() + &percent_encode(prompt_id)
    }

    /// Converts the answer of that route to the form of ComfyUI's `/history/{prompt_id}`.
    pub fn read_history<'a>(self, text: &'a str, prompt_id: &str) -> Cow<'a, str> {
        if self == Dialect::V2 { job::as_history(text, prompt_id) } else { Cow::Borrowed(text) }
    }

    /// The route of the state of one prompt, where a server has one besides the history.
    pub fn status(self, prompt_id: &str) -> Option<String> {
        match self {
            Dialect::Local => None,
            Dialect::Cloud => Some(format!("/api/job/{}/status", percent_encode(prompt_id))),
            Dialect::V2 => Some(self.history(prompt_id)),
        }
    }
}

/// The answer of `GET /api/job/{id}/status` (Comfy Cloud) or `GET /api/v2/jobs/{id}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobStatus {
    /// It has ended, successfully or not.
    Ended,
    /// It waits or runs.
    Alive(QueuePosition),
    /// The server has forgotten it (`expired`).
    Gone,
}

impl JobStatus {
    /// Reads the answer; `None` where it has no status. Unknown statuses count as waiting, because there are many.
    pub fn read(text: &str) -> Option<JobStatus> {
        let job = Raw::read(text).ok()?;
        Some(match &*job.get("status").string()? {
            "success"
            | "completed"
            | "error"
            | "non_retryable_error"
            | "lost"
            | "failed"
            | "cancelled"
            | "succeeded"
            | "canceled" => JobStatus::Ended,
            "in_progress" | "executing" | "running" | "canceling" => JobStatus::Alive(QueuePosition::Running),
            "expired" => JobStatus::Gone,
            _ => JobStatus::Alive(QueuePosition::Waiting(
                job.get("queue_position").number().map_or(1, |at| at.max(1.0) as usize),
            )),
        })
    }

    /// The same as the answer of a queue that ends with this prompt. A job that has ended is absent: the history has it.
    pub fn as_queue(self) -> QueueAnswer {
        let (position, running, pending) = match self {
            JobStatus::Gone | JobStatus::Ended => (QueuePosition::Absent, 0, 0),
            JobStatus::Alive(QueuePosition::Running | QueuePosition::Absent) => (QueuePosition::Running, 1, 0),
            JobStatus::Alive(position @ QueuePosition::Waiting(at)) => (position, 0, at),
        };
        QueueAnswer { position, running, pending, prompt: None, asked: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_hosts_have_their_dialect() {
        let dialect = |url| Dialect::of(&mut Address::read(url).unwrap());
        assert_eq!(dialect("https://cloud.comfy.org"), Dialect::Cloud);
        assert_eq!(dialect("https://cloud.comfy.org.evil.example"), Dialect::Local);
        assert_eq!(dialect("http://127.0.0.1:8188"), Dialect::Local);
        assert_eq!(dialect("https://api.comfy.org"), Dialect::V2);
    }

    #[test]
    fn the_path_of_the_api_v2_is_removed_from_the_address() {
        let mut address = Address::read("https://host.example/comfy/api/v2/").unwrap();
        assert_eq!(Dialect::of(&mut address), Dialect::V2);
        let route = Dialect::V2.history("a/b");
        assert_eq!(address.http(&route), "https://host.example/comfy/api/v2/jobs/a%2Fb");
    }

    #[test]
    fn routes_of_the_cloud_have_the_prefix_api_once() {
        assert_eq!(Dialect::Cloud.route("/prompt"), "/api/prompt");
        assert_eq!(Dialect::Cloud.route("/api/jobs/x/cancel"), "/api/jobs/x/cancel");
        assert_eq!(Dialect::Local.route("/prompt"), "/prompt");
    }

    #[test]
    fn what_a_dialect_lacks_is_known_before_anything_is_sent() {
        for route in ["/queue", "/history?max_items=3", "/free", "/models/checkpoints", "/internal/logs", "/ws"] {
            assert!(Dialect::Local.has_route(route), "{route}");
            assert!(!Dialect::V2.has_route(route), "{route}");
        }
        for route in ["/queue", "/object_info/KSampler", "/system_stats", "/ws"] {
            assert!(Dialect::Cloud.has_route(route), "{route}");
        }
        for route in ["/history?max_items=3", "/free", "/models", "/embeddings", "/internal/logs"] {
            assert!(!Dialect::Cloud.has_route(route), "{route}");
        }
    }

    #[test]
    fn every_unknown_status_counts_as_waiting() {
        assert_eq!(JobStatus::read(r#"{"status": "completed"}"#), Some(JobStatus::Ended));
        assert_eq!(JobStatus::read(r#"{"status": "lost"}"#), Some(JobStatus::Ended));
        assert_eq!(JobStatus::read(r#"{"status": "in_progress"}"#), Some(JobStatus::Alive(QueuePosition::Running)));
        assert_eq!(JobStatus::read(r#"{"status": "warming_up"}"#), Some(JobStatus::Alive(QueuePosition::Waiting(1))));
        assert_eq!(JobStatus::read("<html>"), None);
    }

    #[test]
    fn a_job_of_the_api_v2_has_a_queue_position_until_it_has_ended_or_expired() {
        let place = |text: &str| JobStatus::read(text).map(|status| status.as_queue().position);
        assert_eq!(place(r#"{"status": "queued", "queue_position": 3}"#), Some(QueuePosition::Waiting(3)));
        assert_eq!(place(r#"{"status": "queued", "queue_position": null}"#), Some(QueuePosition::Waiting(1)));
        assert_eq!(place(r#"{"status": "canceling"}"#), Some(QueuePosition::Running));
        assert_eq!(place(r#"{"status": "expired"}"#), Some(QueuePosition::Absent));
        for ended in ["succeeded", "failed", "canceled"] {
            let text = format!(r#"{{"status": "{ended}"}}"#);
            assert_eq!(JobStatus::read(&text), Some(JobStatus::Ended), "{ended}");
            assert_eq!(place(&text), Some(QueuePosition::Absent), "{ended}: it is in the history");
        }
    }
}
