//! Texts that are made during a conversion and live as long as it does, so that names and values are plain slices,
//! whether they come from the file or not.

use std::borrow::Cow;

use bumpalo::Bump;

use crate::text::work;

/// Holds texts.
#[derive(Default)]
pub(crate) struct Arena(Bump);

impl Arena {
    /// Keeps a text.
    pub fn keep(&self, text: impl AsRef<str>) -> &str {
        work::count(text.as_ref().len());
        self.0.alloc_str(text.as_ref())
    }

    /// Keeps a text that is not borrowed already.
    pub fn keep_if_owned<'d>(&'d self, text: Cow<'d, str>) -> &'d str {
        match text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => self.keep(text),
        }
    }

    /// Keeps a text that is put together of others.
    pub fn join(&self, parts: &[&str]) -> &str {
        self.keep(parts.concat())
    }

    /// How many bytes it takes.
    pub fn size(&self) -> usize {
        self.0.allocated_bytes()
    }

    /// Keeps a number as text.
    pub fn number(&self, number: usize) -> &str {
        self.keep(number.to_string())
    }
}
