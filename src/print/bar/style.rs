//! How a bar looks.

use crate::print::bar::titles::Titles;

/// How a bar looks, and what it knows beside the events.
#[derive(Debug, Clone)]
pub struct BarStyle {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether colours may be used.
    pub colour: bool,
    /// Whether characters outside of ASCII may be used.
    pub unicode: bool,
    /// Whether the line can be redrawn. Where it cannot, a line is printed when the node changes, and per tenth of the
    /// whole.
    pub redraw: bool,
    /// The titles of the prompt that runs; a node that has none is shown by its id.
    pub titles: Titles,
}

impl Default for BarStyle {
    fn default() -> Self {
        Self { width: 80, colour: false, unicode: true, redraw: true, titles: Titles::default() }
    }
}
