//! What a client does, without clock and I/O.

pub mod run;
