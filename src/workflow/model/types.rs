//! Types of sockets.

/// Whether a type takes everything.
pub(crate) fn is_wildcard(ty: &str) -> bool {
    ty.is_empty() || ty == "*"
}

/// Whether an output of one type may go into an input of the other.
pub(crate) fn fits(a: &str, b: &str) -> bool {
    let equal = |a: &str, b: &str| is_wildcard(a) || is_wildcard(b) || a.eq_ignore_ascii_case(b);
    equal(a, b) || each(a).any(|a| each(b).any(|b| equal(a, b)))
}

/// The types in a comma list. A list that is longer than any class has is cut: each type is held against each other.
pub(crate) fn each(list: &str) -> impl Iterator<Item = &str> {
    let mut end = list.len().min(4096);
    while !list.is_char_boundary(end) {
        end -= 1;
    }
    list.get(..end).unwrap_or("").split(',').take(64)
}
