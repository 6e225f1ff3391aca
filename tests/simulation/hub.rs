//! The client's side of one socket that several runs share, as the package has it: one connection, frames given to the
//! runs that they concern, a deaf socket replaced once for all.

use super::scenario::Routing;

/// State of the shared socket.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum State {
    Idle,
    Connecting(usize),
    Open(usize),
    /// The old one is being closed; the next one opens after that.
    Replacing,
}

#[derive(Debug)]
pub struct Hub {
    pub state: State,
    routing: Routing,
    /// Whose frames came last, and when the others were told.
    last_named: Option<(Option<usize>, f64)>,
}

/// What a run gets of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// The packet itself.
    All,
    /// Word that something came for another run.
    Word,
    Nothing,
}

impl Hub {
    pub fn new(routing: Routing) -> Hub {
        Hub { state: State::Idle, routing, last_named: None }
    }

    /// What the runs get of a text frame that names a prompt. `of`: the job that is named, if it is one that is known
    /// here; `runs`: each run with its job, where it has been accepted.
    pub fn share(&mut self, now: f64, of: Option<usize>, runs: &[(usize, Option<usize>)]) -> Vec<(usize, Share)> {
        if self.routing == Routing::All {
            return runs.iter().map(|(run, _)| (*run, Share::All)).collect();
        }
        let told = self.last_named.is_some_and(|(last, at)| last == of && now - at < 1_000.0);
        if !told {
            self.last_named = Some((of, now));
        }
        let owned = of.is_some() && runs.iter().any(|(_, job)| *job == of);
        runs.iter()
            .map(|(run, job)| {
                let share = match job {
                    Some(_) if *job == of => Share::All,
                    Some(_) if told => Share::Nothing,
                    Some(_) => Share::Word,
                    // Not accepted yet: whatever is nobody's may be its own.
                    None if owned => Share::Nothing,
                    None => Share::All,
                };
                (*run, share)
            })
            .collect()
    }

    /// A new connection: what came last counts no more.
    pub fn reset(&mut self) {
        self.last_named = None;
    }
}
