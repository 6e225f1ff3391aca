//! Format specs as Python has them, `[[fill]align][sign][0][width][grouping][.precision][type]`, with the types
//! `d e E f F g G % s`. The specs left out (`b c n o x X`, `#`, `z`) make no sense for progress or file names.

/// Widths and precisions past this are mistakes, and would only fill the memory.
const LIMIT: usize = 200;

/// What stands after the colon of a replacement field.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Spec {
    fill: Option<char>,
    align: Option<Align>,
    sign: Sign,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    kind: Option<char>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Align {
    Left,
    Right,
    Centre,
    AfterSign,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum Sign {
    #[default]
    OnlyMinus,
    Always,
    Space,
}

impl Spec {
    /// Reads a spec; the error is a sentence that says what was not understood.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut spec = Spec::default();
        let mut rest: &[char] = &text.chars().collect::<Vec<_>>();
        if let [fill, align, ..] = rest
            && let Some(align) = align_of(*align)
        {
            (spec.fill, spec.align) = (Some(*fill), Some(align));
            rest = &rest[2..];
        } else if let Some(align) = rest.first().and_then(|c| align_of(*c)) {
            spec.align = Some(align);
            rest = &rest[1..];
        }
        if let Some(sign) = take(&mut rest, |c| "+- ".contains(c)) {
            spec.sign = match sign {
                '+' => Sign::Always,
                ' ' => Sign::Space,
                _ => Sign::OnlyMinus,
            };
        }
        if take(&mut rest, |c| c == '0').is_some() {
            spec.fill = spec.fill.or(Some('0'));
            spec.align = spec.align.or(Some(Align::AfterSign));
        }
        spec.width = number(&mut rest, text)?.unwrap_or(0);
        spec.grouping = take(&mut rest, |c| c == ',' || c == '_');
        if take(&mut rest, |c| c == '.').is_some() {
            let Some(precision) = number(&mut rest, text)? else {
                return Err(format!("the format `{text}` has no digits after the dot"));
            };
            spec.precision = Some(precision);
        }
        spec.kind = take(&mut rest, |c| "deEfFgG%s".contains(c));
        match rest.first() {
            None => Ok(spec),
            Some(c) => Err(format!("the format `{text}` is not understood from `{c}` on; types are d e f g % s")),
        }
    }

    /// Text, cut to the precision and padded to the width. Where the spec is one for numbers, nothing is cut.
    pub fn text(&self, text: &str) -> String {
        match (self.kind, self.precision) {
            (None | Some('s'), Some(precision)) => self.pad("", text.chars().take(precision).collect(), Align::Left),
            _ => self.word(text),
        }
    }

    /// A word that stands for a value, such as `null`: padded to the width, never cut.
    pub fn word(&self, word: &str) -> String {
        self.pad("", word.to_owned(), Align::Left)
    }

    /// A number. Without a type it is written as short as it reads back, whole numbers without a fraction.
    pub fn number(&self, value: f64) -> String {
        if self.kind == Some('s') {
            return self.text(&value.to_string());
        }
        let magnitude = value.abs();
        let mut digits = if !value.is_finite() {
            if value.is_nan() { "nan".to_owned() } else { "inf".to_owned() }
        } else {
            match (self.kind, self.precision) {
                (None, None) => magnitude.to_string(),
                (Some('d'), _) => format!("{:.0}", magnitude.trunc()),
                (Some('f' | 'F'), precision) => format!("{magnitude:.*}", precision.unwrap_or(6)),
                (Some('%'), precision) => format!("{:.*}", precision.unwrap_or(6), magnitude * 100.0),
                (Some('e' | 'E'), precision) => exponential(magnitude, precision.unwrap_or(6)),
                (_, precision) => general(magnitude, precision.unwrap_or(6)),
            }
        };
        if let Some(separator) = self.grouping {
            digits = group(&digits, separator);
        }
        match self.kind {
            Some('%') => digits.push('%'),
            Some('E' | 'G') => digits.make_ascii_uppercase(),
            _ => {}
        }
        let sign = match self.sign {
            _ if value.is_sign_negative() && !value.is_nan() => "-",
            Sign::Always => "+",
            Sign::Space => " ",
            Sign::OnlyMinus => "",
        };
        self.pad(sign, digits, Align::Right)
    }

    fn pad(&self, sign: &str, body: String, default: Align) -> String {
        let missing = self.width.saturating_sub(sign.len() + body.chars().count());
        let (before, between, after) = match self.align.unwrap_or(default) {
            Align::Left => (0, 0, missing),
            Align::Right => (missing, 0, 0),
            Align::Centre => (missing / 2, 0, missing - missing / 2),
            Align::AfterSign => (0, missing, 0),
        };
        let fill = |count| std::iter::repeat_n(self.fill.unwrap_or(' '), count).collect::<String>();
        [&fill(before), sign, &fill(between), &body, &fill(after)].concat()
    }
}

