//! The result of reading a file.

use std::fmt;

/// What is embedded in a file. At least one of the two is there. Both are JSON objects, in which `NaN` and `Infinity` can
/// occur as Python writes them.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedded {
    /// The file's format: `PNG`, `WebP`, `JSON`, …
    pub format: &'static str,
    /// The workflow of the editor, as JSON text.
    pub workflow: Option<String>,
    /// The prompt (API form), as JSON text.
    pub prompt: Option<String>,
}

/// Why nothing was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The format is unknown, or cannot carry a workflow.
    Unknown,
    /// The format can carry a workflow, but the file has none.
    Nothing,
    /// The file is truncated or inconsistent.
    Damaged,
    /// The text in the place of a workflow is not JSON.
    NotJson,
}

/// An error with a message that says what was found and where: no capital letter at its beginning, no full stop.
#[derive(Debug, Clone, PartialEq)]
pub struct EmbeddedError {
    /// The kind of error.
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
