//! Numbers as text.

/// Above this a double has no fraction.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// A number as JavaScript writes it: the fewest digits that read back as the same number; `nan` for what is none.
pub fn shortest(value: f64) -> String {
    if value.is_finite() { javascript(value) } else { "nan".to_owned() }
}

/// In the wasm the engine writes it: ryu-js would bring its tables a second time.
#[cfg(target_arch = "wasm32")]
fn javascript(value: f64) -> String {
    #[wasm_bindgen::prelude::wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_name = String)]
        fn string(value: f64) -> String;
    }
    string(value)
}

#[cfg(not(target_arch = "wasm32"))]
fn javascript(value: f64) -> String {
    ryu_js::Buffer::new().format_finite(value).to_owned()
}

/// A number that is not negative, with so many decimals. A half in the last one goes to the even digit.
pub fn decimals(value: f64, precision: usize) -> String {
    let factor = 10u64.pow(precision as u32);
    let scaled = (value * factor as f64).round_ties_even();
    if scaled.is_nan() || scaled >= WHOLE { shortest(value) } else { with_point(scaled as u64, precision) }
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
            // Two numbers of as many digits are equally near: the even digit is JavaScript's.
            (2_476_993_887_052_337.0 / 4.0, "619248471763084.2"),
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
}