fn align_of(c: char) -> Option<Align> {
    match c {
        '<' => Some(Align::Left),
        '>' => Some(Align::Right),
        '^' => Some(Align::Centre),
        '=' => Some(Align::AfterSign),
        _ => None,
    }
}

fn take(rest: &mut &[char], wanted: impl Fn(char) -> bool) -> Option<char> {
    let first = *rest.first()?;
    wanted(first).then(|| *rest = &rest[1..])?;
    Some(first)
}

fn number(rest: &mut &[char], whole: &str) -> Result<Option<usize>, String> {
    let mut value = None;
    while let Some(digit) = take(rest, |c| c.is_ascii_digit()) {
        let digit = digit as usize - '0' as usize;
        value = Some(value.unwrap_or(0usize) * 10 + digit);
        if value > Some(LIMIT) {
            return Err(format!("the format `{whole}` asks for more than {LIMIT} characters"));
        }
    }
    Ok(value)
}

/// Rust writes `1.5e1` where Python writes `1.5e+01`.
fn exponential(value: f64, precision: usize) -> String {
    let text = format!("{value:.precision$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// `g`: that many significant digits, without zeros at the end, exponential where the number is very small or large.
fn general(value: f64, precision: usize) -> String {
    let precision = precision.max(1);
    let text = exponential(value, precision - 1);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "+00"));
    let size: i32 = exponent.parse().unwrap_or(0);
    if size < -4 || size >= precision as i32 {
        return format!("{}e{exponent}", without_zeros(mantissa));
    }
    let decimals = (precision as i32 - 1 - size).max(0) as usize;
    without_zeros(&format!("{value:.decimals$}")).to_owned()
}

fn without_zeros(number: &str) -> &str {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.') } else { number }
}

fn group(number: &str, separator: char) -> String {
    let whole = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    let mut grouped = String::with_capacity(number.len() + whole / 3);
    for (index, digit) in number[..whole].char_indices() {
        if index > 0 && (whole - index) % 3 == 0 {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped + &number[whole..]
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
            (".1f", 12.35, "12.3"),
            ("f", 1.5, "1.500000"),
            ("8.3f", 3.25, "   3.250"),
            ("08.3f", -3.25, "-003.250"),
            ("+d", 7.0, "+7"),
            (" d", 7.0, " 7"),
            ("5d", 42.0, "   42"),
            ("05d", -42.0, "-0042"),
            ("*^7d", 42.0, "**42***"),
            ("<5d", 42.0, "42   "),
            ("=+5d", 42.0, "+  42"),
            (",", 1234567.0, "1,234,567"),
            ("_d", 1234.0, "1_234"),
            (",.2f", 123.0, "123.00"),
            ("e", 15.0, "1.500000e+01"),
            (".1E", 0.00012, "1.2E-04"),
            ("g", 0.0001, "0.0001"),
            ("g", 0.00001, "1e-05"),
            ("g", 1e6, "1e+06"),
            ("g", 123456.0, "123456"),
            (".3g", 0.3333333, "0.333"),
            (".2", 0.3333333, "0.33"),
        ] {
            assert_eq!(number(spec, value), expected, "{spec}");
        }
    }

    #[test]
    fn a_number_without_a_spec_is_as_short_as_it_reads_back() {
        assert_eq!(number("", 12.0), "12");
        assert_eq!(number("", 0.1), "0.1");
        assert_eq!(number(">4", 5.0), "   5");
        assert_eq!(number("s", 5.0), "5");
    }

    #[test]
    fn text_is_cut_padded_and_aligned() {
        assert_eq!(text("6", "ab"), "ab    ");
        assert_eq!(text(">6", "ab"), "    ab");
        assert_eq!(text("^6", "ab"), "  ab  ");
        assert_eq!(text("-<6", "ab"), "ab----");
        assert_eq!(text(".3", "abcdef"), "abc");
        assert_eq!(text(">8.1f", "abcdef"), "  abcdef");
        assert_eq!(text("é>4s", "né"), "ééné");
    }

    #[test]
    fn a_spec_that_is_not_understood_says_where() {
        let error = |spec| Spec::parse(spec).unwrap_err();
        assert!(error("q").contains("from `q` on"), "{}", error("q"));
        assert!(error(".f").contains("no digits after the dot"));
        assert!(error("999999999999").contains("more than 200 characters"));
        assert!(error("5.1fd").contains("from `d` on"));
    }
}
