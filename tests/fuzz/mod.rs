//! A mutation fuzzer: seed inputs are changed at random and given to everything that reads what strangers send. No input
//! may panic, and none may take a second. The same seed plays the same inputs.

mod mutate;
mod seeds;
mod targets;

use std::collections::HashSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use mutate::Random;
use targets::Target;

/// An input may not take longer.
const SLOW: Duration = Duration::from_secs(1);
/// Inputs are not mutated beyond this length.
pub const LONGEST: usize = 64 << 10;
/// Limit of inputs that are kept for one target because their outcome was new.
const KEPT: usize = 500;

/// What was found in one target.
#[derive(Default)]
pub struct Findings {
    pub name: &'static str,
    pub inputs: u64,
    pub bytes: u64,
    /// Inputs with an outcome that was new, which are mutated further.
    pub outcomes: usize,
    pub slowest: Duration,
    /// Messages of panics, each once, and the file with the input.
    pub panics: Vec<(String, PathBuf)>,
    /// Inputs that took longer than they may, each time that they were tried.
    pub slow: Vec<(Duration, PathBuf)>,
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, inputs, megabytes, outcomes) = (self.name, self.inputs, self.bytes as f64 / 1e6, self.outcomes);
        let slowest = self.slowest.as_secs_f64() * 1e3;
        let (panics, slow) = (self.panics.len(), self.slow.len());
        write!(
            f,
            "{name:12} {inputs:>9} inputs {megabytes:>8.1} MB {outcomes:>5} outcomes  slowest {slowest:>7.1} ms  \
             {panics} panics  {slow} over a second"
        )?;
        for (message, file) in &self.panics {
            write!(f, "\n  panic: {message}\n    input: {}", file.display())?;
        }
        for (time, file) in &self.slow {
            write!(f, "\n  {:.1} s\n    input: {}", time.as_secs_f64(), file.display())?;
        }
        Ok(())
    }
}

/// Runs all targets, each for its part of the time.
pub fn run(seed: u64, time: Duration) -> Vec<Findings> {
    let targets = targets::all();
    let share = time / targets.len() as u32;
    targets.iter().map(|target| fuzz(target, seed, share)).collect()
}

/// Gives a saved input to its target, whose name its file name begins with.
#[allow(dead_code, reason = "the example uses it, the test does not")]
pub fn replay(file: &std::path::Path) -> Option<Duration> {
    let name = file.file_name()?.to_str()?;
    let targets = targets::all();
    let target = targets.iter().find(|target| name.starts_with(target.name))?;
    let bytes = std::fs::read(file).ok()?;
    let began = Instant::now();
    (target.read)(&bytes);
    Some(began.elapsed())
}

fn fuzz(target: &Target, seed: u64, time: Duration) -> Findings {
    let mut findings = Findings { name: target.name, ..Findings::default() };
    let mut random = Random::new(seed);
    let mut corpus = target.seeds.clone();
    let mut known = HashSet::new();
    let began = Instant::now();
    let mut next = 0;
    while began.elapsed() < time {
        // Each seed as it is first.
        let mut input = match corpus.get(next) {
            Some(input) if next < target.seeds.len() => input.clone(),
            _ => mutate::mutate(&corpus, target.is_text, &mut random),
        };
        next += 1;
        input.truncate(LONGEST);
        findings.inputs += 1;
        findings.bytes += input.len() as u64;
        let started = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| (target.read)(&input))) {
            Ok(outcome) => {
                if corpus.len() < target.seeds.len() + KEPT && known.insert(outcome) {
                    corpus.push(input.clone());
                }
            }
            Err(panic) => {
                let message = panic.downcast_ref::<String>().map(String::as_str);
                let message = message.or(panic.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_owned();
                if findings.panics.iter().all(|(known, _)| *known != message) {
                    findings.panics.push((message, save(target, &input)));
                }
            }
        }
        let mut took = started.elapsed();
        if took > SLOW {
            // The machine may have been busy: it is slow only if it is slow each time.
            for _ in 0..3 {
                let again = Instant::now();
                let _ = catch_unwind(AssertUnwindSafe(|| (target.read)(&input)));
                took = took.min(again.elapsed());
            }
            if took > SLOW {
                findings.slow.push((took, save(target, &input)));
            }
        }
        findings.slowest = findings.slowest.max(took);
    }
    findings.outcomes = known.len();
    findings
}

/// Writes an input to target/fuzz.
fn save(target: &Target, input: &[u8]) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/fuzz");
    let sum = input
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    let file = folder.join(format!("{}-{sum:016x}", target.name));
    let _ = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, input));
    file
}
