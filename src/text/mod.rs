//! Text formatting: replacement fields of Python (`{name:>8.1f}`), which progress templates and file name patterns use, and
//! text that is measured and made safe for a terminal. Also lookup by name, search, a queue and a counter for growth tests.

pub mod columns;
pub mod fifo;
pub mod index;
pub mod nearest;
pub mod number;
pub mod spec;
pub mod substring;
pub mod template;
pub mod work;
