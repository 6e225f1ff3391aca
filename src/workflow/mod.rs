//! From the editor's workflow to the prompt that `POST /prompt` takes.

mod arena;
mod convert;
mod dropped;
mod dynamic;
pub mod embedded;
mod error;
mod expand;
mod file;
mod graph;
mod group_nodes;
mod ids;
mod json;
mod limits;
mod links;
mod names;
mod node;
mod object_info;
mod primitives;
mod promoted;
mod prompt;
mod repair;
mod resolve;
mod settle;
mod spec;
mod text;
mod value;
mod values;
mod virtual_nodes;
mod widgets;

use crate::text::index;

pub use convert::{Conversion, ConvertOptions, Prompt, Random, Warning, convert};
pub use dropped::{Dropped, Reason};
pub use error::{ConvertError, UnknownType};
pub use file::{Form, form};
pub use json::Malformed;
pub use object_info::ObjectInfo;
pub use text::LocalTime;
