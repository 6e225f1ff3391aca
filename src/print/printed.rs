//! What a printer makes of an event.

/// The output for an event.
#[derive(Debug, Clone, PartialEq)]
pub enum Printed {
    /// A line, without its end.
    Line(String),
    /// Text with control sequences for a terminal.
    Terminal(String),
}
