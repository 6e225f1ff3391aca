//! From the editor's workflow to the prompt that `POST /prompt` takes.

pub mod embedded;
