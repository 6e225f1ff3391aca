//! Requests, and what their failures mean.

pub mod probe;
pub mod server;
