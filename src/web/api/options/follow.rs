//! Options of every call that follows a run, or makes what can be followed.

use super::reader::Milliseconds;
use crate::session::run::settings::Settings;
use crate::web::api::options::declare::options;

options! {
    /// How to follow a run.
    pub group FollowOptions;
    /// Silence after which the server is asked.
    idle_timeout_ms: Milliseconds = milliseconds("idleTimeoutMs", "AUTOFLOW_WS_IDLE_TIMEOUT_S"),
    /// The least time between two rounds of questions.
    poll_interval_ms: Milliseconds = milliseconds("pollIntervalMs", "AUTOFLOW_POLL_INTERVAL_S"),
    /// Ask for the position in the queue at once, not only after silence.
    poll_queue: Option<bool> = flag("pollQueue"),
}

impl FollowOptions {
    /// Options, else the environment, else the defaults.
    pub fn settings(&self) -> Settings {
        let default = Settings::default();
        Settings {
            idle_timeout_ms: self.idle_timeout_ms.value().unwrap_or(default.idle_timeout_ms),
            poll_interval_ms: self.poll_interval_ms.value().unwrap_or(default.poll_interval_ms),
            poll_queue: self.poll_queue.unwrap_or(default.poll_queue),
            ..default
        }
    }

    /// Options, else what the run was submitted or picked up with.
    pub fn settings_over(&self, base: &Settings) -> Settings {
        Settings {
            idle_timeout_ms: self.idle_timeout_ms.option().unwrap_or(base.idle_timeout_ms),
            poll_interval_ms: self.poll_interval_ms.option().unwrap_or(base.poll_interval_ms),
            poll_queue: self.poll_queue.unwrap_or(base.poll_queue),
            ..base.clone()
        }
    }
}
