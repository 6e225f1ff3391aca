//! What the editor does when it queues a workflow.

pub(crate) mod convert;
pub(crate) mod dropped;
pub(crate) mod expand;
pub(crate) mod node_names;
pub(crate) mod primitives;
pub(crate) mod prompt;
pub(crate) mod resolve;
pub(crate) mod text_rules;
pub(crate) mod virtual_nodes;
