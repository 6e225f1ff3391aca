//! Plays seeded stories of faults against the run machine, as many as one likes:
//! `cargo run --example simulate -- --seeds 1000000`. `--seed S` begins at S instead of 0; `--seed S` alone plays that
//! one and prints everything that happens. The rules are those of tests/simulation.

#[path = "../tests/simulation/mod.rs"]
mod simulation;

use std::process::ExitCode;
use std::time::Instant;

use simulation::{SEED, Tally, play, play_many, story};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| -> Option<u64> {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1).and_then(|text| text.replace('_', "").parse().ok())
    };
    let known = arguments.iter().all(|text| text.parse::<u64>().is_ok() || text == "--seeds" || text == "--seed");
    if !known || arguments.len() % 2 == 1 {
        eprintln!("usage: simulate [--seeds COUNT] [--seed FIRST]");
        return ExitCode::from(2);
    }
    // A release build aborts where something panics: say which seed it was.
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        eprintln!("seed {} panics; play it alone with --seed {0}", SEED.get());
        report(panic);
    }));
    match (option("--seeds"), option("--seed")) {
        (None, Some(seed)) => tell(seed),
        (seeds, first) => many(first.unwrap_or(0), seeds.unwrap_or(20_000)),
    }
}

fn tell(seed: u64) -> ExitCode {
    story(seed).iter().for_each(|line| println!("{line}"));
    match play(seed, &mut Tally::default()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            println!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn many(first: u64, seeds: u64) -> ExitCode {
    const SHOWN: usize = 3;
    let began = Instant::now();
    let (tally, failures) = play_many(first, seeds);
    println!("{tally}");
    println!("{:.1} s", began.elapsed().as_secs_f64());
    if failures.is_empty() {
        println!("{} seeds passed, 0 failed", tally.seeds);
        return ExitCode::SUCCESS;
    }
    for failure in failures.iter().take(SHOWN) {
        println!("\n{failure}");
    }
    println!();
    for failure in failures.iter().take(40) {
        println!("seed {} breaks a rule: {}", failure.seed, failure.rule);
    }
    println!("{} seeds passed, {} failed", tally.seeds - failures.len() as u64, failures.len());
    ExitCode::FAILURE
}
