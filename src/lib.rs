//! `comfyui-autoflow` runs ComfyUI workflows from JavaScript. It submits a prompt, hands every live event to a
//! callback, finds the end of a run even where the socket says nothing, and converts the editor's workflows.
//!
//! Every room but `web` is plain Rust: no clock, no I/O, no JavaScript. Arrows go one way:
//! `web → run, workflow, files, print → protocol, text`.

pub mod files;
pub mod metadata;
pub mod print;
pub mod protocol;
pub mod session;
pub mod text;
pub mod workflow;

#[cfg(target_arch = "wasm32")]
mod web;
