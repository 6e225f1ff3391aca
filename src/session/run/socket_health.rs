//! What a run knows of its socket: open, lost, or open but deaf.
//!
//! A deaf socket is open and silent for ever: after a dropped connection ComfyUI can unregister the socket that took
//! over (seen on 0.33.0). From here it looks like a node that takes long, so it is told by what the server says
//! elsewhere, and replacing one that was fine costs two frames.

/// The state of the socket as one run sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Socket {
    state: State,
    /// Tries in a row that did not last.
    pub attempt: u32,
    /// A socket that took over from another may be deaf.
    took_over: bool,
    /// When it last brought something that a deaf socket would not have brought, or was opened.
    spoke_at: f64,
    /// It has spoken since it was opened.
    spoke: bool,
    /// Since when the server's queue is known to have changed without a word of it.
    missed_since: Option<f64>,
    replacements: u32,
    random: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    /// This runtime has none.
    Absent,
    Connecting {
        since: f64,
    },
    Open {
        since: f64,
    },
    Closed {
        retry_at: f64,
    },
}

const FIRST_BACKOFF_MS: f64 = 250.0;
const LONGEST_BACKOFF_MS: f64 = 10_000.0;
/// A connection that lasted this long was a good one: the next loss starts from the first backoff.
const STABLE_MS: f64 = 5_000.0;
/// A socket that neither opens nor fails within this is tried anew.
const CONNECT_TIMEOUT_MS: f64 = 20_000.0;
/// A socket that was silent this long is replaced once even without a sign of deafness: a connection that a network
/// lost without a word looks just like it.
const LONG_SILENCE_MS: f64 = 60_000.0;
/// The `status` of a change of the queue may come later than the answer that shows the change, by this at most.
const STATUS_DELAY_MS: f64 = 2_000.0;
/// However short the idle timeout is, a socket that took over has this long to say something.
const SHORTEST_SUSPICION_MS: f64 = 2_000.0;

