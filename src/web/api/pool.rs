//! The machine of `ComfyPool` for JavaScript: see `session::pool`. What it wants done is done in comfy-pool.js.

use std::cell::RefCell;

use wasm_bindgen::prelude::*;

use crate::session::pool::{Effect, Ending, Input, JobId, Pool, ProbeAnswer, Refusal, ServerId, State};
use crate::web::js::globals;

/// Servers and jobs are numbers that the caller chooses and uses once.
#[wasm_bindgen]
pub struct PoolMachine(RefCell<Pool>);

#[wasm_bindgen]
impl PoolMachine {
    #[wasm_bindgen(constructor)]
    #[allow(clippy::new_without_default, reason = "JavaScript calls it")]
    pub fn new() -> PoolMachine {
        PoolMachine(RefCell::new(Pool::new(globals::random_seed())))
    }

    /// Takes an input as numbers, and gives the milliseconds until the next timeout (-1: none) and then the effects, three
    /// numbers each. One call with numbers alone: each export and each type costs as much as the machine's own steps. The
    /// numbers have names in comfy-pool.js (`INPUTS`, `EFFECTS`, `STATES`, `REFUSALS`).
    pub fn step(&self, input: u32, first: u32, second: u32, value: f64) -> Vec<f64> {
        let (job, server) = (JobId(first), ServerId(first));
        let input = match input {
            1 => Input::ServerAdded { server, limit: second as usize },
            2 => Input::ServerRemoved(server),
            3 => Input::JobAdded { job, priority: value, chooses: second == 1 },
            4 => Input::JobDropped(job),
            5 => Input::JobEnded { job, ending: ending(second, value == 1.0) },
            6 => {
                let suits = if value < 0.0 { None } else { Some(value == 1.0) };
                Input::Suits { job, server: ServerId(second), suits }
            }
            7 => Input::Probed { server, answer: answer(second, value) },
            _ => Input::Timeout,
        };
        let mut pool = self.0.borrow_mut();
        let now = globals::now();
        pool.handle(now, input);
        let mut done = vec![pool.poll_timeout().map_or(-1.0, |at| (at - now).max(0.0))];
        while let Some(effect) = pool.poll_effect() {
            let numbers = match effect {
                Effect::Start { job, server } => [0, job.0, server.0],
                Effect::AskSuits { job, server } => [1, job.0, server.0],
                Effect::Probe(server) => [2, server.0, 0],
                Effect::StateChanged { server, state } => [3, server.0, state_number(state)],
                Effect::Refuse { job, reason } => [4, job.0, reason_number(reason)],
            };
            done.extend(numbers.map(f64::from));
        }
        done
    }
}

fn ending(kind: u32, taken: bool) -> Ending {
    match kind {
        1 => Ending::Unreachable { taken },
        2 => Ending::Unauthorized { taken },
        _ => Ending::Settled,
    }
}

fn answer(kind: u32, waiting: f64) -> ProbeAnswer {
    match kind {
        0 => ProbeAnswer::Waiting(waiting as usize),
        2 => ProbeAnswer::Unauthorized,
        _ => ProbeAnswer::Unreachable,
    }
}

fn state_number(state: State) -> u32 {
    match state {
        State::Ready => 0,
        State::Busy => 1,
        State::Down => 2,
        State::Unauthorized => 3,
    }
}

fn reason_number(reason: Refusal) -> u32 {
    match reason {
        Refusal::NoServer => 0,
        Refusal::NoneSuits => 1,
        Refusal::Failed => 2,
    }
}
