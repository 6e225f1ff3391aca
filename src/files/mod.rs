//! Which files a run made, and the names to save them under.

pub mod content;
pub mod expected;
pub mod kind;
pub mod loader;
pub mod name_error;
pub mod names;
pub mod outputs;
pub mod pattern;
pub mod safe;
pub mod selection;
pub mod target;
pub mod view;
