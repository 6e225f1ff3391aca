//! What a browser answers, and what hostile patterns cost.

use super::{Refused, Regex};
use crate::text::work;
use crate::workflow::packs::use_everywhere::budget::{Budget, TooMuchWork};

const TEXTS: [&str; 40] = [
    "",
    "seed",
    "noise_seed",
    "Seed",
    "positive",
    "pos_2",
    "the negative prompt",
    "a",
    "aa",
    "aab",
    "ab",
    "A",
    "AB",
    "a-b",
    "a.c",
    "abc",
    "a\nb",
    "é",
    "É",
    "😀",
    "-",
    "{",
    "a{,2}",
    "x{",
    "}",
    "]",
    "x4",
    "u{41}",
    "uu",
    "\u{0001}",
    "\\c",
    "\u{0011}",
    "\u{0000}",
    "8",
    "k",
    "p{L}",
    "q",
    "1a",
    " a",
    "\u{8}",
];
const ANSWERS: [(&str, Option<&[usize]>); 71] = [
    (r"seed", Some(&[1, 2])),
    (r"^seed$", Some(&[1])),
    (r"seed|noise", Some(&[1, 2])),
    (r"(_|\b)pos(itive|_|\b)", Some(&[4, 5])),
    (
        r"^(?!.*neg).*$",
        Some(&[
            0, 1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
            31, 32, 33, 34, 35, 36, 37, 38, 39,
        ]),
    ),
    (r"(?<=noise_)seed", Some(&[2])),
    (r"(?<!noise_)seed", Some(&[1])),
    (r"\bA\B", Some(&[12])),
    (
        r"[^a-z]",
        Some(&[
            2, 3, 5, 6, 11, 12, 13, 14, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 29, 30, 31, 32, 33, 35, 37, 38,
            39,
        ]),
    ),
    (r"[\w-]+$", Some(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 20, 26, 28, 30, 33, 34, 36, 37, 38])),
    (r"[a-\d]", Some(&[5, 6, 7, 8, 9, 10, 13, 14, 15, 16, 20, 22, 26, 27, 33, 37, 38])),
    (r"[]", Some(&[])),
    (
        r"[^]",
        Some(&[
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
            30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
        ]),
    ),
    (r"a{2}", Some(&[8, 9])),
    (r"a{2,}b", Some(&[9])),
    (r"a{,2}", Some(&[22])),
    (r"x{", Some(&[23])),
    (r"{1}", None),
    (r"}", Some(&[22, 24, 27, 35])),
    (r"]", Some(&[25])),
    (r"*", None),
    (r"a**", None),
    (r"(", None),
    (r"(?:a", None),
    (r")", None),
    (r"[z-a]", None),
    (r"a{2,1}", None),
    (r"\", None),
    (r"[", None),
    (r"(?<n>a)", Some(&[6, 7, 8, 9, 10, 13, 14, 15, 16, 22, 37, 38])),
    (r"(?<1>a)", None),
    (r"(?", None),
    (r"^*", None),
    (r"\b+", None),
    (
        r"(?=a)*",
        Some(&[
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
            29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
        ]),
    ),
    (r"(?<=a)*", None),
    (r"\x41", Some(&[11, 12])),
    (r"\x4", Some(&[26])),
    (r"\u0041", Some(&[11, 12])),
    (r"\u{41}", Some(&[])),
    (r"\cA", Some(&[29])),
    (r"\c", Some(&[30])),
    (r"[\c1]", Some(&[31])),
    (r"\0", Some(&[32])),
    (r"\101", Some(&[11, 12])),
    (r"\8", Some(&[33])),
    (r"\k", Some(&[34])),
    (r"\p{L}", Some(&[35])),
    (r"\q", Some(&[36])),
    (
        r".",
        Some(&[
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
            30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
        ]),
    ),
    (r"^.$", Some(&[7, 11, 17, 18, 20, 21, 24, 25, 29, 31, 32, 33, 34, 36, 39])),
    (r"(?i:SEED)", Some(&[1, 2, 3])),
    (r"(?i:é)", Some(&[17, 18])),
    (r"(?s:^.$)", Some(&[7, 11, 17, 18, 20, 21, 24, 25, 29, 31, 32, 33, 34, 36, 39])),
    (r"(?m:^b$)", Some(&[16])),
    (r"(?-:a)", None),
    (r"(?ii:a)", None),
    (r"\d\D", Some(&[22, 27, 37])),
    (r"\s\S", Some(&[6, 16, 38])),
    (r"é", Some(&[17])),
    (r"^a|b$", Some(&[7, 8, 9, 10, 13, 14, 15, 16, 22])),
    (
        r"a||b",
        Some(&[
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
            29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
        ]),
    ),
    (
        r"(?:)",
        Some(&[
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
            29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
        ]),
    ),
    (
        r"()",
        Some(&[
            0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
            29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
        ]),
    ),
    (r"(a+)+$", Some(&[7, 8, 37, 38])),
    (r"(a|aa)+$", Some(&[7, 8, 37, 38])),
    (r"a.c", Some(&[14, 15])),
    (r"a\.c", Some(&[14])),
    (
        r"(?i:[^A-C])",
        Some(&[
            1, 2, 3, 4, 5, 6, 13, 14, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35,
            36, 37, 38, 39,
        ]),
    ),
    (r"[\b]", Some(&[39])),
    (r"\ca", Some(&[29])),
];

