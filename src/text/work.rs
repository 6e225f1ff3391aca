//! A counter of work for growth tests, which check that no input costs more than linear work. Nothing in other builds.

#[cfg(test)]
thread_local! {
    static WORK: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Counts bytes that are scanned, or steps.
#[inline(always)]
pub fn count(_amount: usize) {
    #[cfg(test)]
    WORK.set(WORK.get() + _amount as u64);
}

/// The work of a call.
#[cfg(test)]
pub fn of(call: impl FnOnce()) -> u64 {
    let before = WORK.get();
    call();
    WORK.get() - before
}

/// Calls `run` with sizes `n`, `2n` and `4n` and fails where doubling the size more than doubles the work, or where the
/// work is not counted. Prints the figures (`cargo test growth -- --nocapture`).
#[cfg(test)]
pub fn assert_linear(name: &str, size: usize, run: &dyn Fn(usize)) {
    let works = [1, 2, 4].map(|times| of(|| run(size * times)));
    println!("growth {name:40} {:>12} {:>12} {:>12}", works[0], works[1], works[2]);
    assert!(works[0] > 0, "{name}: no work is counted");
    let constant = 100_000;
    for pair in works.windows(2) {
        assert!(pair[1] <= pair[0] * 5 / 2 + constant, "{name}: {works:?}");
    }
}
