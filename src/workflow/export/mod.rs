//! What the editor does when it queues a workflow.

pub(crate) mod check;
pub(crate) mod conversion;
pub(crate) mod convert;
pub(crate) mod dropped;
pub(crate) mod dynamic_prompts;
pub(crate) mod expand;
pub(crate) mod file_names;
pub(crate) mod node_names;
pub(crate) mod options;
pub(crate) mod primitives;
pub(crate) mod prompt;
pub(crate) mod resolve;
pub(crate) mod setters;
pub(crate) mod unknown_types;
pub(crate) mod warnings;
