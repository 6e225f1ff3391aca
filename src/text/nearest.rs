//! The name that somebody meant who wrote another.

/// The name that is nearest to a word: the same but for letter case, `_` and `-`, or a letter or two off. None where none
/// is near.
pub fn nearest(word: &str, names: &[&'static str]) -> Option<&'static str> {
    let word = plain(word);
    // One slip in four letters, and as many more as there are four letters more.
    let limit = word.len() / 4;
    let (mut nearest, mut least) = (None, limit + 1);
    for name in names {
        let far = distance(&word, &plain(name));
        if far < least {
            (nearest, least) = (Some(*name), far);
        }
    }
    nearest
}

fn plain(name: &str) -> Vec<u8> {
    name.bytes().filter(|letter| !matches!(letter, b'_' | b'-')).map(|letter| letter.to_ascii_lowercase()).collect()
}

/// How many letters have to be put in, taken out or exchanged to make one of the other.
fn distance(one: &[u8], other: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for letter in one {
        let mut diagonal = row[0];
        row[0] += 1;
        for (column, against) in other.iter().enumerate() {
            let exchanged = diagonal + usize::from(letter != against);
            diagonal = row[column + 1];
            row[column + 1] = exchanged.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&str] =
        &["allowUnknown", "front", "idleTimeoutMs", "kinds", "onEvent", "raw", "wait", "waitTimeoutMs"];

    #[test]
    fn a_letter_or_two_off_is_meant() {
        for (word, name) in [
            ("waitt", "wait"),
            ("onEvents", "onEvent"),
            ("allowUnkown", "allowUnknown"),
            ("allow_unknown", "allowUnknown"),
            ("ALLOW-UNKNOWNS", "allowUnknown"),
            ("idleTimeout", "idleTimeoutMs"),
            ("kind", "kinds"),
            ("wiatTimeoutMs", "waitTimeoutMs"),
        ] {
            assert_eq!(nearest(word, NAMES), Some(name), "{word}");
        }
    }

    #[test]
    fn what_is_far_from_all_is_none() {
        for word in ["", "colour", "a", "row", "wider", "timeout", "ß"] {
            assert_eq!(nearest(word, NAMES), None, "{word}");
        }
    }

    #[test]
    fn the_nearest_of_several_is_taken() {
        assert_eq!(nearest("waitTimeout", &["wait", "waitTimeoutS", "waitTimeout"]), Some("waitTimeout"));
        assert_eq!(nearest("nodes", &["node1", "node2"]), Some("node1"));
    }

    #[test]
    fn the_distance_counts_letters() {
        for (one, other, far) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "axc", 1), ("kitten", "sitting", 3)]
        {
            assert_eq!(distance(one.as_bytes(), other.as_bytes()), far, "{one} {other}");
        }
    }
}
