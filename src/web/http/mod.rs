//! Requests, and what their failures mean.

pub mod probe;
pub mod request;
pub mod response_error;
pub mod server;