impl Socket {
    /// A socket that is being opened, or none. `took_over`: another program run may have held this client id before.
    pub fn new(has_socket: bool, took_over: bool, seed: u64, now: f64) -> Socket {
        Socket {
            state: if has_socket { State::Connecting { since: now } } else { State::Absent },
            attempt: 0,
            took_over,
            spoke_at: f64::NEG_INFINITY,
            spoke: false,
            missed_since: None,
            replacements: 0,
            // Any seed but zero; neighbouring seeds are spread.
            random: (seed ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9) | 1,
        }
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// Whether it is closed and waits for its next try.
    pub fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed { .. })
    }

    /// Whether there is none and never will be.
    pub fn is_absent(&self) -> bool {
        self.state == State::Absent
    }

    /// When to try again.
    pub fn timer(&self) -> Option<f64> {
        match self.state {
            State::Closed { retry_at } => Some(retry_at),
            State::Connecting { since } => Some(since + CONNECT_TIMEOUT_MS),
            State::Absent | State::Open { .. } => None,
        }
    }

    /// It opened.
    pub fn opened(&mut self, now: f64) {
        self.state = State::Open { since: now };
        self.spoke_at = now;
        self.spoke = false;
        self.missed_since = None;
    }

    /// It closed, or could not be opened.
    pub fn closed(&mut self, now: f64) {
        if let State::Open { since } = self.state {
            self.took_over = true;
            if now - since >= STABLE_MS {
                self.attempt = 0;
            }
        }
        self.attempt = self.attempt.saturating_add(1);
        let backoff = (FIRST_BACKOFF_MS * 2f64.powi(self.attempt.min(10) as i32 - 1)).min(LONGEST_BACKOFF_MS);
        // Between half and all of it: clients that lost one server at once must not come back at once.
        let wait = backoff * (0.5 + 0.5 * self.random());
        self.state = State::Closed { retry_at: now + wait };
    }

    /// There is none any more, and never will be.
    pub fn give_up(&mut self) {
        self.state = State::Absent;
    }

    /// It is being opened again.
    pub fn connecting(&mut self, now: f64) {
        self.state = State::Connecting { since: now };
    }

    /// It is being replaced: it is deaf, or has not come to open.
    pub fn replaced(&mut self, now: f64) {
        // One that did not come to open here may be open at the server.
        self.took_over = true;
        if self.is_open() {
            self.replacements += 1;
        } else {
            self.attempt = self.attempt.saturating_add(1);
        }
        self.state = State::Connecting { since: now };
    }

    /// It brought something that a deaf socket would not have brought.
    pub fn spoke(&mut self, now: f64) {
        self.spoke_at = self.spoke_at.max(now);
        self.spoke = true;
        self.missed_since = None;
        self.replacements = 0;
    }

    /// The server said that the prompt is alive, and that its queue has changed since `changed_since`, if it has. Every
    /// change of the queue sends a `status` to every socket. True where the socket is deaf.
    pub fn is_deaf(&mut self, now: f64, changed_since: Option<f64>, idle_timeout_ms: f64) -> bool {
        let State::Open { since } = self.state else { return false };
        if changed_since.is_some_and(|changed_since| self.spoke_at < changed_since) {
            self.missed_since.get_or_insert(now);
        }
        let missed = self.missed_since.is_some_and(|since| now - since >= STATUS_DELAY_MS);
        let suspicious = idle_timeout_ms.max(SHORTEST_SUSPICION_MS) * self.patience();
        let suspect = self.took_over && !self.spoke && now - since >= suspicious;
        missed || suspect || now - self.spoke_at >= long_silence(idle_timeout_ms) * self.patience()
    }

    /// Whether nothing came for so long that the connection may be lost without a word.
    pub fn is_long_silent(&self, now: f64, idle_timeout_ms: f64) -> bool {
        self.is_open() && now - self.spoke_at >= long_silence(idle_timeout_ms)
    }

    /// Whether the last replacement of a deaf socket has brought nothing so far.
    pub fn was_replaced_in_vain(&self) -> bool {
        self.replacements > 0
    }

    /// Each replacement in vain makes the next suspicion wait longer.
    fn patience(&self) -> f64 {
        2f64.powi(self.replacements.min(6) as i32)
    }

    fn random(&mut self) -> f64 {
        // xorshift64*: a jitter needs no better, and the machine stays free of a clock and of a random source.
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        (self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn long_silence(idle_timeout_ms: f64) -> f64 {
    LONG_SILENCE_MS.max(idle_timeout_ms * 12.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(at: f64) -> Socket {
        let mut socket = Socket::new(true, false, 7, at);
        socket.opened(at);
        socket
    }

    #[test]
    fn the_backoff_doubles_up_to_its_limit_and_is_jittered() {
        let mut socket = Socket::new(true, false, 7, 0.0);
        let mut expected: f64 = 250.0;
        for _ in 0..12 {
            socket.closed(1000.0);
            let wait = socket.timer().unwrap() - 1000.0;
            assert!(wait >= expected / 2.0 && wait <= expected, "{wait} of {expected}");
            expected = (expected * 2.0).min(LONGEST_BACKOFF_MS);
        }
    }

    #[test]
    fn neighbouring_seeds_come_back_at_different_times() {
        let retry = |seed| {
            let mut socket = Socket::new(true, false, seed, 0.0);
            (0..8).for_each(|_| socket.closed(0.0));
            socket.timer().unwrap()
        };
        let mut times: Vec<f64> = (0..100).map(retry).collect();
        times.sort_by(f64::total_cmp);
        assert!(times[10] < 6000.0 && times[90] > 9000.0, "{times:?}");
    }

    #[test]
    fn a_connection_that_lasted_starts_the_backoff_anew() {
        let mut socket = Socket::new(true, false, 7, 0.0);
        (0..5).for_each(|_| socket.closed(0.0));
        socket.opened(0.0);
        socket.closed(STABLE_MS);
        assert_eq!(socket.attempt, 1);
    }

    #[test]
    fn a_queue_change_without_a_word_tells_a_deaf_socket_once_the_word_had_time_to_come() {
        let mut socket = opened(0.0);
        socket.spoke(100.0);
        assert!(!socket.is_deaf(600.0, Some(50.0), 5000.0), "a word came after the queue was last asked");
        assert!(!socket.is_deaf(1100.0, Some(500.0), 5000.0), "it may be on its way");
        assert!(!socket.is_deaf(1600.0, None, 5000.0));
        assert!(socket.is_deaf(1100.0 + STATUS_DELAY_MS, None, 5000.0));
        socket.spoke(3200.0);
        assert!(!socket.is_deaf(9000.0, None, 5000.0));
    }

    #[test]
    fn only_a_socket_that_took_over_is_suspected_for_its_silence() {
        let mut socket = opened(0.0);
        assert!(!socket.is_deaf(6000.0, None, 5000.0));
        socket.closed(0.0);
        socket.opened(0.0);
        assert!(socket.is_deaf(6000.0, None, 5000.0));
        socket.replaced(6000.0);
        socket.opened(6000.0);
        assert!(!socket.is_deaf(12_000.0, None, 5000.0), "the second time it is given longer");
    }

    #[test]
    fn a_very_long_silence_is_doubted_without_a_sign_and_then_for_twice_as_long() {
        let mut socket = opened(0.0);
        socket.spoke(1_000.0);
        assert!(!socket.is_deaf(60_000.0, None, 5000.0));
        assert!(socket.is_deaf(61_000.0, None, 5000.0));
        socket.replaced(61_000.0);
        socket.opened(61_000.0);
        assert!(socket.is_long_silent(121_000.0, 5000.0));
        socket.took_over = false;
        assert!(!socket.is_deaf(180_000.0, None, 5000.0) && socket.is_deaf(181_000.0, None, 5000.0));
    }

    #[test]
    fn a_socket_that_does_not_come_to_open_is_tried_anew() {
        let mut socket = Socket::new(true, false, 7, 100.0);
        assert_eq!(socket.timer(), Some(100.0 + CONNECT_TIMEOUT_MS));
        socket.replaced(20_100.0);
        assert_eq!((socket.attempt, socket.timer()), (1, Some(20_100.0 + CONNECT_TIMEOUT_MS)));
    }
}
