//! The Comfy API v2: jobs, their event stream and their assets.

mod assets;
mod base64;
pub mod job;
pub mod job_feed;
mod sse;
