//! What only Node needs: disk and file names.

pub mod disk;
pub mod refused_outputs;
pub mod save_names;
