//! The workflow as the editor holds it: graphs, nodes, links, and the object info that describes node classes.

pub(crate) mod arena;
pub(crate) mod editor_inputs;
pub(crate) mod error;
pub(crate) mod graph;
pub(crate) mod json;
pub(crate) mod kind;
pub(crate) mod lenient;
pub(crate) mod limits;
pub(crate) mod link;
pub(crate) mod node;
pub(crate) mod object_info;
pub(crate) mod python_json;
pub(crate) mod reader;
pub(crate) mod saved;
pub(crate) mod spec;
pub(crate) mod types;
pub(crate) mod value;
pub(crate) mod widget;
