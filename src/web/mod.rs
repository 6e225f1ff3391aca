//! The only room that knows JavaScript: socket, fetch, timers, abort, and the exported API.
