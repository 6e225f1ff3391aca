//! Fuzzes readers, frames, answers and conversion: `npm run fuzz -- --minutes N [--seed S]`. `--replay FILE` gives one saved
//! input to its target. See tests/fuzz.

#[path = "../tests/fuzz/mod.rs"]
mod fuzz;

use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option =
        |name: &str| arguments.iter().position(|argument| argument == name).and_then(|at| arguments.get(at + 1));
    if let Some(file) = option("--replay") {
        return match fuzz::replay(file.as_ref()) {
            Some(time) => {
                println!("{:.1} ms", time.as_secs_f64() * 1e3);
                ExitCode::SUCCESS
            }
            None => usage(),
        };
    }
    let (minutes, seed) = (option("--minutes"), option("--seed"));
    let expected = 2 * (usize::from(minutes.is_some()) + usize::from(seed.is_some()));
    let minutes = minutes.map_or(Some(1.0), |text| text.parse::<f64>().ok()).filter(|minutes| *minutes > 0.0);
    let seed = seed.map_or(Some(1), |text| text.parse().ok());
    let (Some(minutes), Some(seed), true) = (minutes, seed, arguments.len() == expected) else { return usage() };
    // Panics are counted and listed at the end.
    std::panic::set_hook(Box::new(|_| {}));
    let findings = fuzz::run(seed, Duration::from_secs_f64(minutes * 60.0));
    let mut failed = 0;
    for found in &findings {
        println!("{found}");
        failed += found.panics.len() + found.slow.len();
    }
    let inputs: u64 = findings.iter().map(|found| found.inputs).sum();
    println!("{inputs} inputs, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn usage() -> ExitCode {
    eprintln!("usage: fuzz [--minutes N] [--seed S] | --replay FILE");
    ExitCode::from(2)
}