fn is_match(pattern: &str, text: &str) -> Result<bool, TooMuchWork> {
    Regex::new(pattern).expect("a pattern").is_match(text, &mut Budget(1 << 40))
}

/// The texts that each pattern matches, by `new RegExp(pattern).test(text)`; `None` where that throws.
#[test]
fn patterns_match_what_they_match_in_javascript() {
    for (pattern, wanted) in ANSWERS {
        match (Regex::new(pattern), wanted) {
            (Err(error), None) => assert_eq!(error, Refused::Invalid, "{pattern}"),
            (Ok(_), Some(wanted)) => {
                let found: Vec<usize> =
                    (0..TEXTS.len()).filter(|at| is_match(pattern, TEXTS[*at]) == Ok(true)).collect();
                assert_eq!(found, wanted, "{pattern}");
            }
            (Ok(_), None) => panic!("{pattern} is valid here"),
            (Err(error), Some(_)) => panic!("{pattern}: {error:?}"),
        }
    }
}

#[test]
fn what_no_automaton_follows_is_refused_with_a_reason() {
    let deep = "(".repeat(5000) + &")".repeat(5000);
    let long = "a".repeat(100_000);
    for pattern in [r"(a)\1", r"(?<n>a)\k<n>", "(((a{1000}){1000}){1000})", "(?:){4000000000}", &deep, &long] {
        assert!(matches!(Regex::new(pattern), Err(Refused::Unsupported(_))), "{:.50}", pattern);
    }
}

#[test]
fn growth_with_the_text_is_linear() {
    for pattern in ["(a+)+$", "(a|aa)+$", "(.*)*x", "^(?:a?){50}a{50}$", "(?=(a+)+b)", "(?<=(a|b)*c)a", "(?:(?!b).)*c"]
    {
        work::assert_linear(pattern, 2000, &|size| assert!(is_match(pattern, &"a".repeat(size)).is_ok()));
    }
}

#[test]
fn growth_with_the_pattern_is_linear() {
    type Part = (&'static str, &'static str);
    let parts: [Part; 4] = [("a?", "a*"), ("(?:", "a)+"), ("(?=a", ")"), ("[a-c]|", "")];
    for (first, last) in parts {
        work::assert_linear(first, 20, &|size| {
            let pattern = first.repeat(size) + &last.repeat(size);
            assert!(is_match(&pattern, &"a".repeat(200)).is_ok());
        });
    }
}

#[test]
fn work_has_a_limit() {
    let regex = Regex::new("(a|b|c)*d").expect("a pattern");
    let mut budget = Budget(100_000);
    assert_eq!(regex.is_match(&"abc".repeat(100_000), &mut budget), Err(TooMuchWork));
    assert_eq!(regex.is_match("d", &mut budget), Err(TooMuchWork), "nothing is left");
}
