//! Drives one run with transport, requests and timers.

pub mod cancel;
pub mod driver;
pub mod events;
pub mod followed;
pub mod listeners;
pub mod outcome;
pub mod pictures;
pub mod run_handle;
pub mod shared_queue;
pub mod submitter;
