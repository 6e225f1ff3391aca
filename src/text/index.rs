//! Lookup by name in sorted lists: unlike that of a hash table, its cost does not depend on the names, which an attacker may
//! choose, and it takes little code.

/// Positions by name; those of equal names in their order.
#[derive(Default)]
pub struct Index<'d> {
    entries: Vec<(Name<'d>, usize)>,
}

/// A name, ordered by length and then by bytes, so that numeric ids are in numeric order.
#[derive(Clone, Copy)]
pub struct Name<'d> {
    /// Length and first seven bytes, which differ between nearly all names.
    key: u64,
    text: &'d str,
}

/// Up to this length, a list is sorted in place or searched one by one. Most nodes have fewer inputs.
pub const FEW: usize = 16;

impl<'d> Name<'d> {
    fn new(text: &'d str) -> Self {
        let mut key = text.len().min(255) as u64;
        for byte in text.bytes().take(7) {
            key = key << 8 | u64::from(byte);
        }
        Name { key, text }
    }

    fn precedes(&self, other: &Name) -> bool {
        if self.key == other.key { self.text.len() > 7 && self.text < other.text } else { self.key < other.key }
    }

    fn is(&self, other: &Name) -> bool {
        self.key == other.key && (self.text.len() <= 7 || self.text == other.text)
    }
}

impl<'d> Index<'d> {
    /// The positions of names in a list.
    pub fn new(names: impl Iterator<Item = &'d str>) -> Self {
        Index::of(names.enumerate().map(|(at, name)| (name, at)).collect())
    }

    /// Any numbers as positions.
    pub fn of(entries: Vec<(&'d str, usize)>) -> Self {
        let mut entries: Vec<(Name, usize)> = entries.into_iter().map(|(name, at)| (Name::new(name), at)).collect();
        if entries.len() <= FEW {
            for end in 1..entries.len() {
                let mut at = end;
                while at > 0 && entries[at].0.precedes(&entries[at - 1].0) {
                    entries.swap(at, at - 1);
                    at -= 1;
                }
            }
            return Index { entries };
        }
        let order = sorted(entries.len(), &|a, b| entries[a].0.precedes(&entries[b].0));
        Index { entries: order.into_iter().map(|at| entries[at]).collect() }
    }

    /// All entries of a name.
    pub fn all(&self, name: &str) -> &[(Name<'d>, usize)] {
        let name = Name::new(name);
        let rest = &self.entries[self.start(&name)..];
        &rest[..rest.partition_point(|(other, _)| other.is(&name))]
    }

    /// The first position of a name.
    pub fn first(&self, name: &str) -> Option<usize> {
        let name = Name::new(name);
        self.entries.get(self.start(&name)).filter(|(other, _)| other.is(&name)).map(|(_, at)| *at)
    }

    fn start(&self, name: &Name) -> usize {
        self.entries.partition_point(|(other, _)| other.precedes(name))
    }
}

/// A number for each name.
///
/// Names are found in sorted lists, each longer than the next: a new name is a list of its own, and lists are merged until
/// that holds again. Inserting into one sorted list would take quadratic time for names that come in descending order.
#[derive(Debug, Default, Clone)]
pub struct Numbers {
    entries: Vec<(String, usize)>,
    /// Positions in `entries`.
    lists: Vec<Vec<usize>>,
}

impl Numbers {
    /// The number of a name.
    pub fn get(&self, name: &str) -> Option<usize> {
        self.find(name).map(|at| self.entries[at].1)
    }

    /// Gives a name a number. Returns whether it had none.
    pub fn set(&mut self, name: &str, number: usize) -> bool {
        if let Some(known) = self.find(name) {
            self.entries[known].1 = number;
            return false;
        }
        let mut list = vec![self.entries.len()];
        self.entries.push((name.to_owned(), number));
        while self.lists.last().is_some_and(|last| last.len() <= list.len()) {
            list.extend(self.lists.pop().unwrap_or_default());
            let order = sorted(list.len(), &|a, b| self.entries[list[a]].0 < self.entries[list[b]].0);
            list = order.into_iter().map(|at| list[at]).collect();
        }
        self.lists.push(list);
        true
    }

    fn find(&self, name: &str) -> Option<usize> {
        let in_list = |list: &Vec<usize>| {
            let start = list.partition_point(|at| *self.entries[*at].0 < *name);
            list.get(start).copied().filter(|at| self.entries[*at].0 == name)
        };
        self.lists.iter().find_map(in_list)
    }
}

/// Merge sort: the positions of a list of this length in order. Stable.
pub fn sorted(length: usize, before: &dyn Fn(usize, usize) -> bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..length).collect();
    let mut merged = Vec::with_capacity(length);
    let mut run = 1;
    while run < length {
        merged.clear();
        for start in (0..length).step_by(2 * run) {
            let middle = (start + run).min(length);
            let end = (start + 2 * run).min(length);
            let (mut left, mut right) = (start, middle);
            // Already in order, as ids usually are.
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
        let all = |name: &str| index.all(name).iter().map(|(_, at)| *at).collect::<Vec<_>>();
        assert_eq!(all("b"), [0, 2]);
        assert_eq!((index.first("c"), index.first("")), (None, Some(3)));
        assert!(all("c").is_empty());
    }

    #[test]
    fn long_names_that_begin_alike_are_told_apart() {
        for count in [3, 40] {
            let names: Vec<String> = (0..count).map(|at| format!("images.image{at:02}")).collect();
            let index = Index::new(names.iter().map(String::as_str));
            for (at, name) in names.iter().enumerate() {
                assert_eq!(index.first(name), Some(at));
            }
            assert_eq!(index.first("images.image99"), None);
        }
    }

    #[test]
    fn numbers_are_kept_by_name() {
        let mut numbers = Numbers::default();
        assert!(numbers.set("b", 1) && numbers.set("a", 2) && !numbers.set("b", 3));
        assert_eq!((numbers.get("a"), numbers.get("b"), numbers.get("c")), (Some(2), Some(3), None));
    }

    #[test]
    fn numbers_are_found_in_whatever_order_their_names_came() {
        for step in [1, 7, 99] {
            let mut numbers = Numbers::default();
            let names: Vec<String> = (0..100).map(|at| (at * step % 100).to_string()).collect();
            for (at, name) in names.iter().enumerate() {
                assert!(numbers.set(name, at));
                assert!(names[..=at].iter().enumerate().all(|(at, name)| numbers.get(name) == Some(at)));
            }
            assert!(numbers.lists.is_sorted_by(|longer, shorter| longer.len() > shorter.len()));
            assert!(!numbers.set("42", 7) && numbers.get("42") == Some(7) && numbers.get("100").is_none());
        }
    }
}
