//! Reads JavaScript's regular expressions (ECMA-262, 22.2.1 and Annex B.1.2, without the `u` flag).

mod characters;

use super::set::{LINE_END, Set};
use super::syntax::{Assertion, Member, Part, Refused};

/// Groups in groups that are followed.
const MAX_DEPTH: usize = 100;

pub(super) fn parse(pattern: &[u16]) -> Result<Part, Refused> {
    let (groups, has_names) = groups(pattern);
    let mut parser =
        Parser { rest: pattern, groups, has_names, names: Vec::new(), fold: false, lines: false, all: false };
    let part = parser.either(0)?;
    // A closing bracket that nothing opens.
    if parser.rest.is_empty() { Ok(part) } else { Err(Refused::Invalid) }
}

/// How many groups capture, and whether any has a name.
fn groups(pattern: &[u16]) -> (u32, bool) {
    let (mut groups, mut has_names, mut in_class, mut at) = (0, false, false, 0);
    let is = |at: usize, letter: u8| pattern.get(at) == Some(&u16::from(letter));
    while at < pattern.len() {
        if is(at, b'\\') {
            at += 1;
        } else if is(at, b'[') {
            in_class = true;
        } else if is(at, b']') {
            in_class = false;
        } else if is(at, b'(') && !in_class {
            let has_name = is(at + 1, b'?') && is(at + 2, b'<') && !is(at + 3, b'=') && !is(at + 3, b'!');
            has_names |= has_name;
            groups += u32::from(has_name || !is(at + 1, b'?'));
        }
        at += 1;
    }
    (groups, has_names)
}

struct Parser<'p> {
    rest: &'p [u16],
    groups: u32,
    has_names: bool,
    names: Vec<Vec<u16>>,
    /// The modifiers `i`, `m` and `s`.
    fold: bool,
    lines: bool,
    all: bool,
}

impl<'p> Parser<'p> {
    fn peek(&self) -> Option<u8> {
        // Everything that means something is ASCII.
        self.rest.first().map(|unit| u8::try_from(*unit).unwrap_or(0xff))
    }

    fn take(&mut self) -> Option<u16> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn eat(&mut self, text: &[u8]) -> bool {
        let is_next = self.rest.len() >= text.len() && text.iter().zip(self.rest).all(|(a, b)| u16::from(*a) == *b);
        if is_next {
            self.rest = &self.rest[text.len()..];
        }
        is_next
    }

    fn either(&mut self, depth: usize) -> Result<Part, Refused> {
        if depth > MAX_DEPTH {
            return Err(Refused::Unsupported("its groups are nested too deeply"));
        }
        let mut branches = vec![self.sequence(depth)?];
        while self.eat(b"|") {
            branches.push(self.sequence(depth)?);
        }
        Ok(if branches.len() == 1 { branches.remove(0) } else { Part::Either(branches) })
    }

    fn sequence(&mut self, depth: usize) -> Result<Part, Refused> {
        let mut parts = Vec::new();
        while let Some(next) = self.peek().filter(|next| !matches!(next, b'|' | b')')) {
            let (part, repeats) = self.term(next, depth)?;
            parts.push(if repeats { self.repeated(part)? } else { part });
        }
        Ok(Part::Sequence(parts))
    }

    /// A part and whether it may be repeated.
    fn term(&mut self, next: u8, depth: usize) -> Result<(Part, bool), Refused> {
        let assert = |assertion| Ok((Part::Assert(assertion), false));
        match next {
            b'*' | b'+' | b'?' => return Err(Refused::Invalid),
            b'{' if self.limits()?.is_some() => return Err(Refused::Invalid),
            b'(' => {
                self.take();
                return self.group(depth);
            }
            b'[' => {
                self.take();
                return Ok((self.class()?, true));
            }
            _ => {}
        }
        let unit = self.take().unwrap_or_default();
        match next {
            b'^' => assert(Assertion::Start(self.lines)),
            b'$' => assert(Assertion::End(self.lines)),
            b'.' => {
                let mut set = Set::default();
                set.add_others(if self.all { &[] } else { &LINE_END });
                Ok((Part::Set(set), true))
            }
            b'\\' if self.eat(b"b") => assert(Assertion::Boundary(false)),
            b'\\' if self.eat(b"B") => assert(Assertion::Boundary(true)),
            b'\\' => {
                let mut set = self.new_set();
                if let Member::Unit(unit) = self.escape(&mut set, false)? {
                    set.ranges.push((unit, unit));
                }
                Ok((Part::Set(set), true))
            }
            _ => {
                let mut set = self.new_set();
                set.ranges.push((unit, unit));
                Ok((Part::Set(set), true))
            }
        }
    }

