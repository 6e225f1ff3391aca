//! A short part of `npm run fuzz`. `FUZZ_SECONDS` is how long it takes; `npm test` sets it to 20.

mod fuzz;

use std::time::Duration;

#[test]
fn no_mutated_input_panics_or_takes_a_second() {
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let findings = fuzz::run(1, Duration::from_secs(seconds));
    for found in &findings {
        println!("{found}");
    }
    assert!(findings.iter().all(|found| found.panics.is_empty() && found.slow.is_empty()), "see above");
    assert!(findings.iter().all(|found| found.inputs > 0));
}
