//! Text frames that come before the submission is answered. Until then it is not known which of them are the run's own:
//! very old servers choose the prompt id.

use std::rc::Rc;

/// Frames in order, with the time at which each came.
#[derive(Debug, Clone)]
pub struct FrameBuffer<M> {
    entries: Vec<(f64, Entry<M>)>,
    bytes: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Entry<M> {
    /// A frame: its text, and the message that it came in.
    Frame(Rc<str>, M),
    /// Frames may be missing here.
    Gap,
}

/// Frames beyond these limits become a gap; the history has what they brought.
const MAX_FRAMES: usize = 1024;
const MAX_BYTES: usize = 4 << 20;

impl<M> Default for FrameBuffer<M> {
    fn default() -> Self {
        FrameBuffer { entries: Vec::new(), bytes: 0 }
    }
}

impl<M> FrameBuffer<M> {
    pub fn push(&mut self, now: f64, text: &str, message: M) {
        if self.entries.len() < MAX_FRAMES && self.bytes + text.len() <= MAX_BYTES {
            self.bytes += text.len();
            self.entries.push((now, Entry::Frame(Rc::from(text), message)));
        } else {
            self.push_gap(now);
        }
    }

    pub fn push_gap(&mut self, now: f64) {
        if !matches!(self.entries.last(), Some((_, Entry::Gap))) {
            self.entries.push((now, Entry::Gap));
        }
    }

    pub fn into_entries(self) -> Vec<(f64, Entry<M>)> {
        self.entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_beyond_the_limit_leave_one_gap() {
        let mut buffer = FrameBuffer::default();
        for _ in 0..2 * MAX_FRAMES {
            buffer.push(0.0, "{}", ());
        }
        let entries = buffer.into_entries();
        assert_eq!(entries.len(), MAX_FRAMES + 1);
        assert_eq!(entries[MAX_FRAMES].1, Entry::Gap);
    }

    #[test]
    fn large_frames_do_not_pile_up() {
        let mut buffer = FrameBuffer::default();
        let text = "x".repeat(MAX_BYTES / 4 + 1);
        for _ in 0..100 {
            buffer.push(0.0, &text, ());
        }
        assert_eq!(buffer.into_entries().len(), 4);
    }
}
