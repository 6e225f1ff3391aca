//! Suggestions for misspelt names.

/// Longer words are not misspelt names.
const LONGEST: usize = 40;

/// The name with the smallest edit distance to a word, at most one edit for four letters; `None` where none is near
/// enough. Case, `-` and `_` do not count, and a name that begins with the word is a match too.
pub fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let word = plain(word);
    if word.len() > LONGEST {
        return None;
    }
    let far = |name: &&str| {
        let name = plain(name);
        let distance = distance(&word, &name);
        let begins = word.len() > 2 && name.starts_with(&word[..]);
        match distance <= word.len() / 4 {
            true => Some(distance),
            false => begins.then_some(LONGEST + name.len()),
        }
    };
    names.into_iter().filter_map(|name| Some((far(&name)?, name))).min_by_key(|(far, _)| *far).map(|(_, name)| name)
}

fn plain(name: &str) -> Vec<u8> {
    name.bytes().filter(|byte| !b"-_".contains(byte)).map(|byte| byte.to_ascii_lowercase()).collect()
}

/// Levenshtein distance.
fn distance(one: &[u8], other: &[u8]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], at + 1);
        for (place, theirs) in other.iter().enumerate() {
            let changed = diagonal + usize::from(letter != theirs);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(diagonal + 1).min(row[place] + 1);
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
            assert_eq!(nearest(word, NAMES.iter().copied()), Some(name), "{word}");
        }
    }

    #[test]
    fn what_is_far_from_all_is_none() {
        for word in ["", "colour", "a", "row", "wider", "timeout", "ß"] {
            assert_eq!(nearest(word, NAMES.iter().copied()), None, "{word}");
        }
    }

    #[test]
    fn a_misspelt_name_is_found_and_another_word_is_not() {
        let names =
            ["overwrite", "save-files", "save-images", "indexOffset", "idleTimeoutMs", "output-types", "output-path"];
        for (word, meant) in [
            ("overwite", Some("overwrite")),
            ("save-image", Some("save-images")),
            ("index_offset", Some("indexOffset")),
            ("INDEXOFFSET", Some("indexOffset")),
            ("idleTimeout", Some("idleTimeoutMs")),
            ("output", Some("output-path")),
            ("out", Some("output-path")),
            ("o", None),
            ("colour", None),
            ("", None),
            ("ü", None),
        ] {
            assert_eq!(nearest(word, names), meant, "{word}");
        }
        assert_eq!(nearest(&"overwrite".repeat(1000), names), None);
    }
}
