//! Seeded stories of faults, played in virtual time. `SEED=n` plays one of them and prints everything that happens;
//! `SEEDS=n` plays that many. `npm run simulate -- --seeds n` plays them on all cores.

#[path = "simulation/mod.rs"]
mod simulation;

use simulation::{Tally, play, story};

#[test]
fn every_story_ends_once_and_right() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("SEED") {
        story(seed).iter().for_each(|line| println!("{line}"));
        play(seed, &mut Tally::default()).unwrap_or_else(|failure| panic!("{failure}"));
        return;
    }
    let mut tally = Tally::default();
    for seed in 0..number("SEEDS").unwrap_or(400) {
        play(seed, &mut tally).unwrap_or_else(|failure| panic!("{failure}"));
    }
    println!("{tally}");
}
