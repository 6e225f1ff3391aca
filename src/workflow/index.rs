//! Looking up by name: a sorted list. It costs no more for names that were chosen to be hard on a hash table, and takes
//! little code.

/// Positions by name. Of equal names, all positions, in their order.
#[derive(Default)]
pub(crate) struct Index<'d> {
    entries: Vec<(&'d str, usize)>,
}

/// The order of the list: by length, then by bytes from the end, where names differ most (`12:3`, `images.image7`).
fn precedes(a: &str, b: &str) -> bool {
    if a.len() != b.len() {
        return a.len() < b.len();
    }
    let mut pairs = a.bytes().rev().zip(b.bytes().rev());
    pairs.find(|(a, b)| a != b).is_some_and(|(a, b)| a < b)
}

impl<'d> Index<'d> {
    /// The positions of names in a list of them.
    pub fn new(names: impl Iterator<Item = &'d str>) -> Self {
        Index::of(names.enumerate().map(|(at, name)| (name, at)).collect())
    }

    /// Any positions.
    pub fn of(entries: Vec<(&'d str, usize)>) -> Self {
        let order = sorted(entries.len(), &|a, b| precedes(entries[a].0, entries[b].0));
        Index { entries: order.into_iter().map(|at| entries[at]).collect() }
    }

    /// All entries of a name.
    pub fn all(&self, name: &str) -> &[(&'d str, usize)] {
        let start = self.entries.partition_point(|(other, _)| precedes(other, name));
        let rest = &self.entries[start..];
        &rest[..rest.iter().take_while(|(other, _)| *other == name).count()]
    }

    /// The first position of a name.
    pub fn first(&self, name: &str) -> Option<usize> {
        let start = self.entries.partition_point(|(other, _)| precedes(other, name));
        self.entries.get(start).filter(|(other, _)| *other == name).map(|(_, at)| *at)
    }
}

/// The positions of a list of this length in order; equals stay in the order they have.
pub(crate) fn sorted(length: usize, before: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..length).collect();
    let mut merged = Vec::with_capacity(length);
    let mut run = 1;
    while run < length {
        merged.clear();
        for start in (0..length).step_by(2 * run) {
            let middle = (start + run).min(length);
            let end = (start + 2 * run).min(length);
            let (mut left, mut right) = (start, middle);
            while left < middle || right < end {
                let from_right = left == middle || (right < end && before(order[right], order[left]));
                let from = if from_right { &mut right } else { &mut left };
                merged.push(order[*from]);
                *from += 1;
            }
        }
        std::mem::swap(&mut order, &mut merged);
        run *= 2;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_keep_their_order() {
        let keys = [3, 1, 3, 2, 1, 3, 0];
        assert_eq!(sorted(keys.len(), &|a, b| keys[a] < keys[b]), [6, 1, 4, 3, 0, 2, 5]);
        assert!(sorted(0, &|_, _| true).is_empty());
    }

    #[test]
    fn a_name_has_all_its_positions() {
        let index = Index::new(["b", "a", "b", ""].into_iter());
        assert_eq!(index.first("b"), Some(0));
        assert_eq!(index.all("b"), [("b", 0), ("b", 2)]);
        assert_eq!((index.first("c"), index.first("")), (None, Some(3)));
        assert!(index.all("c").is_empty());
    }
}
