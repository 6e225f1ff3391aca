//! The event state machine of one run: what has been seen, and what to do next. It owns no clock and no socket, so a
//! test plays a year of faults in a second, and a recording is a list of inputs.

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
pub mod socket_health;
