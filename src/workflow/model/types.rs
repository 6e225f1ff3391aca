//! Types of sockets.

/// Whether a type takes everything.
pub(crate) fn is_wildcard(ty: &str) -> bool {
    ty.is_empty() || ty == "*"
}

/// Whether an output of one type may go into an input of the other.
pub(crate) fn fits(a: &str, b: &str) -> bool {
    let equal = |a: &str, b: &str| is_wildcard(a) || is_wildcard(b) || a.eq_ignore_ascii_case(b);
    equal(a, b) || a.split(',').any(|a| b.split(',').any(|b| equal(a, b)))
}
