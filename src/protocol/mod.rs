//! The wire protocol of ComfyUI: text frames, binary frames, and the answers of `/history`, `/queue` and `/prompt`; in `v2`
//! those of the Comfy API v2. Fields that are missing, unknown, or of another type than expected are tolerated, and
//! nothing that a server sends panics.

pub mod address;
pub mod binary;
pub mod dialect;
pub mod document;
pub mod frame;
pub mod frame_reader;
pub mod history;
pub mod json;
pub mod queue;
pub mod redirect;
pub mod submission;
pub mod v2;

#[cfg(test)]
mod growth;
