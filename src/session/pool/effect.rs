//! Effects of the pool: what its caller has to do.

use super::job::JobId;
use super::server::{ServerId, State};

/// What is to be done.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Start {
        job: JobId,
        server: ServerId,
    },
    /// Ask the job's caller whether the server suits it; answered by [`Input::Suits`].
    AskSuits {
        job: JobId,
        server: ServerId,
    },
    /// Ask how many prompts wait there; answered by [`Input::Probed`].
    Probe(ServerId),
    StateChanged {
        server: ServerId,
        state: State,
    },
    /// The job cannot run and is forgotten.
    Refuse {
        job: JobId,
        reason: Refusal,
    },
}

/// Why a job cannot run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Every server refuses the login, or there is none.
    NoServer,
    /// None of the servers suits the job.
    NoneSuits,
    /// It failed too often before a server took a prompt: its last error stands.
    Failed,
}
