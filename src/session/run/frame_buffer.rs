//! Frames that come while the answer to the submission is on its way. Where the prompt id was not made for it, nobody
//! knows until then which of them are the run's own; very old servers mint their own.

use std::rc::Rc;

/// Frames kept aside, with their time.
#[derive(Debug, Clone, Default)]
pub struct Kept {
    list: Vec<(f64, Part)>,
    bytes: usize,
}

/// A part of what came.
#[derive(Debug, Clone, PartialEq)]
pub enum Part {
    /// The text of a frame.
    Frame(Rc<str>),
    /// Frames may be missing here.
    Gap,
}

/// What exceeds this is got from the history.
const LIMIT: usize = 1024;
const LIMIT_BYTES: usize = 4 << 20;

impl Kept {
    /// Keeps a frame, or the fact that it had no place.
    pub fn frame(&mut self, now: f64, text: &str) {
        if self.list.len() < LIMIT && self.bytes + text.len() <= LIMIT_BYTES {
            self.bytes += text.len();
            self.list.push((now, Part::Frame(Rc::from(text))));
        } else {
            self.gap(now);
        }
    }

    /// Frames may be lost from here on.
    pub fn gap(&mut self, now: f64) {
        if !matches!(self.list.last(), Some((_, Part::Gap))) {
            self.list.push((now, Part::Gap));
        }
    }

    /// Everything in the order in which it came.
    pub fn into_parts(self) -> Vec<(f64, Part)> {
        self.list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_place_leaves_one_gap() {
        let mut kept = Kept::default();
        for _ in 0..2 * LIMIT {
            kept.frame(0.0, "{}");
        }
        let parts = kept.into_parts();
        assert_eq!(parts.len(), LIMIT + 1);
        assert_eq!(parts[LIMIT].1, Part::Gap);
    }

    #[test]
    fn large_frames_do_not_pile_up() {
        let mut kept = Kept::default();
        let text = "x".repeat(LIMIT_BYTES / 4 + 1);
        for _ in 0..100 {
            kept.frame(0.0, &text);
        }
        assert_eq!(kept.into_parts().len(), 4);
    }
}
