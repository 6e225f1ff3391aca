//! Objects, promises, abort signals and time of JavaScript.

pub mod abort;
pub mod boundary;
pub mod error;
pub mod globals;
pub mod json_text;
pub mod promise;
mod restart;
pub mod time;
pub mod validate;
