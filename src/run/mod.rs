//! The event state machine of one run: what has been seen, and what to do next. It owns no clock and no socket.
