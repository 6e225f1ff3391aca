//! What a caller can set about a run. Times are in milliseconds.

/// Settings of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How long the run's frames may stay away before the server is asked.
    pub idle_timeout_ms: f64,
    /// The least time between two probes.
    pub poll_interval_ms: f64,
    /// Ask for the place in the queue at once and whenever the queue changes, not only after silence.
    pub poll_queue: bool,
    /// Whether `preview` events are wanted. Servers send previews although a run asked for none.
    pub previews: bool,
    /// Whether this runtime can open a socket at all.
    pub has_socket: bool,
    /// Whether the socket brings a frame with each change of the queue: one that does not is deaf then.
    pub hears_queue: bool,
    /// Another connection may have held this client id before: after a reload, or when a run is picked up again.
    pub took_over: bool,
    /// The prompt id was made for this submission: a frame that names it tells that the server has taken the prompt.
    pub fresh_id: bool,
    /// Seed of the jitter between reconnects.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            idle_timeout_ms: 5000.0,
            poll_interval_ms: 500.0,
            poll_queue: false,
            previews: true,
            has_socket: true,
            hears_queue: true,
            took_over: false,
            fresh_id: false,
            seed: 0,
        }
    }
}
