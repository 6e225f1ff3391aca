//! A job of a pool: its place in the queue, and which servers it can run on.

use super::server::ServerId;

/// A job. The caller chooses the number and never uses it again for another job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobId(pub u32);

/// Whether a server suits a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Suits {
    Unknown,
    /// The caller has been asked.
    Asked,
    Yes,
    No,
}

#[derive(Debug)]
pub(super) struct Job {
    pub id: JobId,
    priority: f64,
    arrival: u64,
    chooses: bool,
    servers: Vec<(ServerId, Suits, u32)>,
}

impl Job {
    pub fn new(id: JobId, priority: f64, arrival: u64, chooses: bool) -> Job {
        Job { id, priority, arrival, chooses, servers: Vec::new() }
    }

    /// Higher priorities first, then the order of arrival.
    pub fn is_before(&self, other: &Job) -> bool {
        other.priority.total_cmp(&self.priority).then(self.arrival.cmp(&other.arrival)).is_lt()
    }

    pub fn suits(&self, server: ServerId) -> Suits {
        if !self.chooses {
            return Suits::Yes;
        }
        self.servers.iter().find(|(id, ..)| *id == server).map_or(Suits::Unknown, |(_, suits, _)| *suits)
    }

    pub fn set_asked(&mut self, server: ServerId) {
        self.entry(server).1 = Suits::Asked;
    }

    pub fn set_suits(&mut self, server: ServerId, suits: Option<bool>) {
        self.entry(server).1 = match suits {
            Some(true) => Suits::Yes,
            Some(false) => Suits::No,
            None => Suits::Unknown,
        };
    }

    /// How often it was started there and failed before the server took a prompt.
    pub fn attempts_on(&self, server: ServerId) -> u32 {
        self.servers.iter().find(|(id, ..)| *id == server).map_or(0, |(.., attempts)| *attempts)
    }

    pub fn has_failed(&self) -> bool {
        self.servers.iter().any(|(.., attempts)| *attempts > 0)
    }

    pub fn failed_on(&mut self, server: ServerId) {
        self.entry(server).2 += 1;
    }

    fn entry(&mut self, server: ServerId) -> &mut (ServerId, Suits, u32) {
        let place = self.servers.iter().position(|(id, ..)| *id == server).unwrap_or_else(|| {
            self.servers.push((server, Suits::Unknown, 0));
            self.servers.len() - 1
        });
        &mut self.servers[place]
    }
}
