//! `comfyui-autoflow` runs ComfyUI workflows from JavaScript. It submits a prompt, hands every live event to a
//! callback, finds the end of a run even when the socket is silent, and converts the editor's workflows.
//!
//! Every room but `web` is plain Rust: no clock, no I/O, no JavaScript, but for how a number is written (`text::number`).
//! Arrows go one way: `web → session, workflow, metadata, files, print → protocol, text`.

pub mod files;
pub mod metadata;
pub mod print;
pub mod protocol;
pub mod session;
pub mod text;
pub mod workflow;

#[cfg(target_arch = "wasm32")]
mod web;

/// A seventh of the code of the default one.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
