//! Regular expressions as JavaScript's `new RegExp(pattern).test(text)` takes them, in linear time.
//!
//! A pattern becomes a non-deterministic automaton that reads each character once and keeps the set of all states that it
//! can be in, so no pattern makes it try again (`(a+)+$`). The syntax is that of JavaScript without the `u` flag, with
//! what browsers allow beyond it (ECMA-262, Annex B): texts are sequences of UTF-16 code units. Back references are the
//! one part of the syntax that no automaton can follow.

mod parser;
mod program;
mod set;
mod syntax;

use program::Program;
pub(crate) use syntax::Refused;

use crate::workflow::packs::use_everywhere::budget::{Budget, TooMuchWork};

/// A regular expression.
pub(crate) struct Regex(Program);

impl Regex {
    pub fn new(pattern: &str) -> Result<Self, Refused> {
        let pattern: Vec<u16> = pattern.encode_utf16().collect();
        Ok(Regex(program::compile(&parser::parse(&pattern)?)?))
    }

    /// Whether any part of a text matches.
    pub fn is_match(&self, text: &str, budget: &mut Budget) -> Result<bool, TooMuchWork> {
        let text: Vec<u16> = text.encode_utf16().collect();
        self.0.is_match(&text, budget)
    }
}

#[cfg(test)]
mod tests;
