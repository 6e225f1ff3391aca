//! Name patterns: `frame.###.png`, `%04d`, and tokens such as `{stem}` from the server's name.

use crate::files::name_error::NameError;
use crate::files::{kind, safe};
use crate::text::spec::Spec;
use crate::text::template::{self, Part};

const TOKENS: &str = "filename stem ext base sequence tail src_frame";

/// A pattern for names relative to a folder; it may name subfolders.
#[derive(Debug, Clone, PartialEq)]
pub struct Pattern {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq)]
enum Piece {
    Text(String),
    /// A run of `#`, or `%0Nd`: the index with at least so many digits.
    Index(usize),
    Token(&'static str, Spec),
}

impl Pattern {
    /// Reads a pattern. A pattern that leaves the folder, or that is not a valid name on every system, is refused. It
    /// is not changed, because the caller chose it.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let error = |what: &str| NameError::new(["the name pattern `", text, "` ", what].concat());
        let mut pieces = Vec::new();
        for part in template::parse(text).map_err(|what| error(&what))? {
            match part {
                Part::Literal(text) => split_indices(&text.replace('\\', "/"), &mut pieces),
                Part::Field { name, spec } => match TOKENS.split(' ').find(|token| *token == name) {
                    Some(token) => pieces.push(Piece::Token(token, spec)),
                    None => {
                        return Err(error(&format!(
                            "has the token {{{name}}}; there are only {{{}}}, and for the index runs of # or %0Nd",
                            TOKENS.replace(' ', "} {")
                        )));
                    }
                },
            }
        }
        let pattern = Self { pieces };
        // Checked with harmless values: names of the server are made safe when they are filled in.
        let sample = pattern.write(&Tokens::of("a0a.a"), 0);
        if sample.starts_with('/') || sample.as_bytes().get(1) == Some(&b':') {
            return Err(error("is an absolute path; name the folder apart from it"));
        }
        for component in sample.split('/') {
            let problem = match component {
                "" => "has an empty part between slashes, or none at all",
                "." | ".." => "steps out of its folder with `.` or `..`",
                _ if safe::is_reserved(component) => "has a part that is a device on Windows",
                _ if component.contains(|c: char| c.is_control() || safe::FORBIDDEN.contains(&c)) => {
                    "has a control character or one of < > : \" | ? *, which no file name has on Windows"
                }
                _ => continue,
            };
            return Err(error(problem));
        }
        Ok(pattern)
    }

    /// Whether every file gets the same name.
    pub fn is_constant(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, Piece::Text(_)))
    }

    /// Whether a name takes something from the server's.
    pub fn has_tokens(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Token(..)))
    }

    /// The name for a file: a relative path with `/`, each of its components safe.
    pub fn fill(&self, server_name: &str, index: i64) -> String {
        let name = self.write(&Tokens::of(&safe::component(server_name)), index);
        name.split('/').map(safe::component).collect::<Vec<_>>().join("/")
    }

    fn write(&self, tokens: &Tokens, index: i64) -> String {
        let mut name = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => name.push_str(text),
                Piece::Index(width) => {
                    let digits = index.unsigned_abs().to_string();
                    let sign = if index < 0 { "-" } else { "" };
                    name.push_str(sign);
                    for _ in digits.len() + sign.len()..*width {
                        name.push('0');
                    }
                    name.push_str(&digits);
                }
                Piece::Token(token, spec) => name.push_str(&tokens.write(token, spec)),
            }
        }
        name
    }
}

/// The place where a path begins to be a pattern: at the start of its first component with an index or a token.
pub fn starts_at(path: &str) -> Option<usize> {
    let first = path.find(['#', '{']).into_iter().chain(find_percent(path)).min()?;
    Some(path[..first].rfind(['/', '\\']).map_or(0, |slash| slash + 1))
}

/// What a server's name gives to a pattern. Its stem is `{base}{sequence}{tail}`, split around the last run of digits.
struct Tokens<'a> {
    filename: &'a str,
    stem: &'a str,
    extension: &'a str,
    sequence: std::ops::Range<usize>,
}

impl<'a> Tokens<'a> {
    fn of(filename: &'a str) -> Self {
        let (stem, extension) = kind::split(filename);
        let is_digit = |c: char| c.is_ascii_digit();
        let end = stem.rfind(is_digit).map_or(stem.len(), |last| last + 1);
        let start = stem[..end].trim_end_matches(is_digit).len();
        Self { filename, stem, extension, sequence: start..end }
    }

    fn write(&self, token: &str, spec: &Spec) -> String {
        let sequence = &self.stem[self.sequence.clone()];
        spec.text(match token {
            "filename" => self.filename,
            "stem" => self.stem,
            "ext" => self.extension,
            "base" => &self.stem[..self.sequence.start],
            "sequence" => sequence,
            "tail" => &self.stem[self.sequence.end..],
            // The number of the source frame, without zeros before it, so that `{src_frame:04d}` can set its own.
            _ => match sequence.parse::<u32>() {
                Ok(number) => return spec.number(f64::from(number)),
                Err(_) => sequence,
            },
        })
    }
}

fn split_indices(text: &str, pieces: &mut Vec<Piece>) {
    let (mut start, mut at) = (0, 0);
    while let Some(found) = text[at..].find(['#', '%']) {
        at += found;
        let rest = &text[at..];
        let hashes = rest.len() - rest.trim_start_matches('#').len();
        let index = if hashes > 0 { Some((hashes, hashes)) } else { percent(rest) };
        let Some((length, width)) = index else {
            at += 1;
            continue;
        };
        if start < at {
            pieces.push(Piece::Text(text[start..at].to_owned()));
        }
        pieces.push(Piece::Index(width.min(safe::LENGTH)));
        at += length;
        start = at;
    }
    if start < text.len() {
        pieces.push(Piece::Text(text[start..].to_owned()));
    }
}

