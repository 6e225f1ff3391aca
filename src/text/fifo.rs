//! A queue: first in, first out.

/// Two stacks in place of a ring: each kind of queue takes a third of the bytes of a `VecDeque` in the wasm.
#[derive(Debug, Clone)]
pub struct Fifo<T> {
    /// In the order in which they came.
    incoming: Vec<T>,
    /// Those that came before, the next one last.
    outgoing: Vec<T>,
}

impl<T> Default for Fifo<T> {
    fn default() -> Self {
        Fifo { incoming: Vec::new(), outgoing: Vec::new() }
    }
}

impl<T> Fifo<T> {
    pub fn is_empty(&self) -> bool {
        self.incoming.is_empty() && self.outgoing.is_empty()
    }

    pub fn push(&mut self, one: T) {
        self.incoming.push(one);
    }

    /// Each one is moved twice, however many there are.
    pub fn pop(&mut self) -> Option<T> {
        if self.outgoing.is_empty() {
            std::mem::swap(&mut self.incoming, &mut self.outgoing);
            self.outgoing.reverse();
        }
        self.outgoing.pop()
    }

    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.outgoing.retain(&mut keep);
        self.incoming.retain(keep);
    }
}

impl<T> Extend<T> for Fifo<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, more: I) {
        more.into_iter().for_each(|one| self.push(one));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_first_goes_first_however_pushes_and_pops_mix() {
        let mut fifo = Fifo::default();
        let (mut next_in, mut next_out) = (0, 0);
        for step in 0..200 {
            for _ in 0..step % 7 {
                fifo.push(next_in);
                next_in += 1;
            }
            for _ in 0..step % 5 {
                let expected = (next_out < next_in).then_some(next_out);
                assert_eq!(fifo.pop(), expected);
                next_out += u32::from(expected.is_some());
            }
            assert_eq!(fifo.is_empty(), next_in == next_out);
        }
    }

    #[test]
    fn what_is_not_kept_is_gone_from_both_stacks() {
        let mut fifo = Fifo::default();
        fifo.extend(0..4);
        assert_eq!(fifo.pop(), Some(0));
        fifo.extend(4..8);
        fifo.retain(|one| one % 2 == 0);
        assert_eq!(std::iter::from_fn(|| fifo.pop()).collect::<Vec<_>>(), [2, 4, 6]);
    }
}
