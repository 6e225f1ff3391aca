//! Syntax errors of JSON texts.

/// A syntax error and its position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What was expected or found, without a capital letter or a full stop.
    pub what: &'static str,
    /// Byte offset into the text.
    pub at: usize,
    /// The line, counted from 1.
    pub line: usize,
    /// The column in bytes, counted from 1.
    pub column: usize,
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} at line {} column {}", self.what, self.line, self.column)
    }
}
