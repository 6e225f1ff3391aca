//! What a client does, without clock and I/O.

pub mod pool;
pub mod run;
