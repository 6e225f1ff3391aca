//! The syntax of JavaScript's regular expressions (ECMA-262, 22.2.1 and Annex B.1.2, without the `u` flag).

/// Why a pattern is no regular expression here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// JavaScript throws a `SyntaxError`.
    Invalid,
    /// JavaScript takes it, and this module does not.
    Unsupported(&'static str),
}

/// Parts of a pattern. What it captures and which of several matches it prefers does not matter here.
pub(super) enum Part {
    Set(Set),
    Sequence(Vec<Part>),
    Either(Vec<Part>),
    /// At least so often, and at most, if there is a limit.
    Repeat(Box<Part>, u32, Option<u32>),
    Assert(Assertion),
    Look {
        ahead: bool,
        negative: bool,
        inner: Box<Part>,
    },
}

/// A condition on a position in the text.
#[derive(Clone, Copy)]
pub(super) enum Assertion {
    /// `^` and `$`; with the flag, of each line.
    Start(bool),
    End(bool),
    /// `\b`, or with the flag `\B`.
    Boundary(bool),
}

/// A set of code units.
#[derive(Clone, Default)]
pub(super) struct Set {
    pub ranges: Vec<(u16, u16)>,
    pub negative: bool,
    /// Upper and lower case are the same.
    pub fold: bool,
}

const WORD: [(u16, u16); 4] = [(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)];
const DIGIT: [(u16, u16); 1] = [(0x30, 0x39)];
const SPACE: [(u16, u16); 10] = [
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
const LINE_END: [(u16, u16); 3] = [(0x0a, 0x0a), (0x0d, 0x0d), (0x2028, 0x2029)];

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
    fn add_others(&mut self, ranges: &[(u16, u16)]) {
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

/// One member of a class in brackets.
enum Member {
    Unit(u16),
    /// `\d` and the like, which are in the set already.
    Ranges,
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

    fn class(&mut self) -> Result<Part, Refused> {
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
    fn escape(&mut self, set: &mut Set, in_class: bool) -> Result<Member, Refused> {
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

const BACK_REFERENCE: &str = "it refers back to a group";
