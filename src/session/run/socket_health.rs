//! What a run knows of its socket: open, closed, or open but stale.
//!
//! A stale socket stays open and brings nothing. After a dropped connection ComfyUI can unregister the socket that took
//! over its client id (seen on 0.33.0). To a client this looks like a node that takes long; only the answers to probes
//! show the difference. Replacing a socket that was not stale costs two frames.

#[cfg(test)]
mod tests;

#[derive(Debug, Clone, PartialEq)]
pub struct SocketHealth {
    state: State,
    /// Connections in a row that failed or were lost early.
    pub attempt: u32,
    /// A socket that took over a client id may be stale.
    took_over: bool,
    /// It opened after a drop that the server may notice late, and unregister this socket after its first frames. A socket
    /// that replaced a stale one comes after a clean close.
    follows_drop: bool,
    /// When it opened, or last brought something that a stale socket would not have brought.
    spoke_at: f64,
    /// It has brought such a frame since it opened.
    has_spoken: bool,
    /// Since when the server's queue is known to have changed without a frame that says so.
    missed_since: Option<f64>,
    /// Replacements in a row that brought nothing.
    replacements: u32,
    random: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    /// The runtime has no WebSocket.
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
/// A connection that lasted this long resets the backoff.
const STABLE_MS: f64 = 5_000.0;
/// A socket that neither opens nor fails within this time is replaced.
const CONNECT_TIMEOUT_MS: f64 = 20_000.0;
/// After this silence a socket is replaced once even without a sign that it is stale: the network may have lost the
/// connection without notice.
const LONG_SILENCE_MS: f64 = 60_000.0;
/// The `status` frame of a change of the queue may come later than the answer that shows the change, by this at most.
const STATUS_DELAY_MS: f64 = 2_000.0;
/// The time that a socket which took over a client id has for its first frame, however short the idle timeout is.
const SHORTEST_SUSPICION_MS: f64 = 2_000.0;

impl SocketHealth {
    /// A socket that is being opened, or none. `took_over`: an earlier connection may have used its client id.
    pub fn new(has_socket: bool, took_over: bool, seed: u64, now: f64) -> SocketHealth {
        SocketHealth {
            state: if has_socket { State::Connecting { since: now } } else { State::Absent },
            attempt: 0,
            took_over,
            follows_drop: took_over,
            spoke_at: f64::NEG_INFINITY,
            has_spoken: false,
            missed_since: None,
            replacements: 0,
            // The generator needs any seed but zero; neighbouring seeds are spread.
            random: (seed ^ 0x9e37_79b9_7f4a_7c15).wrapping_mul(0xbf58_476d_1ce4_e5b9) | 1,
        }
    }

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
    pub fn poll_timeout(&self) -> Option<f64> {
        match self.state {
            State::Closed { retry_at } => Some(retry_at),
            State::Connecting { since } => Some(since + CONNECT_TIMEOUT_MS),
            State::Absent | State::Open { .. } => None,
        }
    }

    pub fn opened(&mut self, now: f64) {
        self.state = State::Open { since: now };
        self.spoke_at = now;
        self.has_spoken = false;
        self.missed_since = None;
    }

    /// It closed, or could not be opened.
    pub fn closed(&mut self, now: f64) {
        if let State::Open { since } = self.state {
            self.took_over = true;
            self.follows_drop = true;
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

    /// It is being replaced: it is stale, or has not opened in time.
    pub fn replaced(&mut self, now: f64) {
        // A socket that did not open here may be open at the server.
        self.took_over = true;
        if self.is_open() {
            self.follows_drop = false;
            self.replacements += 1;
        } else {
            self.attempt = self.attempt.saturating_add(1);
        }
        self.state = State::Connecting { since: now };
    }

    /// It brought something that a stale socket would not have brought.
    pub fn spoke(&mut self, now: f64) {
        self.spoke_at = self.spoke_at.max(now);
        self.has_spoken = true;
        self.missed_since = None;
        self.replacements = 0;
    }

    /// Whether it is stale, when the server has just said that the prompt is alive. `changed_since`: the queue has changed
    /// since then; ComfyUI sends a `status` to every socket at each change of its queue.
    pub fn is_stale(&mut self, now: f64, changed_since: Option<f64>, idle_timeout_ms: f64) -> bool {
        if !self.is_open() {
            return false;
        }
        if changed_since.is_some_and(|changed_since| self.spoke_at < changed_since) {
            self.missed_since.get_or_insert(now);
        }
        let has_missed = self.missed_since.is_some_and(|since| now - since >= STATUS_DELAY_MS);
        let suspicious_ms = idle_timeout_ms.max(SHORTEST_SUSPICION_MS) * self.patience();
        let may_be_unregistered = self.follows_drop || (self.took_over && !self.has_spoken);
        let is_suspect = may_be_unregistered && now - self.spoke_at >= suspicious_ms;
        has_missed || is_suspect || now - self.spoke_at >= long_silence(idle_timeout_ms) * self.patience()
    }

    /// Whether the silence is so long that the connection may be lost without notice.
    pub fn is_long_silent(&self, now: f64, idle_timeout_ms: f64) -> bool {
        self.is_open() && now - self.spoke_at >= long_silence(idle_timeout_ms)
    }

    /// Whether the last replacement of a stale socket has brought nothing so far.
    pub fn was_replaced_in_vain(&self) -> bool {
        self.replacements > 0
    }

    /// Each replacement that brought nothing doubles the wait before the next one.
    fn patience(&self) -> f64 {
        2f64.powi(self.replacements.min(6) as i32)
    }

    /// xorshift64*: enough for a jitter, and the machine needs no source of randomness.
    fn random(&mut self) -> f64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        (self.random.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn long_silence(idle_timeout_ms: f64) -> f64 {
    LONG_SILENCE_MS.max(idle_timeout_ms * 12.0)
}
