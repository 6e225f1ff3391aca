//! Whether the server answers probes at all.

/// Limits that outlast a restart of the server or a network that is down for a while. Both have to be passed, because a
/// machine that sleeps makes no probes.
const OUT_OF_REACH_MS: f64 = 600_000.0;
const OUT_OF_REACH_PROBES: u32 = 60;

/// Probes in a row that were not answered.
#[derive(Debug, Clone)]
pub struct Reach {
    unanswered: u32,
    /// When the first of them failed.
    since: f64,
    /// A probe was not answered since `take_news` was last called.
    is_news: bool,
}

impl Default for Reach {
    fn default() -> Self {
        Reach { unanswered: 0, since: f64::INFINITY, is_news: false }
    }
}

impl Reach {
    /// The server has answered or sent a frame.
    pub fn answered(&mut self) {
        (self.unanswered, self.since) = (0, f64::INFINITY);
    }

    pub(super) fn unanswered(&mut self, now: f64) {
        self.unanswered += 1;
        self.since = self.since.min(now);
        self.is_news = true;
    }

    /// Whether a probe was not answered since the last call.
    pub fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.is_news)
    }

    /// How many probes in a row were not answered.
    pub fn unanswered_probes(&self) -> u32 {
        self.unanswered
    }

    /// Whether the server has not answered for so long that the run gives up.
    pub fn is_lost(&self, now: f64) -> bool {
        self.unanswered >= OUT_OF_REACH_PROBES && now - self.since >= OUT_OF_REACH_MS
    }
}
