//! The only room that knows JavaScript: socket, fetch, timers, abort, and the exported API.

mod api;
mod http;
mod js;
mod node;
mod run;
mod transport;
