//! The exported classes and functions, and their options.

pub mod api_flow;
pub mod callbacks;
pub mod conversion;
pub mod event_iterator;
pub mod load;
pub mod options;
pub mod plain;
pub mod printer;
pub mod result_files;
pub mod submission;
pub mod submit;
pub mod upload;
