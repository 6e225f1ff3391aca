//! The only room that knows JavaScript: socket, fetch, timers, abort, and the exported API.

// Code that only one of the two modules uses is not dead; a build with both features checks for dead code.
#![cfg_attr(not(all(feature = "client", feature = "converter")), allow(dead_code, unused_imports))]

mod api;
mod http;
mod js;
// Part of the converter, so that it does not weigh on pages.
#[cfg(feature = "converter")]
mod node;
#[cfg(feature = "client")]
mod run;
#[cfg(feature = "client")]
mod transport;
