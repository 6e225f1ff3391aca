//! Classes in brackets and escapes.

use super::Parser;
use crate::workflow::packs::use_everywhere::regex::set::{DIGIT, SPACE, Set, WORD};
use crate::workflow::packs::use_everywhere::regex::syntax::{Member, Part, Refused};

const BACK_REFERENCE: &str = "it refers back to a group";

impl Parser<'_> {
    pub(super) fn class(&mut self) -> Result<Part, Refused> {
        let mut set = self.new_set();
        set.negative = self.eat(b"^");
        while !self.eat(b"]") {
            let first = self.member(&mut set)?;
            let is_range = self.rest.first() == Some(&u16::from(b'-')) && self.rest.get(1) != Some(&u16::from(b']'));
            if !is_range {
                if let Member::Unit(unit) = first {
                    set.ranges.push((unit, unit));
                }
                continue;
            }
            self.take();
            match (first, self.member(&mut set)?) {
                (Member::Unit(first), Member::Unit(last)) if first > last => return Err(Refused::Invalid),
                (Member::Unit(first), Member::Unit(last)) => set.ranges.push((first, last)),
                // With `\d` at either end the hyphen stands for itself.
                (first, last) => {
                    for member in [first, Member::Unit(u16::from(b'-')), last] {
                        if let Member::Unit(unit) = member {
                            set.ranges.push((unit, unit));
                        }
                    }
                }
            }
        }
        Ok(Part::Set(set))
    }

    fn member(&mut self, set: &mut Set) -> Result<Member, Refused> {
        match self.take() {
            None => Err(Refused::Invalid),
            Some(0x5c) if self.eat(b"b") => Ok(Member::Unit(0x08)),
            Some(0x5c) => self.escape(set, true),
            Some(unit) => Ok(Member::Unit(unit)),
        }
    }

    /// What stands behind a backslash.
    pub(super) fn escape(&mut self, set: &mut Set, in_class: bool) -> Result<Member, Refused> {
        let before = self.rest;
        let Some(unit) = self.take() else { return Err(Refused::Invalid) };
        let letter = u8::try_from(unit).unwrap_or(0xff);
        let mut ranges = |ranges: &[(u16, u16)], others: bool| {
            if others {
                set.add_others(ranges)
            } else {
                set.ranges.extend_from_slice(ranges)
            }
            Ok(Member::Ranges)
        };
        let code = match letter {
            b'd' | b'D' => return ranges(&DIGIT, letter == b'D'),
            b's' | b'S' => return ranges(&SPACE, letter == b'S'),
            b'w' | b'W' => return ranges(&WORD, letter == b'W'),
            b't' => 0x09,
            b'n' => 0x0a,
            b'v' => 0x0b,
            b'f' => 0x0c,
            b'r' => 0x0d,
            b'c' => match self.peek() {
                Some(next) if next.is_ascii_alphabetic() || (in_class && (next.is_ascii_digit() || next == b'_')) => {
                    self.take();
                    u16::from(next % 32)
                }
                _ => {
                    // The backslash stands for itself.
                    self.rest = before;
                    0x5c
                }
            },
            b'k' if self.has_names => {
                return Err(if in_class { Refused::Invalid } else { Refused::Unsupported(BACK_REFERENCE) });
            }
            b'0'..=b'9' => {
                self.rest = before;
                let number = self.number().unwrap_or(0);
                if !in_class && number > 0 && letter != b'0' && number <= self.groups {
                    return Err(Refused::Unsupported(BACK_REFERENCE));
                }
                self.rest = before;
                self.octal()
            }
            b'x' => self.hex(2).unwrap_or(unit),
            b'u' => self.hex(4).unwrap_or(unit),
            _ => unit,
        };
        Ok(Member::Unit(code))
    }

    /// A code unit of up to three octal digits; 8 and 9 stand for themselves.
    fn octal(&mut self) -> u16 {
        let mut code = 0;
        let most = if matches!(self.peek(), Some(b'0'..=b'3')) { 3 } else { 2 };
        for at in 0..most {
            match self.peek() {
                Some(digit @ b'0'..=b'7') => code = code * 8 + u16::from(digit - b'0'),
                Some(digit) if at == 0 => code = u16::from(digit),
                _ => break,
            }
            self.take();
            if code >= u16::from(b'8') && at == 0 {
                break;
            }
        }
        code
    }

    fn hex(&mut self, digits: usize) -> Option<u16> {
        let mut code = 0;
        for unit in self.rest.get(..digits)? {
            code = code * 16 + char::from_u32(u32::from(*unit))?.to_digit(16)?;
        }
        self.rest = &self.rest[digits..];
        u16::try_from(code).ok()
    }
}
