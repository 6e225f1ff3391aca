//! The virtual time line: runs, their shared socket, requests, the server, faults.

mod cancels;
mod deadlines;
mod faults;
mod requests;
mod runs;
mod sockets;
mod submissions;
mod watch;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

use comfyui_autoflow::protocol::queue::QueuePosition;
use comfyui_autoflow::session::endpoint::{self, Endpoint};
use comfyui_autoflow::session::queue_watch::QueueWatch;
use comfyui_autoflow::session::run::effect::Finish;
use comfyui_autoflow::session::run::input;
use comfyui_autoflow::session::run::machine;
use comfyui_autoflow::session::submit::{self, Submit};

use super::Tally;
use super::frames::Packet;
use super::network::Network;
use super::observer::Observer;
use super::random::Random;
use super::scenario::{Caller, Scenario};
use super::server::{Request, Server};
use cancels::Cancelling;
use requests::{Pending, Reply};

/// A run whose messages are packets.
pub type Run = machine::Run<Rc<Packet>>;
pub type Input<'i> = input::Input<'i, Rc<Packet>>;

/// The log, if it was asked for.
#[derive(Debug, Default)]
pub struct Log {
    pub lines: Vec<String>,
    on: bool,
}

impl Log {
    pub fn write(&mut self, now: f64, line: impl FnOnce() -> String) {
        if self.on {
            self.lines.push(format!("{now:>10.1} {}", line()));
        }
    }
}

/// A planned event.
#[derive(Debug)]
pub enum Happening {
    /// A page makes its run.
    Begin(usize),
    /// A page that is gone by the time its run is picked up submits the prompt.
    FirstPageSubmits(usize),
    Calls(usize, Caller),
    /// A request reaches the server; its answer takes this long, or is lost.
    Requested {
        place: usize,
        request: Request,
        back: f64,
        lost: bool,
    },
    Replied {
        place: usize,
        reply: Reply,
    },
    CancelGoesOn(usize),
    Connects(usize),
    Opens(usize),
    Fails(usize),
    Arrives(usize, Rc<Packet>),
    Closes(usize),
    ServerNotices(usize),
    /// The connection that the client closes is closed.
    Closed,
    Steps {
        job: usize,
        life: u32,
    },
    Foreign(usize),
    Fault(usize),
    ServerReturns,
    Expires,
}

/// A run with its surroundings.
pub struct Player {
    pub run: Option<Run>,
    pub observer: Observer,
    /// Its job on the server, once the client knows it.
    pub job: Option<usize>,
    pub accepted: bool,
    pub submit: Option<Submit<()>>,
    pub sent: bool,
    /// Its submission is over.
    pub submitted: bool,
    /// How many of its frames may go the short way.
    pub short: u64,
    /// Its caller aborted.
    pub aborted: bool,
    /// The run wanted its prompt cancelled.
    pub cancelled: bool,
    pub began: f64,
    pub accepted_at: f64,
    /// Whether anything has ever come from the server, and when it last worked.
    pub contact: bool,
    pub heard_at: f64,
    /// The last activity: a frame of the run, a probe, a reopened socket.
    pub busy_at: f64,
    /// A stale socket, and the last answer of the queue meanwhile.
    pub seen_stale: Option<(usize, (QueuePosition, usize))>,
    /// A stale socket, and when the run knew that it had missed a change of the queue.
    pub missed_at: Option<(usize, f64)>,
}

/// One simulated story.
pub struct World {
    pub scenario: Scenario,
    pub random: Random,
    pub now: f64,
    queue: BinaryHeap<Reverse<Moment>>,
    happenings: Vec<Option<Happening>>,
    free: Vec<usize>,
    order: u64,
    pub server: Server,
    pub network: Network,
    pub endpoint: Endpoint<usize>,
    /// The connection of the client, open or being opened.
    pub socket: Option<usize>,
    /// The last open socket was dropped, not closed by the client.
    pub dropped: bool,
    pub queue_watch: QueueWatch<usize>,
    /// Requests that were sent.
    pending: Vec<Pending>,
    pub cancels: Vec<Cancelling>,
    pub players: Vec<Player>,
    pub expired: Option<f64>,
    /// The state of the socket, and since when.
    watched: (endpoint::State, Option<usize>, f64),
    pub log: Log,
    steps: u64,
}

