//! Inputs of the pool: what happened to its servers and jobs.

use super::job::JobId;
use super::server::ServerId;

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// `limit`: how many jobs it may run at once.
    ServerAdded {
        server: ServerId,
        limit: usize,
    },
    /// Its jobs go on; it gets no more.
    ServerRemoved(ServerId),
    /// `chooses`: the caller decides for each server whether it suits the job.
    JobAdded {
        job: JobId,
        priority: f64,
        chooses: bool,
    },
    /// The caller gave the job up, waiting or running.
    JobDropped(JobId),
    JobEnded {
        job: JobId,
        ending: Ending,
    },
    /// The answer to [`Effect::AskSuits`]; none where the server could not be reached for it.
    Suits {
        job: JobId,
        server: ServerId,
        suits: Option<bool>,
    },
    /// The answer to [`Effect::Probe`].
    Probed {
        server: ServerId,
        answer: ProbeAnswer,
    },
    /// The time of [`Pool::poll_timeout`] has come.
    Timeout,
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It succeeded, or failed in a way that starting again would not mend.
    Settled,
    /// Its server could not be reached. `taken`: a server has, or may have, one of its prompts.
    Unreachable { taken: bool },
    /// Its server refused the login.
    Unauthorized { taken: bool },
}

/// What a server said when it was asked how it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeAnswer {
    /// How many prompts run or wait there, including those of other clients.
    Waiting(usize),
    Unreachable,
    Unauthorized,
}