/// The length of `%d` or `%0Nd` at the beginning of a text, and its number of digits.
fn percent(text: &str) -> Option<(usize, usize)> {
    let rest = text.strip_prefix('%')?;
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let zero_padded = digits == 0 || rest.starts_with('0');
    let width = rest[..digits].parse().unwrap_or(if digits == 0 { 1 } else { safe::LENGTH });
    (rest[digits..].starts_with('d') && zero_padded).then_some((digits + 2, width))
}

/// The offset of the first `%d` or `%0Nd`.
fn find_percent(text: &str) -> Option<usize> {
    text.match_indices('%').map(|(at, _)| at).find(|at| percent(&text[*at..]).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fill(pattern: &str, server_name: &str, index: i64) -> String {
        Pattern::parse(pattern).unwrap().fill(server_name, index)
    }

    fn error(pattern: &str) -> String {
        Pattern::parse(pattern).unwrap_err().to_string()
    }

    #[test]
    fn runs_of_hashes_and_percent_zero_n_d_are_the_index() {
        assert_eq!(fill("frame.###.png", "x.png", 7), "frame.007.png");
        assert_eq!(fill("frame.%04d.png", "x.png", 7), "frame.0007.png");
        assert_eq!(fill("#_##_%d", "x.png", 12), "12_12_12");
        assert_eq!(fill("##.png", "x.png", 1234), "1234.png");
        assert_eq!(fill("frame.####.png", "x.png", -7), "frame.-007.png");
        assert_eq!(fill("####.png", "x.png", -7), "_007.png", "no name begins with a dash");
        assert_eq!(fill("100% d %5d %s.png", "x.png", 7), "100% d %5d %s.png");
    }

    #[test]
    fn tokens_come_from_the_servers_name() {
        let name = "lab_00012_.png";
        for (pattern, expected) in [
            ("{filename}", "lab_00012_.png"),
            ("{stem}.{ext}", "lab_00012_.png"),
            ("{base}|{sequence}|{tail}", "lab_|00012|_"),
            ("{src_frame}", "12"),
            ("{src_frame:06d}.{ext}", "000012.png"),
            ("{stem:.3}-###", "lab-001"),
            ("{{stem}}", "{stem}"),
        ] {
            assert_eq!(
                Pattern::parse(&pattern.replace('|', "+")).unwrap().fill(name, 1),
                expected.replace('|', "+"),
                "{pattern}"
            );
        }
        assert_eq!(fill("{base}+{sequence}+{tail}+{src_frame}", "name.png", 0), "name+++");
        assert_eq!(
            fill("{sequence} {src_frame}", "99999999999999999999.png", 0),
            "99999999999999999999 99999999999999999999"
        );
    }

    #[test]
    fn a_name_that_looks_like_a_pattern_is_not_one() {
        assert_eq!(fill("{stem}.###", "a#b%04d{ext}.png", 3), "a#b%04d{ext}.003");
    }

    #[test]
    fn a_pattern_may_name_folders() {
        assert_eq!(fill("{base}/frame.##.png", "lab_1_.png", 3), "lab_/frame.03.png");
        assert_eq!(fill("a\\b.png", "x", 0), "a/b.png");
        assert_eq!(fill("{sequence}/x.png", "no_digits.png", 0), "_/x.png");
        assert_eq!(fill("{filename}/x.png", "..", 0), "_/x.png");
    }

    #[test]
    fn an_unknown_token_is_refused_with_the_list_of_known_ones() {
        let error = error("{name}.###.png");
        assert!(error.contains("{name}"), "{error}");
        for token in TOKENS.split(' ') {
            assert!(error.contains(&format!("{{{token}}}")), "{error}");
        }
    }

    #[test]
    fn a_pattern_that_leaves_the_folder_or_is_no_name_is_refused() {
        for (pattern, reason) in [
            ("/tmp/###.png", "absolute"),
            ("C:\\###.png", "absolute"),
            ("\\\\server\\share\\###.png", "absolute"),
            ("../###.png", "steps out"),
            ("a/../../###.png", "steps out"),
            ("a/./b.png", "steps out"),
            ("a//b.png", "empty part"),
            ("a/", "empty part"),
            ("", "empty part"),
            ("a?b.png", "no file name has"),
            ("a\n.png", "control character"),
            ("nul.png", "device"),
            ("{stem", "not closed"),
        ] {
            assert!(error(pattern).contains(reason), "{pattern}: {}", error(pattern));
        }
    }

    #[test]
    fn a_path_becomes_a_pattern_at_its_first_component_with_a_mark() {
        assert_eq!(starts_at("out/frame.###.png"), Some(4));
        assert_eq!(starts_at("/abs/{base}/%04d.png"), Some(5));
        assert_eq!(starts_at("###.png"), Some(0));
        assert_eq!(starts_at("out/100%.png"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn any_pattern_and_any_name_give_a_path_inside_of_the_folder(
            pattern in prop_oneof![
                "[a{}stemxfilnabqu_c#%04d./\\\\: ]{0,16}",
                Just("{filename}".to_owned()),
                Just("{base}/{tail}.{ext}".to_owned()),
            ],
            name in "[./\\\\: A-Za-z0-9#%{}\u{0}]{0,20}",
            index in any::<i64>(),
        ) {
            if let Ok(pattern) = Pattern::parse(&pattern) {
                let path = pattern.fill(&name, index);
                for component in path.split('/') {
                    prop_assert_eq!(component, safe::component(component));
                }
            }
        }
    }
}
