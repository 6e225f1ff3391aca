//! Sets of UTF-16 code units.

/// A set of code units.
#[derive(Clone, Default)]
pub(super) struct Set {
    pub ranges: Vec<(u16, u16)>,
    pub negative: bool,
    /// Upper and lower case are the same.
    pub fold: bool,
}

/// `\w`, `\d`, `\s`, and what `.` leaves out.
pub(super) const WORD: [(u16, u16); 4] = [(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];
pub(super) const DIGIT: [(u16, u16); 1] = [(0x30, 0x39)];
pub(super) const SPACE: [(u16, u16); 10] = [
    (0x09, 0x0d),
    (0x20, 0x20),
    (0xa0, 0xa0),
    (0x1680, 0x1680),
    (0x2000, 0x200a),
    (0x2028, 0x2029),
    (0x202f, 0x202f),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
    (0xfeff, 0xfeff),
];
pub(super) const LINE_END: [(u16, u16); 3] = [(0x0a, 0x0a), (0x0d, 0x0d), (0x2028, 0x2029)];

pub(super) fn is_line_end(unit: u16) -> bool {
    within(&LINE_END, unit)
}

pub(super) fn is_word(unit: u16) -> bool {
    within(&WORD, unit)
}

fn within(ranges: &[(u16, u16)], unit: u16) -> bool {
    ranges.iter().any(|(first, last)| (*first..=*last).contains(&unit))
}

/// The letter in lower case, where that is one code unit.
fn lower(unit: u16) -> u16 {
    let lower = char::from_u32(u32::from(unit)).map(char::to_lowercase);
    let first = lower.filter(|lower| lower.len() == 1).and_then(|mut lower| lower.next());
    first.and_then(|letter| u16::try_from(u32::from(letter)).ok()).unwrap_or(unit)
}

impl Set {
    pub fn has(&self, unit: u16) -> bool {
        let in_other_case = || {
            let lower = lower(unit);
            let same = |(first, last): &(u16, u16)| {
                (*first..=*last).contains(&lower) || (first == last && self::lower(*first) == lower)
            };
            let upper = u8::try_from(lower).map_or(lower, |letter| u16::from(letter.to_ascii_uppercase()));
            within(&self.ranges, upper) || self.ranges.iter().any(same)
        };
        (within(&self.ranges, unit) || (self.fold && in_other_case())) != self.negative
    }

    /// Adds all that is not in some ranges.
    pub fn add_others(&mut self, ranges: &[(u16, u16)]) {
        let mut next = 0;
        for (first, last) in ranges {
            if *first > next {
                self.ranges.push((next, first - 1));
            }
            next = last.saturating_add(1);
        }
        self.ranges.push((next, u16::MAX));
    }
}
