//! What a run starts with.

use crate::session::run::settings::Settings;

#[derive(Debug, Clone)]
pub struct RunSetup<'a> {
    pub settings: Settings,
    /// The id that is sent along. Very old servers answer with one of their own.
    pub prompt_id: &'a str,
    /// The id was made for this submission, so a frame that names it proves that the server has taken the prompt.
    pub is_fresh_id: bool,
    /// The prompt as JSON text; empty where a run is picked up by its id alone.
    pub prompt: &'a str,
    pub frames: FrameSource,
    /// Seed of the jitter between reconnects.
    pub seed: u64,
}

/// Where the frames of a run come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrameSource {
    /// The runtime has no WebSocket: everything comes from probes.
    None,
    /// A WebSocket.
    Socket {
        /// An earlier connection may have used its client id, so the server may unregister this one (see
        /// [`socket_health`](super::socket_health)).
        took_over: bool,
    },
    /// The event stream of a job. It does not report changes of the queue.
    Stream,
}

impl<'a> RunSetup<'a> {
    /// A prompt with a caller-given id on a socket, with default settings.
    pub fn new(prompt: &'a str, prompt_id: &'a str) -> Self {
        RunSetup {
            settings: Settings::default(),
            prompt_id,
            is_fresh_id: false,
            prompt,
            frames: FrameSource::Socket { took_over: false },
            seed: 0,
        }
    }
}
