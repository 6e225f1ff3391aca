//! AbortHandle, and what their failures mean.

pub mod probe;
pub mod response_error;
pub mod server;
