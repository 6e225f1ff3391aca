//! A server of a pool: whether it can be reached, and what it has to do.

/// A server of the pool. The caller chooses the number and never uses it again for another server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerId(pub u32);

/// What a caller sees of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It answers and can take a job.
    Ready,
    /// It has as many jobs as its limit allows.
    Busy,
    /// It could not be reached, or has not been asked yet.
    Down,
    /// It refuses the login.
    Unauthorized,
}

impl State {
    /// The name in JavaScript.
    pub fn name(self) -> &'static str {
        match self {
            State::Ready => "ready",
            State::Busy => "busy",
            State::Down => "down",
            State::Unauthorized => "unauthorized",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Health {
    Ready,
    /// Asked again at this time, in milliseconds.
    Down(f64),
    Unauthorized,
}

/// The first wait before an unreachable server is asked again, in milliseconds. It doubles with each failure.
const BACKOFF_MS: f64 = 1_000.0;
const LONGEST_BACKOFF_MS: f64 = 60_000.0;

#[derive(Debug)]
pub(super) struct Server {
    pub id: ServerId,
    pub limit: usize,
    pub health: Health,
    /// Jobs of this pool.
    pub running: usize,
    /// Prompts that run or wait there, as far as known; jobs that were started since count as one each.
    pub waiting: usize,
    /// When the server said how many prompts it has.
    pub counted_at: f64,
    /// It has been asked and has not answered.
    pub is_probed: bool,
    /// Failed requests in a row.
    pub failures: u32,
    pub reported_state: State,
}

impl Server {
    /// A server that is asked at once.
    pub fn new(id: ServerId, limit: usize, now: f64) -> Server {
        Server {
            id,
            limit,
            health: Health::Down(now),
            running: 0,
            waiting: 0,
            counted_at: f64::NEG_INFINITY,
            is_probed: false,
            failures: 0,
            reported_state: State::Down,
        }
    }

    pub fn state(&self) -> State {
        match self.health {
            Health::Ready if self.running >= self.limit => State::Busy,
            Health::Ready => State::Ready,
            Health::Down(_) => State::Down,
            Health::Unauthorized => State::Unauthorized,
        }
    }

    pub fn is_free(&self) -> bool {
        self.state() == State::Ready
    }

    /// Whether it can take jobs, now or once it is reachable again.
    pub fn is_usable(&self) -> bool {
        self.health != Health::Unauthorized
    }

    pub fn asks_again_at(&self) -> Option<f64> {
        match self.health {
            Health::Down(at) if !self.is_probed => Some(at),
            _ => None,
        }
    }

    /// `random`: 0..1. Several clients that lost one server must not return at the same moment.
    pub fn is_unreachable(&mut self, now: f64, random: f64) {
        let longest = (BACKOFF_MS * 2f64.powi(self.failures.min(16) as i32)).min(LONGEST_BACKOFF_MS);
        self.failures += 1;
        self.health = Health::Down(now + longest * (0.5 + 0.5 * random));
    }
}