    fn new_set(&self) -> Set {
        Set { fold: self.fold, ..Set::default() }
    }

    fn repeated(&mut self, part: Part) -> Result<Part, Refused> {
        let limits = match self.peek() {
            Some(b'*') => (0, None),
            Some(b'+') => (1, None),
            Some(b'?') => (0, Some(1)),
            Some(b'{') => match self.limits()? {
                Some(limits) => {
                    self.eat(b"?");
                    return Ok(Part::Repeat(Box::new(part), limits.0, limits.1));
                }
                None => return Ok(part),
            },
            _ => return Ok(part),
        };
        self.take();
        self.eat(b"?");
        Ok(Part::Repeat(Box::new(part), limits.0, limits.1))
    }

    /// `{2}`, `{2,}` or `{2,3}`; anything else in braces is text, and is left where it is.
    fn limits(&mut self) -> Result<Option<(u32, Option<u32>)>, Refused> {
        let before = self.rest;
        self.take();
        let min = self.number();
        let max = if self.eat(b",") { self.number() } else { min };
        let is_open = max.is_none();
        if let (Some(min), true) = (min, self.eat(b"}")) {
            return match max {
                Some(max) if max < min => Err(Refused::Invalid),
                max => Ok(Some((min, if is_open { None } else { max }))),
            };
        }
        self.rest = before;
        Ok(None)
    }

    fn number(&mut self) -> Option<u32> {
        let mut number = None;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            self.take();
            number = Some(number.unwrap_or(0u32).saturating_mul(10).saturating_add(u32::from(digit - b'0')));
        }
        number
    }

    fn group(&mut self, depth: usize) -> Result<(Part, bool), Refused> {
        let flags = (self.fold, self.lines, self.all);
        // Whether it looks ahead and whether it must not match.
        let mut look = None;
        if self.eat(b"?") {
            if self.eat(b"=") {
                look = Some((true, false));
            } else if self.eat(b"!") {
                look = Some((true, true));
            } else if self.eat(b"<=") {
                look = Some((false, false));
            } else if self.eat(b"<!") {
                look = Some((false, true));
            } else if self.eat(b"<") {
                self.name()?;
            } else {
                self.modifiers()?;
            }
        }
        let inner = self.either(depth + 1)?;
        if !self.eat(b")") {
            return Err(Refused::Invalid);
        }
        (self.fold, self.lines, self.all) = flags;
        Ok(match look {
            None => (inner, true),
            Some((ahead, negative)) => (Part::Look { ahead, negative, inner: Box::new(inner) }, ahead),
        })
    }

    /// The name of a group, up to its `>`.
    fn name(&mut self) -> Result<(), Refused> {
        let end = self.rest.iter().position(|unit| *unit == u16::from(b'>')).ok_or(Refused::Invalid)?;
        let (name, rest) = self.rest.split_at(end);
        self.rest = &rest[1..];
        let mut is_first = true;
        for unit in name {
            // Which letters beyond ASCII make a name does not matter.
            let is_letter = match u8::try_from(*unit).unwrap_or(b'a') {
                b'\\' => return Err(Refused::Unsupported("a group has an escape in its name")),
                b'_' | b'$' | 0x80.. => true,
                letter => letter.is_ascii_alphabetic() || (letter.is_ascii_digit() && !is_first),
            };
            if !is_letter {
                return Err(Refused::Invalid);
            }
            is_first = false;
        }
        if is_first {
            return Err(Refused::Invalid);
        }
        if self.names.iter().any(|other| other == name) {
            return Err(Refused::Unsupported("two groups have the same name"));
        }
        self.names.push(name.to_vec());
        Ok(())
    }

    /// `i-ms:`, or just `:`.
    fn modifiers(&mut self) -> Result<(), Refused> {
        let (mut on, mut seen, mut count) = (true, 0u8, 0);
        loop {
            let flag = match self.take().map(|unit| u8::try_from(unit).unwrap_or(0)) {
                Some(b':') if on || count > 0 => return Ok(()),
                Some(b'-') if on => {
                    on = false;
                    continue;
                }
                Some(b'i') => {
                    self.fold = on;
                    1
                }
                Some(b'm') => {
                    self.lines = on;
                    2
                }
                Some(b's') => {
                    self.all = on;
                    4
                }
                _ => return Err(Refused::Invalid),
            };
            if seen & flag != 0 {
                return Err(Refused::Invalid);
            }
            seen |= flag;
            count += 1;
        }
    }
}
