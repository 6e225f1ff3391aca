//! The exported classes and functions, and their options. `client` and `converter` are the two modules of the package:
//! everything else is in both.

#[cfg(feature = "client")]
pub mod api_flow;
#[cfg(feature = "converter")]
pub mod bar_printer;
#[cfg(feature = "converter")]
pub mod conversion;
#[cfg(feature = "client")]
pub mod converter;
#[cfg(feature = "client")]
pub mod event_listener;
pub mod event_view;
#[cfg(feature = "converter")]
pub mod file_reader;
#[cfg(feature = "client")]
pub mod load;
pub mod options;
#[cfg(feature = "client")]
pub mod plain;
#[cfg(feature = "client")]
pub mod pool;
pub mod print_sink;
#[cfg(feature = "client")]
pub mod printer;
#[cfg(feature = "client")]
pub mod result_files;
#[cfg(feature = "client")]
pub mod server_link;
#[cfg(feature = "client")]
pub mod server_watch;
#[cfg(feature = "client")]
pub mod submission;
#[cfg(feature = "client")]
pub mod submit;
#[cfg(feature = "client")]
pub mod upload;
