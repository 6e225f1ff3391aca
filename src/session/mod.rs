//! What a client decides, without clock and I/O: inputs in, effects and timeouts out, the time passed in with each call.
//! `web` performs the effects; tests/simulation performs them in virtual time.

pub mod cancel;
pub mod endpoint;
pub mod pool;
pub mod queue_watch;
pub mod run;
pub mod submit;
