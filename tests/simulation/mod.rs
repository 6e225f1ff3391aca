//! A deterministic simulation: the client's `session` against a model of ComfyUI and of a network, under a seeded schedule
//! of faults, in virtual time. A seed always plays the same story.
//!
//! - [`scenario`]: what a seed stands for: prompts, server, network, faults, what callers do.
//! - [`prompt`]: prompts, and what a server does and sends while it runs one.
//! - [`server`]: queue, history, sockets with their takeover rule.
//! - [`recorded`]: compares the server with recordings of real ones.
//! - [`world`]: the time line that everything happens on.
//! - [`observer`]: checks the invariants of a run at every step.

mod frames;
mod network;
mod observer;
mod prompt;
mod random;
#[cfg(test)]
pub mod recorded;
pub mod scenario;
mod server;
#[path = "../support/short_way.rs"]
mod short_way;
mod world;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The result of a batch of seeds.
#[derive(Debug, Default, Clone)]
pub struct Tally {
    pub seeds: u64,
    pub runs: u64,
    pub events: u64,
    /// Ends by kind and source, to see what the stories cover.
    pub ends: std::collections::BTreeMap<String, u64>,
    /// What happened along the way.
    pub happened: std::collections::BTreeMap<&'static str, u64>,
}

impl Tally {
    fn add(&mut self, other: &Tally) {
        self.seeds += other.seeds;
        self.runs += other.runs;
        self.events += other.events;
        other.ends.iter().for_each(|(name, count)| *self.ends.entry(name.clone()).or_default() += count);
        other.happened.iter().for_each(|(name, count)| *self.happened.entry(name).or_default() += count);
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        writeln!(f, "{} seeds, {} runs, {} events", self.seeds, self.runs, self.events)?;
        let list = |all: Vec<String>| all.join(", ");
        writeln!(f, "ends: {}", list(self.ends.iter().map(|(name, count)| format!("{count} {name}")).collect()))?;
        write!(f, "{}", list(self.happened.iter().map(|(name, count)| format!("{count} {name}")).collect()))
    }
}

/// A seed that broke a rule.
#[derive(Debug, Clone)]
pub struct Failure {
    pub seed: u64,
    pub rule: String,
    /// Everything that happened, in order.
    pub log: Vec<String>,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        const SHOWN: usize = 150;
        writeln!(f, "seed {} breaks a rule: {}", self.seed, self.rule)?;
        let skipped = self.log.len().saturating_sub(SHOWN);
        if skipped > 0 {
            writeln!(f, "  … {skipped} lines before")?;
        }
        for line in &self.log[skipped..] {
            writeln!(f, "  {line}")?;
        }
        writeln!(f, "again: SEED={} cargo test --test simulation -- --nocapture", self.seed)?;
        writeln!(f, "  or: npm run simulate -- --seed {}", self.seed)
    }
}

thread_local! {
    /// The seed that is being played, for builds that abort at a panic.
    pub static SEED: Cell<u64> = const { Cell::new(0) };
}

/// Plays many seeds on all cores, and returns those that broke a rule.
pub fn play_many(first: u64, seeds: u64) -> (Tally, Vec<Failure>) {
    const ENOUGH: usize = 1_000;
    let workers = std::thread::available_parallelism().map_or(1, |count| count.get() as u64).min(8);
    let work = |worker: u64| {
        move || {
            let (mut tally, mut failures) = (Tally::default(), Vec::new());
            for seed in (first + worker..first + seeds).step_by(workers as usize) {
                failures.extend(play(seed, &mut tally).err());
                if failures.len() >= ENOUGH {
                    break;
                }
            }
            (tally, failures)
        }
    };
    let results: Vec<(Tally, Vec<Failure>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers).map(|worker| scope.spawn(work(worker))).collect();
        threads.into_iter().map(|thread| thread.join().expect("a worker")).collect()
    });
    let (mut tally, mut failures) = (Tally::default(), Vec::new());
    for (part, failed) in results {
        tally.add(&part);
        failures.extend(failed);
    }
    failures.sort_by_key(|failure| failure.seed);
    (tally, failures)
}

/// Plays one seed.
pub fn play(seed: u64, tally: &mut Tally) -> Result<(), Failure> {
    SEED.set(seed);
    match attempt(seed, false, tally) {
        Ok(()) => Ok(()),
        // Once more, with a log.
        Err((rule, _)) => Err(match attempt(seed, true, &mut Tally::default()) {
            Err((rule, log)) => Failure { seed, rule, log },
            Ok(()) => Failure { seed, rule: format!("{rule} (but not when played again)"), log: Vec::new() },
        }),
    }
}

/// Plays one seed and returns everything that happened.
pub fn story(seed: u64) -> Vec<String> {
    let mut world = world::World::new(seed, true);
    let result = world.play();
    let mut log = std::mem::take(&mut world.log.lines);
    if let Err(rule) = result {
        log.push(format!("BROKEN: {rule}"));
    }
    log
}

fn attempt(seed: u64, log: bool, tally: &mut Tally) -> Result<(), (String, Vec<String>)> {
    let mut world = world::World::new(seed, log);
    let result = catch_unwind(AssertUnwindSafe(|| world.play()));
    world.count(tally);
    let rule = match result {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(rule)) => rule,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            format!("panic: {}", text.unwrap_or_default())
        }
    };
    Err((rule, std::mem::take(&mut world.log.lines)))
}
