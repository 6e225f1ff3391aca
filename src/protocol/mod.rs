//! What ComfyUI says and hears on the wire: text frames, binary frames, history items, queue and `/prompt` replies.
//! Tolerant of what is missing, extra, or of another type than expected; nothing that a server sends panics.

pub mod address;
pub mod binary;
pub mod dialect;
pub mod document;
pub mod frame;
pub mod history;
pub mod history_list;
pub mod json;
pub mod node_choices;
pub mod queue;
pub mod queue_list;
pub mod submission;
pub mod v2;
