//! A pool of servers: which job runs on which server, and when.
//!
//! A job keeps one server from its first request to its last. Jobs wait here, by priority and then in the order in which
//! they came; a server gets as many at once as its limit allows, and among free servers the one with the fewest prompts
//! waiting is next. A server that cannot be reached is left out and asked again with backoff; one that refuses the login
//! is out. A job that failed before any server took one of its prompts is started again.
//!
//! The machine owns no clock and does no I/O: [`Pool::handle`] takes what happened, [`Pool::poll_effect`] gives what is
//! to be done, [`Pool::poll_timeout`] says when to call again.

use crate::text::fifo::Fifo;
mod effect;
mod input;
mod job;
mod server;

use job::{Job, Suits};
use server::{Health, Server};

pub use effect::{Effect, Refusal};
pub use input::{Ending, Input, ProbeAnswer};
pub use job::JobId;
pub use server::{ServerId, State};

/// How old a server's count of prompts may be where there is a choice, in milliseconds.
const FRESH_MS: f64 = 1_000.0;
/// How often a job is started on one server.
const ATTEMPTS: u32 = 3;

/// The servers and the jobs.
#[derive(Debug, Default)]
pub struct Pool {
    servers: Vec<Server>,
    /// By priority, then by age.
    waiting: Vec<Job>,
    running: Vec<(Job, ServerId)>,
    arrivals: u64,
    effects: Fifo<Effect>,
    random: u64,
}

impl Pool {
    /// `seed` spreads the times at which unreachable servers are asked again.
    pub fn new(seed: u64) -> Pool {
        Pool { random: seed | 1, ..Pool::default() }
    }

    /// Takes what happened at a time in milliseconds.
    pub fn handle(&mut self, now: f64, input: Input) {
        match input {
            Input::ServerAdded { server, limit } => self.servers.push(Server::new(server, limit.max(1), now)),
            Input::ServerRemoved(id) => self.servers.retain(|server| server.id != id),
            Input::JobAdded { job, priority, chooses } => {
                self.arrivals += 1;
                self.enqueue(Job::new(job, priority, self.arrivals, chooses));
            }
            Input::JobDropped(id) => {
                self.waiting.retain(|job| job.id != id);
                self.take_running(id);
            }
            Input::JobEnded { job, ending } => self.job_ended(now, job, ending),
            Input::Suits { job, server, suits } => {
                // The answer may come once the job has started elsewhere; it counts if the job has to start again.
                let jobs = self.waiting.iter_mut().chain(self.running.iter_mut().map(|(job, _)| job));
                if let Some(job) = jobs.into_iter().find(|other| other.id == job) {
                    job.set_suits(server, suits);
                }
                let random = self.next_random();
                if let (None, Some(server)) = (suits, self.server(server)) {
                    server.is_unreachable(now, random);
                }
            }
            Input::Probed { server, answer } => self.probed(now, server, answer),
            Input::Timeout => {}
        }
        self.ask_again(now);
        self.assign(now);
        self.refuse_hopeless();
        self.report_states();
    }

