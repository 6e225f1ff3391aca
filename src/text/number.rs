//! Numbers as text, as short as they read back. `f64`'s own `Display` would be 25 kB of wasm, with the reader's tables
//! that come with it.

/// Above this a double has no fraction.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// A number as JavaScript writes it: the fewest digits that read back as the same number; `nan` for what is none.
///
/// Below 1e-6 and from 1e21 on, where JavaScript writes an exponent, at most 15 digits are given, and the last of them
/// may be off.
pub fn shortest(value: f64) -> String {
    if !value.is_finite() {
        return "nan".to_owned();
    }
    let size = value.abs();
    let digits = if size == size.trunc() && size < WHOLE {
        (size as u64).to_string()
    } else if size < 1e-6 {
        let (digits, power) = scaled(size, true);
        digits + "e-" + &power.to_string()
    } else if size >= 1e21 {
        let (digits, power) = scaled(size, false);
        digits + "e+" + &power.to_string()
    } else {
        exact(size)
    };
    if value < 0.0 { "-".to_owned() + &digits } else { digits }
}

/// A number that is not negative, with so many decimals. A half in the last one goes to the even digit.
pub fn decimals(value: f64, precision: usize) -> String {
    let factor = 10u64.pow(precision as u32);
    let scaled = (value * factor as f64).round_ties_even();
    if scaled.is_nan() || scaled >= WHOLE { shortest(value) } else { with_point(scaled as u64, precision) }
}

/// The shortest digits of a number from 1e-6 up to 1e21: the fewest decimals whose number lies within half a step of
/// the doubles there. All in integers: the double is `mantissa * 2^exponent`, and with `n` decimals the unit of both is
/// `2^exponent / 5^n`.
fn exact(size: f64) -> String {
    let bits = size.to_bits();
    let mantissa = u128::from((bits & ((1 << 52) - 1)) | (1 << 52));
    let exponent = (bits >> 52) as i32 - 1075;
    if exponent >= 0 {
        return whole(mantissa << exponent, 1 << exponent);
    }
    let mut five = 1u128;
    for precision in 0.. {
        let scaled = mantissa * five;
        let shift = -exponent - precision;
        let digits = (scaled + ((1 << shift) >> 1)) >> shift;
        if (digits << shift).abs_diff(scaled) * 2 < five {
            return with_point(digits as u64, precision as usize);
        }
        five *= 5;
    }
    String::new()
}

/// The shortest digits of a whole number, with zeros in the place of those that another double's do not need; `step` is
/// the distance to the next double.
fn whole(number: u128, step: u128) -> String {
    let (mut best, mut ten, mut zeros) = (number, 1u128, String::new());
    loop {
        ten *= 10;
        let rounded = (number + ten / 2) / ten;
        if (rounded * ten).abs_diff(number) * 2 >= step {
            return (best as u64).to_string() + &zeros;
        }
        best = rounded;
        zeros.push('0');
    }
}

/// Digits from 1 to 10, and by which power of ten they were multiplied or divided to get there.
fn scaled(mut size: f64, small: bool) -> (String, u32) {
    let step = |size: f64, by: f64| if small { size * by } else { size / by };
    let outside = |size: f64| if small { size < 1.0 } else { size >= 10.0 };
    let mut power = 0;
    while outside(step(size, 1e21)) {
        size = step(size, 1e21);
        power += 21;
    }
    let mut ten = 1.0;
    while outside(step(size, ten)) {
        ten *= 10.0;
        power += 1;
    }
    let digits = decimals(step(size, ten), 14);
    (digits.trim_end_matches('0').trim_end_matches('.').to_owned(), power)
}

/// The digits of a whole number with a point before so many of them.
fn with_point(digits: u64, precision: usize) -> String {
    let mut text = digits.to_string();
    if precision > 0 {
        let missing = (precision + 1).saturating_sub(text.len());
        text.insert_str(0, "0".repeat(missing).as_str());
        text.insert(text.len() - precision, '.');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_written_as_javascript_writes_them() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.1, "-0.1"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1.0 / 7.0, "0.14285714285714285"),
            (4.0 / 7.0, "0.5714285714285714"),
            (1e20, "100000000000000000000"),
            (2f64.powi(60), "1152921504606847000"),
            (2f64.powi(53), "9007199254740992"),
            (123456789012345680000.0, "123456789012345680000"),
            (0.000001, "0.000001"),
            (1e-7, "1e-7"),
            (1.5e-9, "1.5e-9"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (0.5, "0.5"),
            (f64::NAN, "nan"),
        ] {
            assert_eq!(shortest(value), expected);
        }
    }

    #[test]
    fn a_half_in_the_last_decimal_goes_to_the_even_digit() {
        for (value, precision, expected) in
            [(0.5, 0, "0"), (1.5, 0, "2"), (12.25, 1, "12.2"), (0.005, 2, "0.00"), (7.0, 3, "7.000"), (0.25, 1, "0.2")]
        {
            assert_eq!(decimals(value, precision), expected);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]
        #[test]
        fn the_digits_are_those_of_the_standard_library(
            mantissa in prop_oneof![any::<u64>(), 0..1_000_000u64, Just(1u64 << 52)],
            scale in 0..=18i32,
            binary in -90..10i32,
        ) {
            for value in [mantissa as f64 / 10f64.powi(scale), mantissa as f64 * 2f64.powi(binary)] {
                if (1e-6..1e16).contains(&value) {
                    prop_assert_eq!(shortest(value), value.to_string());
                }
            }
        }

        #[test]
        fn large_and_small_numbers_are_near(value in any::<f64>()) {
            let near = shortest(value).parse::<f64>().unwrap();
            prop_assert!(value.is_nan() || near == value || ((near - value) / value).abs() < 1e-14, "{} {}", value, near);
        }
    }
}