/// A time that can be ordered.
#[derive(Debug, Clone, Copy)]
struct Moment {
    time: f64,
    /// Events at the same time happen in the order in which they were planned.
    order: u64,
    place: usize,
}

impl Ord for Moment {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.time.total_cmp(&other.time).then(self.order.cmp(&other.order))
    }
}

impl PartialOrd for Moment {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Moment {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Moment {}

type Verdict = Result<(), String>;

impl World {
    pub fn new(seed: u64, log: bool) -> World {
        let (scenario, random) = Scenario::draw(seed);
        let players = scenario.runs.iter().map(|plan| Player {
            run: None,
            observer: Observer::new(plan.settings.poll_interval_ms),
            job: None,
            accepted: false,
            submit: None,
            sent: false,
            submitted: false,
            aborted: false,
            cancelled: false,
            began: 0.0,
            accepted_at: 0.0,
            contact: false,
            heard_at: f64::NEG_INFINITY,
            busy_at: 0.0,
            seen_stale: None,
            missed_at: None,
            short: 0,
        });
        let mut world = World {
            players: players.collect(),
            random,
            now: 0.0,
            queue: BinaryHeap::new(),
            happenings: Vec::new(),
            free: Vec::new(),
            order: 0,
            server: Server::new(scenario.dialect.clone()),
            network: Network::new(scenario.network.clone(), scenario.heals_at),
            endpoint: Endpoint::default(),
            socket: None,
            dropped: false,
            queue_watch: QueueWatch::default(),
            pending: Vec::new(),
            cancels: Vec::new(),
            expired: None,
            watched: (endpoint::State::Idle, None, 0.0),
            log: Log { lines: Vec::new(), on: log },
            steps: 0,
            scenario,
        };
        world.plan();
        world
    }

    fn plan(&mut self) {
        for at in 0..self.scenario.runs.len() {
            let plan = &self.scenario.runs[at];
            let (begin, caller) = (plan.submit_at + plan.resume_after.unwrap_or(0.0), plan.caller);
            if plan.resume_after.is_some() {
                // Its first page is gone; the server has had it since.
                self.at(plan.submit_at, Happening::FirstPageSubmits(at));
            }
            self.at(begin, Happening::Begin(at));
            if let Some((after, caller)) = caller {
                self.at(begin + after, Happening::Calls(at, caller));
            }
        }
        for at in 0..self.scenario.foreign.len() {
            self.at(self.scenario.foreign[at].at, Happening::Foreign(at));
        }
        for at in 0..self.scenario.faults.len() {
            self.at(self.scenario.faults[at].0, Happening::Fault(at));
        }
        if let Some((at, _)) = self.scenario.expires_at {
            self.at(at, Happening::Expires);
        }
    }

    /// Plans something.
    pub fn at(&mut self, time: f64, happening: Happening) {
        let place = match self.free.pop() {
            Some(place) => {
                self.happenings[place] = Some(happening);
                place
            }
            None => {
                self.happenings.push(Some(happening));
                self.happenings.len() - 1
            }
        };
        self.order += 1;
        self.queue.push(Reverse(Moment { time, order: self.order, place }));
    }

    pub fn after(&mut self, delay: f64, happening: Happening) {
        self.at(self.now + delay, happening);
    }

    /// Plays the story to its end. `Err` names the rule that was broken.
    pub fn play(&mut self) -> Verdict {
        self.log.write(0.0, || format!("{:?}", (&self.scenario.dialect, &self.scenario.network)));
        let mut after_the_end = 0;
        loop {
            self.steps += 1;
            if self.steps > 3_000_000 {
                return Err("the story does not come to an end".into());
            }
            let next = self.queue.peek().map(|Reverse(moment)| moment.time);
            let timer = self.next_timer();
            match (next, timer) {
                (_, Some((at, run))) if next.is_none_or(|next| at <= next) => {
                    self.now = self.now.max(at);
                    self.ring(run)?;
                }
                (Some(at), _) => {
                    self.now = self.now.max(at);
                    let Some(Reverse(Moment { place, .. })) = self.queue.pop() else { continue };
                    self.free.push(place);
                    let happening = self.happenings[place].take().expect("planned once");
                    self.happen(happening)?;
                    if self.random.chance(self.scenario.early_timers) {
                        let run = self.random.below(self.players.len());
                        self.feed(run, Input::Timeout)?;
                    }
                }
                (None, _) => break,
            }
            self.check_deadlines()?;
            self.check_socket()?;
            if self.players.iter().all(|player| player.observer.finished.is_some()) {
                // Messages that still arrive must change nothing.
                after_the_end += 1;
                if after_the_end > 60 {
                    break;
                }
            }
        }
        match self.players.iter().position(|player| player.run.is_some() && player.observer.finished.is_none()) {
            Some(run) => Err(format!("run {run} has no timer and never ends")),
            None => Ok(()),
        }
    }