    /// The next effect; `None` when all are done.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop()
    }

    /// When to call [`Pool::handle`] with [`Input::Timeout`], in milliseconds.
    pub fn poll_timeout(&self) -> Option<f64> {
        self.servers.iter().filter_map(Server::asks_again_at).min_by(f64::total_cmp)
    }

    /// The state of a server.
    pub fn state(&self, id: ServerId) -> Option<State> {
        self.servers.iter().find(|server| server.id == id).map(Server::state)
    }

    /// How many jobs wait for a server.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn enqueue(&mut self, job: Job) {
        let place = self.waiting.partition_point(|other| other.is_before(&job));
        self.waiting.insert(place, job);
    }

    /// Takes a job off its server.
    fn take_running(&mut self, id: JobId) -> Option<(Job, ServerId)> {
        let place = self.running.iter().position(|(job, _)| job.id == id)?;
        let (job, server_id) = self.running.swap_remove(place);
        if let Some(server) = self.server(server_id) {
            server.running -= 1;
            server.waiting = server.waiting.saturating_sub(1);
        }
        Some((job, server_id))
    }

    fn server(&mut self, id: ServerId) -> Option<&mut Server> {
        self.servers.iter_mut().find(|server| server.id == id)
    }

    fn job_ended(&mut self, now: f64, id: JobId, ending: Ending) {
        let Some((mut job, server_id)) = self.take_running(id) else { return };
        let random = self.next_random();
        let server = self.server(server_id);
        let taken = match ending {
            Ending::Settled => {
                if let Some(server) = server {
                    server.failures = 0;
                }
                return;
            }
            Ending::Unreachable { taken } => {
                if let Some(server) = server {
                    server.is_unreachable(now, random);
                }
                taken
            }
            Ending::Unauthorized { taken } => {
                if let Some(server) = server {
                    server.health = Health::Unauthorized;
                }
                taken
            }
        };
        if !taken {
            job.failed_on(server_id);
            self.enqueue(job);
        }
    }

    fn probed(&mut self, now: f64, id: ServerId, answer: ProbeAnswer) {
        let random = self.next_random();
        let Some(server) = self.server(id) else { return };
        server.is_probed = false;
        match answer {
            ProbeAnswer::Waiting(count) => {
                server.health = Health::Ready;
                server.waiting = count;
                server.counted_at = now;
            }
            ProbeAnswer::Unreachable => server.is_unreachable(now, random),
            ProbeAnswer::Unauthorized => server.health = Health::Unauthorized,
        }
    }

    /// Asks servers that could not be reached, once their time has come.
    fn ask_again(&mut self, now: f64) {
        for server in &mut self.servers {
            if server.asks_again_at().is_some_and(|at| at <= now) {
                server.is_probed = true;
                self.effects.push(Effect::Probe(server.id));
            }
        }
    }

    /// Starts the jobs that a server is free for, and asks what the choice of a server depends on.
    fn assign(&mut self, now: f64) {
        let mut at = 0;
        while at < self.waiting.len() {
            let free: Vec<usize> = (0..self.servers.len()).filter(|&index| self.servers[index].is_free()).collect();
            if free.is_empty() {
                return;
            }
            let job = &mut self.waiting[at];
            let mut suiting = Vec::new();
            let mut asking = false;
            for &index in &free {
                let server = self.servers[index].id;
                if job.attempts_on(server) >= ATTEMPTS {
                    continue;
                }
                match job.suits(server) {
                    Suits::Yes => suiting.push(index),
                    Suits::No => {}
                    Suits::Asked => asking = true,
                    Suits::Unknown => {
                        asking = true;
                        job.set_asked(server);
                        self.effects.push(Effect::AskSuits { job: job.id, server });
                    }
                }
            }
            if asking || suiting.is_empty() || !self.counts_are_fresh(now, &suiting) {
                at += 1;
                continue;
            }
            let counts = |&index: &usize| (self.servers[index].waiting, self.servers[index].running);
            let Some(best) = suiting.into_iter().min_by_key(counts) else { return };
            let job = self.waiting.remove(at);
            let server = &mut self.servers[best];
            server.running += 1;
            server.waiting += 1;
            self.effects.push(Effect::Start { job: job.id, server: server.id });
            self.running.push((job, server.id));
        }
    }

    /// Whether the counts of prompts are good enough to choose by. Asks for those that are too old.
    fn counts_are_fresh(&mut self, now: f64, candidates: &[usize]) -> bool {
        if candidates.len() < 2 {
            return true;
        }
        let mut fresh = true;
        for &index in candidates {
            let server = &mut self.servers[index];
            if server.counted_at + FRESH_MS < now {
                fresh = false;
                if !server.is_probed {
                    server.is_probed = true;
                    self.effects.push(Effect::Probe(server.id));
                }
            }
        }
        fresh
    }

    /// Refuses the jobs that no server will ever take.
    fn refuse_hopeless(&mut self) {
        let usable: Vec<ServerId> =
            self.servers.iter().filter(|server| server.is_usable()).map(|server| server.id).collect();
        let effects = &mut self.effects;
        self.waiting.retain(|job| {
            let reason = if usable.is_empty() {
                // The last error, if there is one, says more.
                if job.has_failed() { Refusal::Failed } else { Refusal::NoServer }
            } else if usable.iter().all(|&server| job.suits(server) == Suits::No) {
                Refusal::NoneSuits
            } else if usable.iter().all(|&server| job.suits(server) == Suits::No || job.attempts_on(server) >= ATTEMPTS)
            {
                Refusal::Failed
            } else {
                return true;
            };
            effects.push(Effect::Refuse { job: job.id, reason });
            false
        });
    }

    fn report_states(&mut self) {
        for server in &mut self.servers {
            let state = server.state();
            if server.reported_state != state {
                server.reported_state = state;
                self.effects.push(Effect::StateChanged { server: server.id, state });
            }
        }
    }

    /// A number in 0..1, of a xorshift generator.
    fn next_random(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        (self.random >> 11) as f64 / (1u64 << 53) as f64
    }
}
