//! Number texts. Numbers stay text, so that large integers keep their digits; a value is only made for arithmetic.

/// The value of a JSON number. Exact for up to 15 digits and powers of ten up to 22, which is more than steps, limits and
/// queue numbers have; `f64::from_str` would add 15 kB of tables to the wasm.
pub fn to_f64(digits: &str) -> f64 {
    let (negative, digits) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits),
    };
    let (mut value, mut power) = (0.0f64, 0i32);
    let mut bytes = digits.bytes();
    let mut in_fraction = false;
    for byte in bytes.by_ref() {
        match byte {
            b'0'..=b'9' => {
                value = value * 10.0 + f64::from(byte - b'0');
                power -= i32::from(in_fraction);
            }
            b'.' => in_fraction = true,
            _ => break,
        }
    }
    let mut exponent = 0i32;
    let mut down = false;
    for byte in bytes {
        match byte {
            b'-' => down = true,
            b'0'..=b'9' => exponent = exponent.saturating_mul(10).saturating_add(i32::from(byte - b'0')),
            _ => {}
        }
    }
    power = power.saturating_add(if down { -exponent } else { exponent });
    let mut scale = 1.0f64;
    for _ in 0..power.unsigned_abs().min(400) {
        scale *= 10.0;
    }
    value = if power < 0 { value / scale } else { value * scale };
    if negative { -value } else { value }
}

/// Whether a text is a number in JSON's grammar.
pub fn is_number(word: &str) -> bool {
    let bytes = word.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    let mut at = usize::from(is(0, b"-"));
    let whole = digits(at);
    if whole == 0 || (whole > 1 && is(at, b"0")) {
        return false;
    }
    at += whole;
    if is(at, b".") {
        let fraction = digits(at + 1);
        if fraction == 0 {
            return false;
        }
        at += 1 + fraction;
    }
    if is(at, b"eE") {
        at += 1 + usize::from(is(at + 1, b"+-"));
        let exponent = digits(at);
        if exponent == 0 {
            return false;
        }
        at += exponent;
    }
    at == bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_have_their_value() {
        for text in ["0", "-0.5", "0.1", "2048", "1e21", "12.5e-3", "9007199254740991", "-1e+2", "0.001"] {
            assert_eq!(to_f64(text), text.parse::<f64>().unwrap(), "{text}");
        }
        assert_eq!((to_f64("1e999"), to_f64("-1e-999")), (f64::INFINITY, 0.0));
    }

    #[test]
    fn numbers_are_told_from_other_words() {
        for text in ["0", "-0", "10.50", "1e5", "1E+05", "-1.5e-3"] {
            assert!(is_number(text), "{text}");
        }
        for text in ["", "-", "01", ".5", "1.", "1e", "1e+", "+1", "0x1", "1_0", "Infinity"] {
            assert!(!is_number(text), "{text}");
        }
    }
}
