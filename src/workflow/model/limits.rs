//! The limits of a number's widget, and what it rounds to.

use crate::workflow::model::json::Json;
use crate::workflow::model::kind::Kind;

/// The limits of an INT or a FLOAT.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limits {
    pub float: bool,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub step: Option<f64>,
    pub round: Option<f64>,
    /// Stands for all other options, which widgets must share to have limits in common.
    others: u64,
}

/// Options that two widgets need not share.
const APART: [&str; 10] = [
    "default",
    "forceInput",
    "defaultInput",
    "control_after_generate",
    "multiline",
    "tooltip",
    "dynamicPrompts",
    "min",
    "max",
    "step",
];

impl Limits {
    /// Reads the limits of a number out of the options of its input.
    pub fn read(kind: Option<Kind>, options: &Json) -> Option<Limits> {
        let float = match kind {
            Some(Kind::Int) => false,
            Some(Kind::Float) => true,
            _ => return None,
        };
        let [min, max, step, round] = ["min", "max", "step", "round"].map(|key| options.get(key).number());
        let mut others = 0;
        for (key, value) in options.pairs() {
            if !APART.contains(&&**key) && !value.is_null() {
                let mut text = String::from(&**key);
                text.push('=');
                value.write(&mut text);
                // The order of options does not matter.
                others ^= fnv1a(&text);
            }
        }
        Some(Limits { float, min, max, step, round, others })
    }

    /// The limits of a number of which nothing is known but the type.
    pub fn of(type_name: &str) -> Option<Limits> {
        Limits::read(Kind::of(type_name), &Json::Null)
    }

    pub fn min_or_default(&self) -> f64 {
        self.min.unwrap_or(0.0)
    }

    pub fn max_or_default(&self) -> f64 {
        self.max.unwrap_or(2048.0)
    }

    /// What two widgets have in common: the overlap of their limits and the least common multiple of their steps.
    pub fn in_common(&self, other: &Limits) -> Option<Limits> {
        let low = |limits: &Limits| limits.min.unwrap_or(f64::NEG_INFINITY);
        let high = |limits: &Limits| limits.max.unwrap_or(f64::INFINITY);
        let apart = low(self) > high(other) || high(self) < low(other);
        if self.float != other.float || self.others != other.others || apart {
            return None;
        }
        let (a, b) = (self.step.unwrap_or(1.0), other.step.unwrap_or(1.0));
        Some(Limits {
            min: Some(low(self).max(low(other))),
            max: Some(high(self).min(high(other))),
            step: Some((a * b).abs() / greatest_common_divisor(a, b)),
            ..*self
        })
    }

    /// To the next step, or to the precision. `None` where a FLOAT is not rounded.
    pub fn round(&self, value: f64) -> Option<f64> {
        if self.float { self.round_float(value) } else { Some(self.round_int(value)) }
    }

    fn round_int(&self, value: f64) -> f64 {
        let step = self.step.filter(|step| *step != 0.0).unwrap_or(1.0);
        if step == 1.0 {
            return half_up(value);
        }
        let offset = remainder(self.min_or_default(), step);
        half_up((value - offset) / step) * step + offset
    }

    fn round_float(&self, value: f64) -> Option<f64> {
        let mut precision = 0;
        let mut scaled = self.step.unwrap_or(0.5);
        while scaled < 1.0 - 1e-9 && precision < 20 {
            scaled *= 10.0;
            precision += 1;
        }
        let mut power = 1.0;
        for _ in 0..precision {
            power *= 10.0;
        }
        let decimals = |value: f64| half_up(value * power) / power;
        match self.round.filter(|round| *round != 0.0) {
            Some(round) => Some(decimals(half_up(value / round) * round)),
            None if precision > 0 => Some(decimals(value)),
            None => None,
        }
    }
}

/// JavaScript's `Math.round`.
pub(crate) fn half_up(value: f64) -> f64 {
    (value + 0.5).floor()
}

/// JavaScript's `%`, near enough for limits and steps.
fn remainder(a: f64, b: f64) -> f64 {
    a - (a / b).trunc() * b
}

fn greatest_common_divisor(a: f64, b: f64) -> f64 {
    let (mut a, mut b) = (a.abs(), b.abs());
    for _ in 0..100 {
        if b <= 1e-10 {
            break;
        }
        (a, b) = (b, remainder(a, b));
    }
    if a == 0.0 { b } else { a }
}

fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
