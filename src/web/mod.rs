//! The only room that knows JavaScript: socket, fetch, timers, abort, and the exported API.

mod api_flow;
mod boundary;
mod callbacks;
mod cancel;
mod driver;
mod error;
mod events;
mod globals;
mod hub;
mod json;
mod options;
mod printer;
mod probe;
mod server;
mod signal;
mod stream;
mod submission;
mod submit;
