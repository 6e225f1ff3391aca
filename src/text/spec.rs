//! Format specs of Python, `[[fill]align][0][width][.precision][type]`, with the types `d f % s`. The others (`e g x`,
//! signs, grouping) are not needed for progress lines and file names.

use crate::text::number::{decimals, shortest};

/// Limit of widths: larger ones are mistakes.
const WIDTH: usize = 200;
/// Limit of decimals: a double has no more significant ones.
const PRECISION: usize = 15;

/// The part of a replacement field after its colon.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spec {
    fill: Option<char>,
    /// One of `< > ^ =`.
    align: Option<char>,
    width: usize,
    precision: Option<usize>,
    kind: Option<char>,
}

impl Spec {
    /// Parses a spec. The error is a sentence for the caller.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut spec = Spec::default();
        let mut rest = text;
        let mut ahead = text.chars();
        if let (Some(fill), Some(align)) = (ahead.next(), ahead.next())
            && is_align(align)
        {
            (spec.fill, spec.align) = (Some(fill), Some(align));
            rest = ahead.as_str();
        } else {
            spec.align = take(&mut rest, is_align);
        }
        if take(&mut rest, |c| c == '0').is_some() {
            spec.fill = spec.fill.or(Some('0'));
            spec.align = spec.align.or(Some('='));
        }
        let width = number(&mut rest);
        spec.width = width.unwrap_or(0);
        if take(&mut rest, |c| c == '.').is_some() {
            spec.precision = number(&mut rest);
            if spec.precision.is_none() {
                rest = ".";
            }
        }
        spec.kind = take(&mut rest, |c| matches!(c, 'd' | 'f' | '%' | 's'));
        if !rest.is_empty() || spec.width > WIDTH || spec.precision > Some(PRECISION) {
            return Err(format!(
                "the format `{text}` is not understood; formats are like `5`, `>8`, `03d`, `.1f`, `.0%`, with a width of \
                 up to {WIDTH} and up to {PRECISION} decimals"
            ));
        }
        Ok(spec)
    }

    /// Formats a text: cut to the precision and padded to the width. Not cut where the spec is for numbers.
    pub fn text(&self, text: &str) -> String {
        match (self.kind, self.precision) {
            (None | Some('s'), Some(precision)) => {
                let end = text.char_indices().nth(precision).map_or(text.len(), |(end, _)| end);
                self.pad("", &text[..end], '<')
            }
            _ => self.word(text),
        }
    }

    /// Formats a word for a value, such as `null`: padded to the width, never cut.
    pub fn word(&self, word: &str) -> String {
        self.pad("", word, '<')
    }

    /// Formats a number; whole ones have no fraction unless the spec has decimals. Rounds half to even.
    pub fn number(&self, value: f64) -> String {
        let digits = match self.kind {
            Some('s') => return self.text(&shortest(value)),
            Some('%') => decimals(value.abs() * 100.0, self.precision.unwrap_or(6)) + "%",
            Some('d') => decimals(value.abs().trunc(), 0),
            Some(_) => decimals(value.abs(), self.precision.unwrap_or(6)),
            None => match self.precision {
                Some(precision) => decimals(value.abs(), precision),
                None => shortest(value.abs()),
            },
        };
        self.pad(if value < 0.0 { "-" } else { "" }, &digits, '>')
    }

    fn pad(&self, sign: &str, body: &str, default: char) -> String {
        let missing = self.width.saturating_sub(sign.len() + body.chars().count());
        let (before, between, after) = match self.align.unwrap_or(default) {
            '<' => (0, 0, missing),
            '^' => (missing / 2, 0, missing - missing / 2),
            '=' => (0, missing, 0),
            _ => (missing, 0, 0),
        };
        let mut padded = String::new();
        for (count, text) in [(before, sign), (between, body), (after, "")] {
            for _ in 0..count {
                padded.push(self.fill.unwrap_or(' '));
            }
            padded.push_str(text);
        }
        padded
    }
}

fn is_align(c: char) -> bool {
    matches!(c, '<' | '>' | '^' | '=')
}

fn take(rest: &mut &str, wanted: impl Fn(char) -> bool) -> Option<char> {
    let first = rest.chars().next().filter(|c| wanted(*c))?;
    *rest = &rest[first.len_utf8()..];
    Some(first)
}

fn number(rest: &mut &str) -> Option<usize> {
    let mut value: Option<usize> = None;
    while let Some(digit) = take(rest, |c| c.is_ascii_digit()) {
        value = Some(value.unwrap_or(0).saturating_mul(10).saturating_add(digit as usize - '0' as usize));
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(spec: &str, value: f64) -> String {
        Spec::parse(spec).unwrap().number(value)
    }

    fn text(spec: &str, value: &str) -> String {
        Spec::parse(spec).unwrap().text(value)
    }

    /// Every expectation was printed by CPython 3.11's `format(value, spec)`.
    #[test]
    fn numbers_are_written_as_python_writes_them() {
        for (spec, value, expected) in [
            (".0%", 0.456, "46%"),
            (".2%", 1.0, "100.00%"),
            ("%", 0.5, "50.000000%"),
            (".1f", 12.25, "12.2"),
            (".3f", 7.0004, "7.000"),
            ("f", 1.5, "1.500000"),
            ("8.3f", 3.25, "   3.250"),
            ("08.3f", -3.25, "-003.250"),
            ("5d", 42.0, "   42"),
            ("05d", -42.0, "-0042"),
            ("*^7d", 42.0, "**42***"),
            ("<5d", 42.0, "42   "),
            ("x=5d", -42.0, "-xx42"),
            (".0f", 0.5, "0"),
            (".0f", 1.5, "2"),
            (".12f", 0.1, "0.100000000000"),
        ] {
            assert_eq!(number(spec, value), expected, "{spec}");
        }
    }

    /// Python looks at the digits behind the half, which a double nearly always has: it writes 0.01.
    #[test]
    fn a_half_goes_to_the_even_digit() {
        assert_eq!(number(".2f", 0.005), "0.00");
        assert_eq!(number(".2f", 0.015), "0.02");
    }

    #[test]
    fn a_number_without_a_spec_is_as_short_as_it_reads_back() {
        assert_eq!(number("", 12.0), "12");
        assert_eq!(number("", -0.1), "-0.1");
        assert_eq!(number(">4", 5.0), "   5");
        assert_eq!(number("s", 5.0), "5");
        assert_eq!(number(".1f", 1e300), shortest(1e300));
        assert_eq!(number("", f64::NAN), "nan");
        assert_eq!(number("d", f64::INFINITY), "nan");
    }

    #[test]
    fn text_is_cut_padded_and_aligned() {
        assert_eq!(text("6", "ab"), "ab    ");
        assert_eq!(text(">6", "ab"), "    ab");
        assert_eq!(text("^6", "ab"), "  ab  ");
        assert_eq!(text("-<6", "ab"), "ab----");
        assert_eq!(text(".3", "abcdef"), "abc");
        assert_eq!(text(".3s", "äöüß"), "äöü");
        assert_eq!(text(">8.1f", "abcdef"), "  abcdef");
        assert_eq!(text("é>4s", "né"), "ééné");
    }

    #[test]
    fn a_spec_that_is_not_understood_is_shown_beside_those_that_are() {
        for spec in ["q", ".f", "999999999999999999999", ".99f", "5.1fd", "<<<", ","] {
            let error = Spec::parse(spec).unwrap_err();
            assert!(error.contains(&format!("`{spec}`")) && error.contains("`.1f`"), "{error}");
        }
    }
}
