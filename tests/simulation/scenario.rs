//! The story of a seed.

use comfyui_autoflow::session::run::settings::Settings;
use comfyui_autoflow::session::run::setup::FrameSource;

use super::prompt::Prompt;
use super::random::Random;

/// The whole plan of one simulated story.
#[derive(Debug, Clone)]
pub struct Scenario {
    pub dialect: Dialect,
    pub network: Network,
    pub runs: Vec<RunPlan>,
    pub foreign: Vec<ForeignPlan>,
    pub faults: Vec<(f64, Fault)>,
    /// From here on network and server have no faults.
    pub heals_at: f64,
    /// From here on the server refuses every request; new sockets too, or not.
    pub expires_at: Option<(f64, bool)>,
    /// How late timers fire.
    pub timer_lag: f64,
    /// Chance that a timer fires although nothing is due.
    pub early_timers: f64,
    /// Runs share the answers of the queue.
    pub shares_queue: bool,
    /// Without any fault.
    pub calm: bool,
}

/// How a server behaves, by version and kind.
#[derive(Debug, Clone)]
pub struct Dialect {
    /// It sends `progress_state`.
    pub snapshots: bool,
    /// It chooses the prompt ids itself.
    pub mints_ids: bool,
    pub previews: bool,
    /// Previews name their prompt.
    pub preview_metadata: bool,
    /// `progress` names neither prompt nor node.
    pub bare_progress: bool,
    /// History items say nothing of a status.
    pub null_status: bool,
    /// Every socket gets the frames of every prompt, and several run at once.
    pub broadcasts: bool,
    /// It can cancel a prompt in one step.
    pub jobs_route: bool,
    /// `GET /history` answers 500 until then once there is an item; for ever where it is infinite.
    pub unreadable_until: f64,
}

/// Delays and losses of messages.
#[derive(Debug, Clone)]
pub struct Network {
    /// One way, in milliseconds.
    pub http: (f64, f64),
    pub socket: (f64, f64),
    /// Chance that a request fails.
    pub http_trouble: f64,
    /// Chance that a frame comes twice.
    pub duplicates: f64,
    /// Chance that a frame comes again, late.
    pub echoes: f64,
    /// Chance that nonsense comes before a frame.
    pub garbage: f64,
    /// Chance that an `executing null` is lost.
    pub lost_ends: f64,
}

/// A run of the client.
#[derive(Debug, Clone)]
pub struct RunPlan {
    pub prompt: Prompt,
    pub settings: Settings,
    pub frames: FrameSource,
    pub is_fresh_id: bool,
    /// Of the jitter between reconnects.
    pub seed: u64,
    pub submit_at: f64,
    /// How long the caller waits for the answer to the submission at most.
    pub wait_ms: Option<f64>,
    /// How long the answer to the submission takes on top.
    pub post_delay: f64,
    /// It was submitted by an earlier page; this page picks it up after this time.
    pub resume_after: Option<f64>,
    pub caller: Option<(f64, Caller)>,
}

/// What a caller does while the run is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    Cancel,
    Leave,
}

/// A prompt of another client.
#[derive(Debug, Clone)]
pub struct ForeignPlan {
    pub at: f64,
    pub whose: Whose,
    pub prompt: Prompt,
}

/// The client of the prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// This client: its frames come to the same socket.
    Ours,
    /// Another client.
    Others,
    /// No client: its progress is sent to all sockets.
    Nobodys,
}

/// A fault.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// The connection breaks; each side notices after a while, or never.
    Drop {
        client_sees: Option<f64>,
        server_sees: Option<f64>,
    },
    /// The connection is closed properly.
    Close,
    /// Another program connects with the same client id, and leaves again.
    Steal {
        leaves_after: Option<f64>,
    },
    /// The server forgets our socket.
    Deafen,
    Restart {
        down: f64,
    },
    /// Somebody removes our prompt from the queue.
    Dequeue(usize),
    /// Somebody interrupts our prompt.
    Interrupt(usize),
    ForgetHistory,
    /// Nothing comes through; sockets break at once or stay as if they were open.
    Outage {
        lasts: f64,
        silent: bool,
    },
    /// New sockets neither open nor fail.
    Blackhole {
        lasts: f64,
    },
}

