//! The automaton of a pattern.
//!
//! A lookahead or lookbehind becomes a separate automaton, which goes through the text once and says for each position
//! whether it matches there: what is ahead is read backwards.

use super::set::{Set, is_line_end, is_word};
use super::syntax::{Assertion, Part, Refused};
use crate::workflow::packs::use_everywhere::budget::{Budget, TooMuchWork};

/// The most steps that an automaton may have.
const MAX_STEPS: usize = 20_000;

/// A pattern that can be run.
pub(super) struct Program {
    steps: Vec<Step>,
    /// Those that others look at come first.
    looks: Vec<Look>,
}

struct Look {
    steps: Vec<Step>,
    ahead: bool,
}

enum Step {
    /// Reads a code unit.
    Set(Set),
    /// Goes on at two places.
    Both(usize, usize),
    Goto(usize),
    Assert(Assertion),
    /// Goes on where the result of an automaton is not this.
    Look(usize, bool),
    Matched,
}

pub(super) fn compile(part: &Part) -> Result<Program, Refused> {
    let mut compiler = Compiler { looks: Vec::new(), work: 0 };
    let steps = compiler.program(part, false)?;
    Ok(Program { steps, looks: compiler.looks })
}

struct Compiler {
    looks: Vec<Look>,
    work: usize,
}

impl Compiler {
    fn program(&mut self, part: &Part, backwards: bool) -> Result<Vec<Step>, Refused> {
        let mut steps = Vec::new();
        self.part(part, backwards, &mut steps)?;
        steps.push(Step::Matched);
        Ok(steps)
    }

    fn part(&mut self, part: &Part, backwards: bool, steps: &mut Vec<Step>) -> Result<(), Refused> {
        // Also counts repetitions of what has no steps.
        self.work += 1;
        if self.work > MAX_STEPS {
            return Err(Refused::Unsupported("it is too long"));
        }
        match part {
            Part::Set(set) => steps.push(Step::Set(set.clone())),
            Part::Assert(assertion) => steps.push(Step::Assert(*assertion)),
            Part::Sequence(parts) => {
                for at in 0..parts.len() {
                    let at = if backwards { parts.len() - 1 - at } else { at };
                    self.part(&parts[at], backwards, steps)?;
                }
            }
            Part::Either(branches) => {
                let mut ends = Vec::new();
                for branch in branches {
                    let start = steps.len();
                    steps.push(Step::Matched);
                    self.part(branch, backwards, steps)?;
                    ends.push(steps.len());
                    steps.push(Step::Matched);
                    steps[start] = Step::Both(start + 1, steps.len());
                }
                // No branch is left: never reached from the last one's place.
                let end = steps.len() + 1;
                steps.push(Step::Set(Set::default()));
                ends.into_iter().for_each(|at| steps[at] = Step::Goto(end));
            }
            Part::Repeat(part, min, max) => {
                let mut start = 0;
                for _ in 0..*min {
                    start = steps.len();
                    self.part(part, backwards, steps)?;
                }
                match max {
                    // The last of them is what repeats.
                    None if *min > 0 => steps.push(Step::Both(start, steps.len() + 1)),
                    None => {
                        let start = steps.len();
                        steps.push(Step::Matched);
                        self.part(part, backwards, steps)?;
                        steps.push(Step::Goto(start));
                        steps[start] = Step::Both(start + 1, steps.len());
                    }
                    Some(max) => {
                        let mut starts = Vec::new();
                        for _ in *min..*max {
                            starts.push(steps.len());
                            steps.push(Step::Matched);
                            self.part(part, backwards, steps)?;
                        }
                        let end = steps.len();
                        starts.into_iter().for_each(|start| steps[start] = Step::Both(start + 1, end));
                    }
                }
            }
            Part::Look { ahead, negative, inner } => {
                let inner = self.program(inner, *ahead)?;
                steps.push(Step::Look(self.looks.len(), *negative));
                self.looks.push(Look { steps: inner, ahead: *ahead });
            }
        }
        Ok(())
    }
}

impl Program {
    pub fn is_match(&self, text: &[u16], budget: &mut Budget) -> Result<bool, TooMuchWork> {
        let mut results: Vec<Vec<bool>> = Vec::new();
        for look in &self.looks {
            budget.spend(text.len() + 1)?;
            let mut matches = vec![false; text.len() + 1];
            run(&look.steps, text, look.ahead, &results, budget, |at| {
                matches[at] = true;
                false
            })?;
            results.push(matches);
        }
        let mut found = false;
        run(&self.steps, text, false, &results, budget, |_| {
            found = true;
            true
        })?;
        Ok(found)
    }
}

/// Runs an automaton that also starts at each position. `matched` is called for each position where a match ends, and
/// says whether that is enough.
fn run(
    steps: &[Step],
    text: &[u16],
    backwards: bool,
    results: &[Vec<bool>],
    budget: &mut Budget,
    mut matched: impl FnMut(usize) -> bool,
) -> Result<(), TooMuchWork> {
    // For each step the position, counted from one, where the automaton was last there.
    let mut seen = vec![0usize; steps.len()];
    budget.spend(steps.len())?;
    // Steps to go on from, and those that read the next code unit.
    let (mut open, mut readers): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    for count in 0..=text.len() {
        let at = if backwards { text.len() - count } else { count };
        open.push(0);
        while let Some(step) = open.pop() {
            if std::mem::replace(&mut seen[step], count + 1) == count + 1 {
                continue;
            }
            budget.spend(1)?;
            match &steps[step] {
                Step::Set(_) => readers.push(step),
                Step::Both(one, other) => open.extend([*other, *one]),
                Step::Goto(next) => open.push(*next),
                Step::Assert(assertion) if holds(*assertion, text, at) => open.push(step + 1),
                Step::Look(look, negative) if results[*look][at] != *negative => open.push(step + 1),
                Step::Assert(_) | Step::Look(..) => {}
                Step::Matched => {
                    if matched(at) {
                        return Ok(());
                    }
                }
            }
        }
        let next = if backwards { at.checked_sub(1) } else { Some(at) };
        let Some(unit) = next.and_then(|at| text.get(at)) else { break };
        for step in readers.drain(..) {
            if let Step::Set(set) = &steps[step] {
                budget.spend(set.ranges.len())?;
                if set.has(*unit) {
                    open.push(step + 1);
                }
            }
        }
    }
    Ok(())
}

fn holds(assertion: Assertion, text: &[u16], at: usize) -> bool {
    let before = at.checked_sub(1).map(|at| text[at]);
    let behind = text.get(at).copied();
    match assertion {
        Assertion::Start(lines) => before.is_none_or(|unit| lines && is_line_end(unit)),
        Assertion::End(lines) => behind.is_none_or(|unit| lines && is_line_end(unit)),
        Assertion::Boundary(none) => (before.is_some_and(is_word) == behind.is_some_and(is_word)) == none,
    }
}