    fn next_timer(&self) -> Option<(f64, usize)> {
        let timer = |player: &Player| {
            let submit = player.submit.as_ref().and_then(Submit::poll_timeout);
            let run = player.run.as_ref().and_then(Run::poll_timeout);
            [submit, run].into_iter().flatten().reduce(f64::min)
        };
        let timers = self.players.iter().enumerate().filter_map(|(at, player)| Some((timer(player)?, at)));
        let (time, run) = timers.min_by(|a, b| a.0.total_cmp(&b.0))?;
        Some((time + self.scenario.timer_lag, run))
    }

    fn ring(&mut self, run: usize) -> Verdict {
        self.submit_feed(run, submit::Input::Timeout)?;
        self.feed(run, Input::Timeout)?;
        let timer = self.players[run].run.as_ref().and_then(Run::poll_timeout);
        if timer.is_some_and(|at| at <= self.now) {
            return Err(format!("the timer of run {run} rings again at once"));
        }
        Ok(())
    }

    fn happen(&mut self, happening: Happening) -> Verdict {
        match happening {
            Happening::Begin(run) => self.begin(run),
            Happening::FirstPageSubmits(run) => self.first_page_submits(run),
            Happening::Calls(run, caller) => self.call(run, caller),
            Happening::Requested { place, request, back, lost } => self.requested(place, &request, back, lost),
            Happening::Replied { place, reply } => self.replied(place, reply),
            Happening::CancelGoesOn(place) => self.cancel_goes_on(place),
            Happening::Connects(socket) => self.connects(socket),
            Happening::Opens(socket) => self.opens(socket),
            Happening::Fails(socket) => self.fails(socket),
            Happening::Arrives(socket, packet) => self.arrives(socket, &packet),
            Happening::Closes(socket) => self.closes(socket),
            Happening::ServerNotices(client) => {
                self.log.write(self.now, || format!("the server notices the end of a socket of client {client}"));
                self.server.notice_end(client);
                Ok(())
            }
            Happening::Closed => {
                self.endpoint.socket_closed();
                self.perform_endpoint()
            }
            Happening::Steps { job, life } => {
                if life == self.server.life {
                    self.server.step(self.now, job);
                    self.flush();
                }
                Ok(())
            }
            Happening::Foreign(at) => self.foreign(at),
            Happening::Fault(at) => self.fault(at),
            Happening::ServerReturns => {
                self.log.write(self.now, || "the server is back".into());
                self.server.up = true;
                Ok(())
            }
            Happening::Expires => self.expires(),
        }
    }

    pub fn count(&self, tally: &mut Tally) {
        tally.seeds += 1;
        for player in &self.players {
            tally.runs += 1;
            tally.events += player.observer.events;
            let name = match (&player.observer.finished, player.observer.terminal) {
                (Some(Finish::Ended(end)), Some((_, source))) => format!("{end:?} by {source}").to_lowercase(),
                (Some(finish), _) => format!("{finish:?}").to_lowercase(),
                (None, _) => "not finished".into(),
            };
            *tally.ends.entry(name).or_default() += 1;
            *tally.happened.entry("probes").or_default() += player.observer.asked;
            *tally.happened.entry("frames that may go the short way").or_default() += player.short;
            *tally.happened.entry("sockets replaced").or_default() += player.observer.replaced;
        }
        *tally.happened.entry("connections").or_default() += self.network.connections.len() as u64;
        *tally.happened.entry("faults").or_default() += self.scenario.faults.len() as u64;
    }
}
