//! Inputs of a prompt by name: what `api.set`, `api.seed` and the command line's `--set` and `--seed` mean.

pub mod path;
pub mod seeds;
