//! The only room that knows JavaScript: socket, fetch, timers, abort, and the exported API.

mod api_flow;
mod boundary;
mod callbacks;
mod cancel;
mod conversion;
mod driver;
mod error;
mod events;
mod files;
mod globals;
mod hub;
mod json;
mod load;
mod names;
mod options;
mod printer;
mod probe;
mod server;
mod signal;
mod stream;
mod submission;
mod submit;
mod task;
mod time;
mod upload;
