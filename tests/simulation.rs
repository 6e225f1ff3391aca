//! Seeded stories of faults, played in virtual time. `SEED=n` plays one of them and prints everything that happens;
//! `SEEDS=n` plays that many. `npm run simulate -- --seeds n` does the same without the tests around it.

#[path = "simulation/mod.rs"]
mod simulation;

use simulation::{Tally, play, play_many, story};

#[test]
fn every_story_ends_once_and_right() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("SEED") {
        story(seed).iter().for_each(|line| println!("{line}"));
        play(seed, &mut Tally::default()).unwrap_or_else(|failure| panic!("{failure}"));
        return;
    }
    let (tally, failures) = play_many(0, number("SEEDS").unwrap_or(400));
    println!("{tally}");
    if let Some(failure) = failures.first() {
        panic!("{} of {} stories break a rule.\n{failure}", failures.len(), tally.seeds);
    }
}
