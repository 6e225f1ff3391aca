//! Looking up by name: a sorted list. It costs no more for names that were chosen to be hard on a hash table, and takes
//! little code.

/// Positions by name. Of equal names, all positions, in their order.
#[derive(Default)]
pub(crate) struct Index<'d> {
    entries: Vec<(&'d str, usize)>,
}

/// So many are put in order in place: most nodes have no more inputs.
const FEW: usize = 16;

/// The order of the list: by length first, which tells most names apart at once and puts numbers in their order.
fn precedes(a: &str, b: &str) -> bool {
    if a.len() == b.len() { a < b } else { a.len() < b.len() }
}

impl<'d> Index<'d> {
    /// The positions of names in a list of them.
    pub fn new(names: impl Iterator<Item = &'d str>) -> Self {
        Index::of(names.enumerate().map(|(at, name)| (name, at)).collect())
    }

    /// Any positions.
    pub fn of(mut entries: Vec<(&'d str, usize)>) -> Self {
        if entries.len() <= FEW {
            for end in 1..entries.len() {
                let mut at = end;
                while at > 0 && precedes(entries[at].0, entries[at - 1].0) {
                    entries.swap(at, at - 1);
                    at -= 1;
                }
            }
            return Index { entries };
        }
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
            // In order already, as ids mostly are.
            if middle == length || !before(order[middle], order[middle - 1]) {
                merged.extend_from_slice(&order[start..end]);
                continue;
            }
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
