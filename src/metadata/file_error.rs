//! Why nothing can be read from a file, and why reading stops for a moment.

use std::fmt;
use std::ops::Range;

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// Not a file that can carry a workflow.
    Unknown,
    /// A file that could carry one, and does not.
    Nothing,
    /// Cut off, or contradicting itself.
    Damaged,
    /// What stands where a workflow should be is no JSON.
    NotJson,
}

/// Why there is no workflow. The text is a sentence that says what was found and where.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddedError {
    /// The kind of trouble.
    pub problem: Problem,
    message: String,
}

impl EmbeddedError {
    pub(super) fn new(problem: Problem, message: String) -> Self {
        Self { problem, message }
    }
}

impl fmt::Display for EmbeddedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EmbeddedError {}

/// Why a reader of one format does not go on.
#[derive(Debug)]
pub(super) enum Stop {
    /// These bytes are not there yet.
    Need(Range<u64>),
    /// These bytes are not decompressed yet.
    Inflate(Vec<u8>),
    /// The file is damaged; what was found before counts. `size` is what a part claims to have.
    Damaged { at: u64, what: &'static str, size: Option<u64> },
    /// There is nothing to be had.
    Failed(EmbeddedError),
}
