//! The only room that knows JavaScript: socket, fetch, timers, abort, and the exported API.

// What one of the two modules leaves out is no dead code: both together are checked for that.
#![cfg_attr(not(all(feature = "client", feature = "converter")), allow(dead_code, unused_imports))]

mod api;
mod http;
mod js;
// With the converter, which every process that has a disk carries: a page needs neither at once.
#[cfg(feature = "converter")]
mod node;
#[cfg(feature = "client")]
mod run;
#[cfg(feature = "client")]
mod transport;
