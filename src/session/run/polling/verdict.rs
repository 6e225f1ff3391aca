//! What the answer to a probe means for the run.

/// What follows a probe that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterFailure {
    /// The history cannot be read: ask the queue whether the prompt is alive.
    AskQueue,
    /// The queue cannot be read: ask the history.
    AskHistory,
    /// Another round.
    Retry,
    /// The server keeps refusing with this status.
    Refused(u16),
}

/// What an answer of the queue means for the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueVerdict {
    /// The prompt waits or runs.
    Alive {
        /// The queue differs from its last answer.
        changed: bool,
    },
    /// It is not there: ask the history of this round.
    AskHistory,
    /// It is not there; it may just have ended.
    Absent,
    /// It was not there for several rounds.
    Vanished,
}
