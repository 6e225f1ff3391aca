//! Dynamic prompts (rule P4): a STRING with `dynamicPrompts` loses comments (`/* … */`, `// …` to the end of the line), and
//! one of the alternatives in `{a|b}` takes the place of the braces, also inside of each other; `\{`, `\}` and `\|` are
//! those characters themselves.

use crate::workflow::export::options::Random;

/// Deeper nesting of braces than any text has; what is inside stays as it is.
const MAX_NESTING: u32 = 100;

/// Chooses among alternatives.
pub(crate) struct Chooser {
    state: Option<u64>,
    /// The number of choices so far.
    pub choices: usize,
}

impl Chooser {
    pub fn new(random: Random) -> Self {
        Chooser {
            state: match random {
                Random::First => None,
                Random::Seeded(seed) => Some(seed),
            },
            choices: 0,
        }
    }

    /// A number below `count`.
    fn choose(&mut self, count: usize) -> usize {
        (self.bits() % count as u64) as usize
    }

    /// A number from 0 up to 1.
    pub fn fraction(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn bits(&mut self) -> u64 {
        self.choices += 1;
        let Some(state) = &mut self.state else {
            return 0;
        };
        // SplitMix64: small, and good enough to pick a word.
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = *state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }
}

/// Resolves comments and alternatives. Text without any is not copied.
pub(crate) fn resolve(text: &str, chooser: &mut Chooser) -> Option<String> {
    if !text.contains(['{', '\\', '/']) {
        return None;
    }
    Some(resolve_nested(text, chooser, 0))
}

fn resolve_nested(text: &str, chooser: &mut Chooser, depth: u32) -> String {
    let text = without_comments(text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(['\\', '{']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('\\') {
            let Some(next) = rest[1..].chars().next() else {
                // What the editor makes of a backslash at the very end.
                out.push_str("\\undefined");
                rest = "";
                break;
            };
            let taken = 1 + next.len_utf8();
            out.push_str(&rest[..taken]);
            rest = &rest[taken..];
            continue;
        }
        let (alternatives, after) = alternatives(&rest[1..]);
        let chosen = alternatives[chooser.choose(alternatives.len())];
        // The editor unescapes the chosen alternative, and then again the text around it.
        if depth < MAX_NESTING {
            out.push_str(&resolve_nested(chosen, chooser, depth + 1))
        } else {
            out.push_str(chosen)
        }
        rest = after;
    }
    out.push_str(rest);
    unescape(&out)
}

/// The alternatives of a text that follows an opening brace, and what comes after the closing one.
fn alternatives(text: &str) -> (Vec<&str>, &str) {
    let mut found = Vec::new();
    let (mut start, mut depth, mut escaped) = (0, 0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'{' => depth += 1,
            b'}' if depth > 0 => depth -= 1,
            b'}' => {
                found.push(&text[start..at]);
                return (found, &text[at + 1..]);
            }
            b'|' if depth == 0 => {
                found.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&text[start..]);
    (found, "")
}

fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // Behind the last one no comment ends: looking for it at each beginning would be quadratic.
    let last_end = text.rfind("*/");
    while let Some(at) = rest.find('/') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        if from.starts_with("//") {
            // JavaScript's `.` stops at every line terminator.
            rest = from.find(['\n', '\r', '\u{2028}', '\u{2029}']).map_or("", |end| &from[end..]);
            continue;
        }
        let begin = text.len() - from.len();
        let inside = from.strip_prefix("/*").filter(|_| last_end.is_some_and(|end| end >= begin + 2));
        match inside.and_then(|inside| inside.find("*/")) {
            Some(end) => rest = &from[end + 4..],
            None => {
                out.push('/');
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        // A backslash before anything else stays, and so does what follows it.
        if rest[1..].starts_with(['{', '}', '|']) {
            rest = &rest[1..];
            out.push_str(&rest[..1]);
            rest = &rest[1..];
        } else {
            out.push('\\');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}