impl Scenario {
    pub fn draw(seed: u64) -> (Scenario, Random) {
        let mut random = Random::new(seed);
        let r = &mut random;
        let calm = r.chance(0.1);
        let dialect = Dialect {
            snapshots: r.chance(0.8),
            mints_ids: r.chance(0.08),
            previews: r.chance(0.5),
            preview_metadata: r.chance(0.5),
            bare_progress: r.chance(0.05),
            null_status: r.chance(0.05),
            broadcasts: r.chance(0.1),
            jobs_route: r.chance(0.5),
            unreadable_until: match r.below(100) {
                _ if calm => 0.0,
                0 => f64::INFINITY,
                1..6 => r.spread(500.0, 40_000.0),
                _ => 0.0,
            },
        };
        let slow = r.chance(0.2);
        let travel = |r: &mut Random, most: f64| {
            let low = r.spread(0.1, 20.0);
            (low, low + r.spread(0.5, if slow { most } else { 40.0 }))
        };
        let trouble = |r: &mut Random, chance: f64, most: f64| {
            if !calm && r.chance(chance) { r.spread(0.01, most) } else { 0.0 }
        };
        let network = Network {
            http: travel(r, 3_000.0),
            socket: travel(r, 1_500.0),
            http_trouble: trouble(r, 0.5, 0.6),
            duplicates: trouble(r, 0.2, 0.2),
            echoes: trouble(r, 0.1, 0.1),
            garbage: trouble(r, 0.3, 0.2),
            lost_ends: if !calm && r.chance(0.1) { 1.0 } else { 0.0 },
        };
        let settings = Settings {
            idle_timeout_ms: if r.chance(0.6) { 5_000.0 } else { r.spread(200.0, 30_000.0) },
            poll_interval_ms: if r.chance(0.6) { 500.0 } else { r.spread(50.0, 5_000.0) },
            poll_queue: r.chance(0.2),
            previews: true,
        };
        let (has_socket, is_fresh_id) = (!r.chance(0.05), r.chance(0.7));
        let runs: Vec<RunPlan> = (0..if r.chance(0.25) { 2 + r.below(3) } else { 1 })
            .map(|at| Self::run(r, at, calm, &dialect, &settings, (has_socket, is_fresh_id)))
            .collect();
        let foreign: Vec<ForeignPlan> = (0..if r.chance(0.3) { 1 + r.below(3) } else { 0 })
            .map(|_| ForeignPlan {
                at: r.between(0.0, 3_000.0),
                whose: r.pick(&[Whose::Ours, Whose::Others, Whose::Nobodys]),
                prompt: Prompt::draw(r, &dialect),
            })
            .collect();
        let work = |prompt: &Prompt| prompt.script.iter().map(|(delay, _)| delay).sum::<f64>();
        let horizon = 3_000.0
            + runs.iter().map(|run| run.submit_at.max(work(&run.prompt))).sum::<f64>()
            + foreign.iter().map(|foreign| work(&foreign.prompt)).sum::<f64>();
        let faults = if calm { Vec::new() } else { Self::faults(r, horizon, runs.len()) };
        let expires_at = (!calm && r.chance(0.02)).then(|| (r.between(0.0, horizon), r.chance(0.5)));
        let lasts = |fault: &Fault| match fault {
            Fault::Restart { down: lasts } | Fault::Outage { lasts, .. } | Fault::Blackhole { lasts } => *lasts,
            Fault::Drop { server_sees, .. } => server_sees.unwrap_or(0.0),
            Fault::Steal { leaves_after } => leaves_after.unwrap_or(0.0),
            _ => 0.0,
        };
        let unreadable = Some(dialect.unreadable_until).filter(|until| until.is_finite()).unwrap_or_default();
        let heals_at = faults.iter().map(|(at, fault)| at + lasts(fault)).fold(unreadable, f64::max);
        let heals_at = if network.http_trouble > 0.0 { heals_at.max(r.between(0.0, horizon * 1.5)) } else { heals_at };
        let scenario = Scenario {
            dialect,
            network,
            runs,
            foreign,
            faults,
            heals_at,
            expires_at,
            timer_lag: if r.chance(0.5) { 0.0 } else { r.spread(0.1, 20.0) },
            early_timers: if r.chance(0.2) { 0.1 } else { 0.0 },
            shares_queue: r.chance(0.7),
            calm,
        };
        (scenario, random)
    }

    fn run(
        r: &mut Random,
        at: usize,
        calm: bool,
        dialect: &Dialect,
        settings: &Settings,
        (has_socket, is_fresh_id): (bool, bool),
    ) -> RunPlan {
        let submit_at = if at == 0 { 0.0 } else { r.between(0.0, 2_000.0) };
        let prompt = Prompt::draw(r, dialect);
        let span = prompt.script.iter().map(|(delay, _)| delay).sum::<f64>();
        let resume_after = r.chance(0.08).then(|| r.between(0.0, span * 1.3));
        RunPlan {
            prompt,
            settings: settings.clone(),
            frames: if has_socket {
                FrameSource::Socket { took_over: resume_after.is_some() }
            } else {
                FrameSource::None
            },
            is_fresh_id,
            seed: r.next(),
            submit_at,
            wait_ms: (!calm && r.chance(0.03)).then(|| r.spread(10.0, 30_000.0)),
            post_delay: if !calm && r.chance(0.2) { r.spread(10.0, 60_000.0) } else { 0.0 },
            resume_after,
            caller: r
                .chance(0.12)
                .then(|| (r.between(0.0, span * 1.2 + 300.0), r.pick(&[Caller::Cancel, Caller::Leave]))),
        }
    }

    fn faults(r: &mut Random, horizon: f64, runs: usize) -> Vec<(f64, Fault)> {
        let mut faults = Vec::new();
        let maybe = |r: &mut Random, chance: f64, value: f64| r.chance(chance).then_some(value);
        for _ in 0..if r.chance(0.6) { r.below(5) } else { 0 } {
            let at = r.between(0.0, horizon);
            let noticed = r.spread(1.0, 30_000.0);
            let seen = r.spread(1.0, 5_000.0);
            let fault = match r.below(22) {
                0..8 => Fault::Drop { client_sees: maybe(r, 0.9, seen), server_sees: maybe(r, 0.8, noticed) },
                8..12 => Fault::Close,
                12 => Fault::Steal { leaves_after: maybe(r, 0.5, noticed) },
                13 => Fault::Deafen,
                14 => Fault::Restart { down: r.spread(100.0, 60_000.0) },
                15 => Fault::Dequeue(r.below(runs)),
                16..19 => Fault::Interrupt(r.below(runs)),
                19 => Fault::ForgetHistory,
                20 => {
                    let longest = if r.chance(0.05) { 2.0 * 3_600_000.0 } else { 60_000.0 };
                    Fault::Outage { lasts: r.spread(100.0, longest), silent: r.chance(0.5) }
                }
                _ => Fault::Blackhole { lasts: r.spread(1_000.0, 120_000.0) },
            };
            faults.push((at, fault));
        }
        faults
    }
}
