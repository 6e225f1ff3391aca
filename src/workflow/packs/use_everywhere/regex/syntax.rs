//! The parts of JavaScript's regular expressions (ECMA-262, 22.2.1 and Annex B.1.2, without the `u` flag).

use super::set::Set;

/// Why a pattern is no regular expression here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// JavaScript throws a `SyntaxError`.
    Invalid,
    /// JavaScript takes it, and this module does not.
    Unsupported(&'static str),
}

/// Parts of a pattern. What it captures and which of several matches it prefers does not matter here.
pub(super) enum Part {
    Set(Set),
    Sequence(Vec<Part>),
    Either(Vec<Part>),
    /// At least so often, and at most, if there is a limit.
    Repeat(Box<Part>, u32, Option<u32>),
    Assert(Assertion),
    Look {
        ahead: bool,
        negative: bool,
        inner: Box<Part>,
    },
}

/// A condition on a position in the text.
#[derive(Clone, Copy)]
pub(super) enum Assertion {
    /// `^` and `$`; with the flag, of each line.
    Start(bool),
    End(bool),
    /// `\b`, or with the flag `\B`.
    Boundary(bool),
}

/// One member of a class in brackets.
pub(super) enum Member {
    Unit(u16),
    /// `\d` and the like, which are in the set already.
    Ranges,
}
