//! What a caller can set about following a run. Times are in milliseconds.

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Silence of the run's frames after which the server is asked.
    pub idle_timeout_ms: f64,
    /// The least time between two rounds of probes.
    pub poll_interval_ms: f64,
    /// Ask for the position in the queue at once and at each change of the queue, not only after silence.
    pub poll_queue: bool,
    /// Whether `preview` events are wanted: servers send previews although a run asked for none.
    pub previews: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Settings { idle_timeout_ms: 5000.0, poll_interval_ms: 500.0, poll_queue: false, previews: true }
    }
}
