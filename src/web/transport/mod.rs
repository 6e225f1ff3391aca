//! What brings a run its frames: the socket that runs share, and the event stream of a job (Comfy API v2).

pub mod connection;
pub mod frame_objects;
pub mod job_stream;
pub mod link;
pub mod message;
pub mod select;
pub mod shared_socket;
