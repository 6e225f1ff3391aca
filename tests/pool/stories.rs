//! Stories: three servers of different speed that fail and come back, and jobs at any time.

use super::*;

struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

#[derive(Default)]
struct Host {
    up: bool,
    duration: f64,
    prompts_done: usize,
    most_at_once: usize,
    at_once: usize,
}

#[derive(Debug)]
enum Happening {
    Arrives(u32),
    Probed(usize),
    Suits(u32, usize),
    Ends { job: u32, server: usize, taken: bool },
    Toggles(usize),
}

struct World {
    now: f64,
    pool: Pool,
    hosts: Vec<Host>,
    agenda: Vec<(f64, Happening)>,
    /// How many servers took a prompt of the job.
    taken: Vec<u32>,
    settled: Vec<u32>,
    limits: [usize; 3],
    random: Random,
}

impl World {
    fn perform(&mut self) {
        while let Some(effect) = self.pool.poll_effect() {
            match effect {
                Effect::Start { job, server } => self.start(job.0, server.0 as usize),
                Effect::AskSuits { job, server } => self.after(1.0, 30, Happening::Suits(job.0, server.0 as usize)),
                Effect::Probe(server) => self.after(1.0, 50, Happening::Probed(server.0 as usize)),
                Effect::StateChanged { .. } => {}
                // All of its servers failed before they took it, thrice.
                Effect::Refuse { job, reason } => {
                    assert_eq!((reason, self.taken[job.0 as usize]), (Refusal::Failed, 0));
                    self.settled[job.0 as usize] += 1;
                }
            }
        }
    }

    fn after(&mut self, least: f64, spread: u64, happening: Happening) {
        let at = self.now + least + self.random.below(spread) as f64;
        self.agenda.push((at, happening));
    }

    fn start(&mut self, job: u32, server: usize) {
        let host = &mut self.hosts[server];
        host.at_once += 1;
        host.most_at_once = host.most_at_once.max(host.at_once);
        // A few answers are lost after the server has taken the prompt.
        let reached = host.up && self.random.below(50) != 0;
        let taken = reached || (host.up && self.random.below(2) == 0);
        self.taken[job as usize] += u32::from(taken);
        let duration = if reached { host.duration } else { 5.0 };
        self.after(duration, 20, Happening::Ends { job, server, taken });
    }

    fn happen(&mut self, happening: Happening) {
        let now = self.now;
        match happening {
            Happening::Arrives(job) => {
                let (priority, chooses) = (self.random.below(3) as f64, self.random.below(4) == 0);
                self.pool.handle(now, Input::JobAdded { job: JobId(job), priority, chooses });
            }
            Happening::Probed(server) => {
                let host = &self.hosts[server];
                let answer = if host.up { ProbeAnswer::Waiting(host.at_once) } else { ProbeAnswer::Unreachable };
                self.pool.handle(now, Input::Probed { server: ServerId(server as u32), answer });
            }
            Happening::Suits(job, server) => {
                // The last server suits everything, so that no job is refused for want of one.
                let suits = self.hosts[server].up.then(|| server == 2 || self.random.below(2) == 0);
                self.pool.handle(now, Input::Suits { job: JobId(job), server: ServerId(server as u32), suits });
            }
            Happening::Ends { job, server, taken } => {
                let host = &mut self.hosts[server];
                host.at_once -= 1;
                let ending = match (host.up, taken) {
                    (true, true) => Ending::Settled,
                    (_, taken) => Ending::Unreachable { taken },
                };
                if taken {
                    host.prompts_done += 1;
                    self.settled[job as usize] += 1;
                }
                self.pool.handle(now, Input::JobEnded { job: JobId(job), ending });
            }
            Happening::Toggles(server) => {
                let host = &mut self.hosts[server];
                host.up = !host.up;
                // It comes back in a while; later it may fail again.
                let (least, spread) = if host.up { (20_000.0, 100_000) } else { (500.0, 20_000) };
                self.after(least, spread, Happening::Toggles(server));
            }
        }
    }
}

fn play(seed: u64, faults: bool) -> World {
    let mut random = Random(seed);
    let jobs = 20 + random.below(100) as u32;
    let limits = [0; 3].map(|_: usize| 1 + random.below(3) as usize);
    let host = |duration: f64| Host { up: true, duration, ..Host::default() };
    let mut world = World {
        now: 0.0,
        pool: Pool::new(seed),
        hosts: [100.0, 200.0, 400.0].map(host).into(),
        agenda: Vec::new(),
        taken: vec![0; jobs as usize],
        settled: vec![0; jobs as usize],
        limits,
        random,
    };
    for (server, limit) in limits.into_iter().enumerate() {
        world.pool.handle(0.0, Input::ServerAdded { server: ServerId(server as u32), limit });
        if faults {
            world.after(500.0, 10_000, Happening::Toggles(server));
        }
    }
    for job in 0..jobs {
        world.after(0.0, 5_000, Happening::Arrives(job));
    }
    world.perform();
    for _ in 0..200_000 {
        if world.settled.iter().all(|&times| times > 0) {
            return world;
        }
        let timeout = world.pool.poll_timeout();
        let next = (0..world.agenda.len()).min_by(|&a, &b| world.agenda[a].0.total_cmp(&world.agenda[b].0));
        let due = next.map(|next| world.agenda[next].0);
        match (timeout, due) {
            (Some(at), due) if due.is_none_or(|due| at <= due) => {
                world.now = world.now.max(at);
                let now = world.now;
                world.pool.handle(now, Input::Timeout);
            }
            (_, Some(at)) => {
                world.now = world.now.max(at);
                let (_, happening) = world.agenda.swap_remove(next.unwrap());
                world.happen(happening);
            }
            _ => panic!("seed {seed}: nothing happens any more, and {} jobs wait", world.pool.waiting()),
        }
        world.perform();
    }
    panic!("seed {seed}: it does not end");
}

#[test]
fn no_job_is_lost_and_no_prompt_runs_twice() {
    let seeds = std::env::var("SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(500u64).min(5_000);
    for seed in 0..seeds {
        let world = play(seed, true);
        assert!(world.taken.iter().all(|&times| times <= 1), "seed {seed}: a prompt ran twice");
        assert!(world.settled.iter().all(|&times| times == 1), "seed {seed}: a job ended twice");
        for (host, limit) in world.hosts.iter().zip(world.limits) {
            assert!(host.most_at_once <= limit, "seed {seed}: {} jobs at once, limit {limit}", host.most_at_once);
        }
    }
}

#[test]
fn work_spreads_as_the_servers_are_fast() {
    let mut done = [0; 3];
    for seed in 0..100 {
        let world = play(seed, false);
        (0..3).for_each(|server| done[server] += world.hosts[server].prompts_done / world.limits[server]);
    }
    assert!(done[0] > done[1] && done[1] > done[2], "{done:?}");
}
