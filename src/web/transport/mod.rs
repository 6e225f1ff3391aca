//! What brings a run its frames: the WebSocket, or the event stream of the Comfy API v2.

pub mod job_stream;
pub mod line;
pub mod shared_socket;
