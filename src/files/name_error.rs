//! Why names cannot be given, and what makes them possible.

use std::fmt;

/// Why names cannot be given.
#[derive(Debug, Clone, PartialEq)]
pub struct NameError {
    /// What is wrong.
    pub problem: String,
    /// What to do, where it depends on the options.
    pub advice: Option<NameAdvice>,
}

/// What makes names possible.
#[derive(Debug, Clone, PartialEq)]
pub enum NameAdvice {
    /// End the pattern in this extension, or choose what becomes of a wrong one.
    Extension(String),
    /// Give the folder without a name.
    FolderAlone,
}

impl NameError {
    pub(crate) fn new(problem: String) -> NameError {
        NameError { problem, advice: None }
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for NameError {}
