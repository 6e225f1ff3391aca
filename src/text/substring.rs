//! Finding a text in a text, in little code: the standard library's search takes linear time for long patterns too, and 1 kB
//! (brotli) of the client, where `str::contains` of a `char` brings it along too.

/// The position of the first occurrence. `part`: short, and not empty.
pub fn find(text: &str, part: &str) -> Option<usize> {
    text.as_bytes().windows(part.len()).position(|window| window == part.as_bytes())
}

/// What stands before and after the first occurrence.
pub fn split_once<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    find(text, part).map(|at| (&text[..at], &text[at + part.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_occurrence_is_found() {
        for text in ["http://a://b", "://", "ab", "", ":/", "é://ü"] {
            assert_eq!(find(text, "://"), text.find("://"), "{text}");
            assert_eq!(split_once(text, "://"), text.split_once("://"), "{text}");
        }
    }
}
