//! A small JSON reader for frames and answers of servers.
//!
//! Python's `json.dumps` writes `NaN`, `Infinity` and lone surrogates (of file names that are not UTF-8), which strict
//! parsers refuse. The client needs a few fields of each text: [`Reader`] takes them in one pass, [`Raw`] looks them up,
//! and everything else stays text. The reasons for own code, with figures: docs/decisions/small-json-reader.md.

mod decimal;
mod lenient;
mod malformed;
mod raw;
mod reader;
mod scan;
mod write;

pub use decimal::{is_number, to_f64};
pub use lenient::{split, trimmed, without_nan};
pub use malformed::Malformed;
pub use raw::Raw;
pub use reader::{Reader, Text};
pub use write::{quoted, write_string};
