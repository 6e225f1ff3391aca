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
    /// Something came that a deaf socket would not have brought.
    heard: bool,
    /// When the last frame of any kind came, or the socket was opened.
    last_frame: f64,
    /// The server's queue changed while nothing was heard of it.
    missed_change: bool,
    /// Something came since the queue was last asked.
    heard_since_answer: bool,
    replacements: u32,
    random: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    /// This runtime has none.
    Absent,
    Connecting,
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
/// A socket that was silent this long is replaced once even without a sign of deafness: a connection that a network
/// lost without a word looks just like it.
const LONG_SILENCE_MS: f64 = 60_000.0;

impl Socket {
    /// A socket that is being opened, or none. `took_over`: another program run may have held this client id before.
    pub fn new(has_socket: bool, took_over: bool, seed: u64) -> Socket {
        Socket {
            state: if has_socket { State::Connecting } else { State::Absent },
            attempt: 0,
            took_over,
            heard: false,
            last_frame: 0.0,
            missed_change: false,
            heard_since_answer: false,
            replacements: 0,
            random: seed ^ 0x9e37_79b9_7f4a_7c15,
        }
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// Whether there is none and never will be.
    pub fn is_absent(&self) -> bool {
        self.state == State::Absent
    }

    /// When to try again.
    pub fn retry_at(&self) -> Option<f64> {
        match self.state {
            State::Closed { retry_at } => Some(retry_at),
            _ => None,
        }
    }

    /// It opened.
    pub fn opened(&mut self, now: f64) {
        self.state = State::Open { since: now };
        self.heard = false;
        self.missed_change = false;
        self.last_frame = now;
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

    /// It is being opened again.
    pub fn connecting(&mut self) {
        self.state = State::Connecting;
    }

    /// It is deaf and being replaced.
    pub fn replaced(&mut self) {
        self.replacements += 1;
        self.took_over = true;
        self.state = State::Connecting;
    }

    /// A frame came. `greeting` frames come on deaf sockets too.
    pub fn frame_came(&mut self, now: f64, greeting: bool) {
        self.last_frame = now;
        if !greeting {
            self.heard = true;
            self.missed_change = false;
            self.heard_since_answer = true;
            self.replacements = 0;
        }
    }

    /// The server said that the prompt is alive, and whether its queue has `changed` since it was last asked. Every
    /// change of the queue sends a `status` to every socket. True where the socket is deaf.
    pub fn is_deaf(&mut self, now: f64, changed: bool, idle_timeout_ms: f64) -> bool {
        let State::Open { since } = self.state else { return false };
        let patience = 2f64.powi(self.replacements.min(6) as i32);
        // The `status` of a change may still be on its way when the answer is here: believe the second answer.
        let missed = self.missed_change;
        self.missed_change |= changed && !self.heard_since_answer;
        self.heard_since_answer = false;
        let silent = now - self.last_frame;
        missed
            || self.took_over && !self.heard && now - since >= idle_timeout_ms * patience
            || silent >= LONG_SILENCE_MS.max(idle_timeout_ms * 12.0) * patience
    }

    fn random(&mut self) -> f64 {
        // xorshift64*: a jitter needs no better, and the machine stays free of a clock and of a random source.
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        (self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_backoff_doubles_up_to_its_limit_and_is_jittered() {
        let mut socket = Socket::new(true, false, 7);
        let mut expected: f64 = 250.0;
        for _ in 0..12 {
            socket.closed(1000.0);
            let wait = socket.retry_at().unwrap() - 1000.0;
            assert!(wait >= expected / 2.0 && wait <= expected, "{wait} of {expected}");
            expected = (expected * 2.0).min(LONGEST_BACKOFF_MS);
        }
    }

    #[test]
    fn a_connection_that_lasted_starts_the_backoff_anew() {
        let mut socket = Socket::new(true, false, 7);
        (0..5).for_each(|_| socket.closed(0.0));
        socket.opened(0.0);
        socket.closed(STABLE_MS);
        assert_eq!(socket.attempt, 1);
    }

    #[test]
    fn a_queue_change_without_a_word_tells_a_deaf_socket_at_the_second_answer() {
        let mut socket = Socket::new(true, false, 7);
        socket.opened(0.0);
        socket.frame_came(1.0, false);
        assert!(!socket.is_deaf(10.0, true, 5000.0), "the change was heard of");
        assert!(!socket.is_deaf(20.0, true, 5000.0), "its status may be on its way");
        assert!(socket.is_deaf(30.0, false, 5000.0));
        socket.frame_came(31.0, false);
        assert!(!socket.is_deaf(40.0, false, 5000.0));
    }

    #[test]
    fn only_a_socket_that_took_over_is_suspected_for_its_silence() {
        let mut first = Socket::new(true, false, 7);
        first.opened(0.0);
        assert!(!first.is_deaf(6000.0, false, 5000.0));
        let mut second = first.clone();
        second.closed(0.0);
        second.opened(0.0);
        second.frame_came(1.0, true);
        assert!(second.is_deaf(6000.0, false, 5000.0));
        second.replaced();
        second.opened(6000.0);
        assert!(!second.is_deaf(12_000.0, false, 5000.0), "the second time it is given longer");
    }
}
