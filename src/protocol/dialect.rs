//! How a server wants to be spoken to: a ComfyUI of one's own, or Comfy Cloud, which runs prompts of many accounts.

use std::borrow::Cow;

use serde_json::Value;

use super::address::{Address, percent_encode};
use super::json;
use super::queue::{Place, QueueAnswer};

/// Which routes and keys a server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// ComfyUI itself.
    Local,
    /// Comfy Cloud: routes below `/api`, `X-API-Key`, several prompts of one account at once.
    Cloud,
}

impl Dialect {
    /// The dialect of an address, as far as that tells.
    pub fn of(address: &Address) -> Dialect {
        let host = address.host();
        if host == "cloud.comfy.org" || host.ends_with(".cloud.comfy.org") { Dialect::Cloud } else { Dialect::Local }
    }

    /// A dialect by its name in the options.
    pub fn named(name: &str) -> Option<Dialect> {
        match name {
            "local" => Some(Dialect::Local),
            "cloud" => Some(Dialect::Cloud),
            _ => None,
        }
    }

    /// A route of ComfyUI in this dialect. What begins with `/api/` is one in both.
    pub fn route(self, route: &str) -> Cow<'_, str> {
        match self {
            Dialect::Cloud if !route.starts_with("/api/") => Cow::Owned(format!("/api{route}")),
            Dialect::Local | Dialect::Cloud => Cow::Owned(route.to_owned()),
        }
    }

    /// The route of a prompt's history item.
    pub fn history(self, prompt_id: &str) -> String {
        let route = match self {
            Dialect::Local => "/history/",
            Dialect::Cloud => "/api/history_v2/",
        };
        route.to_owned() + &percent_encode(prompt_id)
    }

    /// The route that tells whether a prompt has ended, where that is not the history.
    pub fn status(self, prompt_id: &str) -> Option<String> {
        match self {
            Dialect::Local => None,
            Dialect::Cloud => Some(format!("/api/job/{}/status", percent_encode(prompt_id))),
        }
    }
}

/// What `GET /api/job/{id}/status` of Comfy Cloud says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobStatus {
    /// It is over, well or not.
    Ended,
    /// It waits or runs.
    Alive(Place),
}

impl JobStatus {
    /// Reads the answer; `None` where it is none. Any status that is no end is in flight: there are many names for it.
    pub fn read(text: &str) -> Option<JobStatus> {
        let answer: Value = json::parse(text).ok()?;
        Some(match answer.get("status")?.as_str()? {
            "success" | "completed" | "error" | "non_retryable_error" | "lost" | "failed" | "cancelled" => {
                JobStatus::Ended
            }
            "in_progress" | "executing" | "running" => JobStatus::Alive(Place::Running),
            _ => JobStatus::Alive(Place::Waiting(1)),
        })
    }

    /// The same as the answer of a queue that knows this prompt alone: the cloud tells no positions.
    pub fn as_queue(self) -> QueueAnswer {
        let (place, running, pending) = match self {
            JobStatus::Ended => (Place::Absent, 0, 0),
            JobStatus::Alive(Place::Running) => (Place::Running, 1, 0),
            JobStatus::Alive(place) => (place, 0, 1),
        };
        QueueAnswer { place, running, pending, prompt: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_tells_the_cloud() {
        let dialect = |url| Dialect::of(&Address::read(url).unwrap());
        assert_eq!(dialect("https://cloud.comfy.org"), Dialect::Cloud);
        assert_eq!(dialect("https://cloud.comfy.org.evil.example"), Dialect::Local);
        assert_eq!(dialect("http://127.0.0.1:8188"), Dialect::Local);
    }

    #[test]
    fn routes_of_the_cloud_stand_below_api_once() {
        assert_eq!(Dialect::Cloud.route("/prompt"), "/api/prompt");
        assert_eq!(Dialect::Cloud.route("/api/jobs/x/cancel"), "/api/jobs/x/cancel");
        assert_eq!(Dialect::Local.route("/prompt"), "/prompt");
    }

    #[test]
    fn every_unknown_status_is_in_flight() {
        assert_eq!(JobStatus::read(r#"{"status": "completed"}"#), Some(JobStatus::Ended));
        assert_eq!(JobStatus::read(r#"{"status": "lost"}"#), Some(JobStatus::Ended));
        assert_eq!(JobStatus::read(r#"{"status": "in_progress"}"#), Some(JobStatus::Alive(Place::Running)));
        assert_eq!(JobStatus::read(r#"{"status": "warming_up"}"#), Some(JobStatus::Alive(Place::Waiting(1))));
        assert_eq!(JobStatus::read("<html>"), None);
    }
}
