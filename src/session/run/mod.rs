//! The event state machine of one run. A recording of a server is a list of inputs to it.

pub mod effect;
pub mod event;
mod frame_buffer;
pub mod graph;
pub mod input;
pub mod machine;
pub mod node_states;
mod outputs;
pub mod polling;
pub mod progress;
pub mod settings;
pub mod setup;
pub mod snapshot;
mod socket_health;
