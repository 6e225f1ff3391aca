//! Seeded stories of faults, played in virtual time. `SEED=n` plays one of them and prints everything that happens;
//! `SEEDS=n` plays that many. `npm run simulate -- --seeds n` does the same without the tests around it.

#[path = "simulation/mod.rs"]
mod simulation;

use simulation::scenario::Dialect;
use simulation::{Tally, play, play_many, recorded, story};

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn every_story_ends_once_and_right() {
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

#[test]
fn the_stories_reach_every_way_to_end() {
    let (tally, _) = play_many(0, 1_500);
    for end in [
        "completed by frame",
        "completed by history",
        "error by frame",
        "error by history",
        "error by vanished",
        "error by refused",
        "interrupted by frame",
        "interrupted by history",
        "abandoned",
    ] {
        assert!(tally.ends.contains_key(end), "nothing ends as {end}: {tally}");
    }
}

#[test]
fn the_model_server_sends_what_recorded_servers_sent() {
    let dialect = |preview_metadata: bool| Dialect {
        snapshots: true,
        mints_ids: false,
        previews: true,
        preview_metadata,
        bare_progress: false,
        null_status: false,
        broadcasts: false,
        jobs_route: true,
        unreadable_until: 0.0,
    };
    for (recording, preview_metadata) in [
        ("0.3.64/normal", false),
        ("0.33.0/normal", false),
        ("0.33.0/normal_features", true),
        ("0.33.0/cached", false),
        ("0.33.0/outputs_cached", false),
        ("0.33.0/error", false),
    ] {
        let frames = recorded::compare(recording, dialect(preview_metadata));
        assert!(frames > 4, "{recording} has {frames} frames");
    }
}

#[test]
fn a_seed_always_plays_the_same_story() {
    for seed in 0..40 {
        let (first, second) = (story(seed), story(seed));
        assert!(first.len() > 5, "seed {seed} tells something");
        assert_eq!(first, second, "seed {seed}");
    }
}
