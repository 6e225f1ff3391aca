//! Texts that are made during a conversion and live as long as it does, so that names and values are plain slices,
//! whether they come from the file or not.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};

/// Holds the texts.
#[derive(Default)]
pub(crate) struct Arena {
    first: OnceCell<Box<Held>>,
}

struct Held {
    text: String,
    next: OnceCell<Box<Held>>,
}

/// Adds texts to an arena.
pub(crate) struct Pen<'d> {
    end: Cell<&'d OnceCell<Box<Held>>>,
}

impl Arena {
    /// The one pen of the arena.
    pub fn pen(&self) -> Pen<'_> {
        Pen { end: Cell::new(&self.first) }
    }
}

impl Drop for Arena {
    /// One by one: a chain that drops itself would go as deep as it is long.
    fn drop(&mut self) {
        let mut next = self.first.take();
        while let Some(mut held) = next {
            next = held.next.take();
        }
    }
}

impl<'d> Pen<'d> {
    /// Keeps a text.
    pub fn keep(&self, text: String) -> &'d str {
        let held = self.end.get().get_or_init(|| Box::new(Held { text, next: OnceCell::new() }));
        self.end.set(&held.next);
        &held.text
    }

    /// Keeps a text that is not borrowed already.
    pub fn keep_if_owned(&self, text: Cow<'d, str>) -> &'d str {
        match text {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => self.keep(text),
        }
    }

    /// Keeps a text that is put together of others.
    pub fn join(&self, parts: &[&str]) -> &'d str {
        self.keep(parts.concat())
    }

    /// Keeps a number as text.
    pub fn number(&self, number: usize) -> &'d str {
        self.keep(number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_where_they_are_and_many_of_them_are_dropped_without_recursion() {
        let arena = Arena::default();
        let pen = arena.pen();
        let first = pen.join(&["a", "b"]);
        for number in 0..200_000 {
            pen.number(number);
        }
        assert_eq!((first, pen.number(7)), ("ab", "7"));
    }
}
