//! Drives one run with transport, requests and timers.

pub mod cancel;
pub mod driver;
pub mod events;
pub mod listeners;
pub mod outcome;
pub mod run_handle;
pub mod shared_queue;
