//! The machine of `ComfyPool` for JavaScript: see `session::pool`. What it wants done is done in comfy-pool.js.

use std::cell::RefCell;

use js_sys::Array;
use wasm_bindgen::prelude::*;

use crate::session::pool::{Effect, Ending, Input, JobId, Pool, ProbeAnswer, Refusal, ServerId};
use crate::web::js::globals;

/// Servers and jobs are numbers that the caller chooses and uses once.
#[wasm_bindgen]
pub struct PoolMachine {
    pool: RefCell<Pool>,
}

#[wasm_bindgen]
impl PoolMachine {
    #[wasm_bindgen(constructor)]
    #[allow(clippy::new_without_default, reason = "JavaScript calls it")]
    pub fn new() -> PoolMachine {
        PoolMachine { pool: RefCell::new(Pool::new(globals::random_seed())) }
    }

    #[wasm_bindgen(js_name = addServer)]
    pub fn add_server(&self, server: u32, limit: u32) {
        self.handle(Input::ServerAdded { server: ServerId(server), limit: limit as usize });
    }

    #[wasm_bindgen(js_name = removeServer)]
    pub fn remove_server(&self, server: u32) {
        self.handle(Input::ServerRemoved(ServerId(server)));
    }

    #[wasm_bindgen(js_name = addJob)]
    pub fn add_job(&self, job: u32, priority: f64, chooses: bool) {
        self.handle(Input::JobAdded { job: JobId(job), priority, chooses });
    }

    #[wasm_bindgen(js_name = dropJob)]
    pub fn drop_job(&self, job: u32) {
        self.handle(Input::JobDropped(JobId(job)));
    }

    /// `code`: of the error that the job failed with, empty for any other end; `taken`: a server has one of its prompts.
    #[wasm_bindgen(js_name = jobEnded)]
    pub fn job_ended(&self, job: u32, code: &str, taken: bool) {
        let ending = match code {
            "network" | "no_server" => Ending::Unreachable { taken },
            "unauthorized" | "forbidden_origin" => Ending::Unauthorized { taken },
            _ => Ending::Settled,
        };
        self.handle(Input::JobEnded { job: JobId(job), ending });
    }

    /// `suits`: undefined where the server could not be reached for the answer.
    pub fn suits(&self, job: u32, server: u32, suits: Option<bool>) {
        self.handle(Input::Suits { job: JobId(job), server: ServerId(server), suits });
    }

    /// `waiting`: how many prompts the server has; undefined where it did not answer.
    pub fn probed(&self, server: u32, waiting: Option<u32>, unauthorized: bool) {
        let answer = match (waiting, unauthorized) {
            (Some(count), _) => ProbeAnswer::Waiting(count as usize),
            (None, true) => ProbeAnswer::Unauthorized,
            (None, false) => ProbeAnswer::Unreachable,
        };
        self.handle(Input::Probed { server: ServerId(server), answer });
    }

    #[wasm_bindgen(js_name = timeIsUp)]
    pub fn time_is_up(&self) {
        self.handle(Input::Timeout);
    }

    /// Milliseconds until `timeIsUp` is to be called; undefined where nothing waits for a time.
    #[wasm_bindgen(js_name = timeout)]
    pub fn timeout(&self) -> Option<f64> {
        self.pool.borrow().poll_timeout().map(|at| (at - globals::now()).max(0.0))
    }

    /// What is to be done next: its name, then job, server, state or reason; undefined where there is nothing.
    #[wasm_bindgen(js_name = nextEffect)]
    pub fn next_effect(&self) -> Option<Array> {
        let effect = self.pool.borrow_mut().poll_effect()?;
        let number = |number: u32| JsValue::from_f64(f64::from(number));
        let text = JsValue::from_str;
        Some(match effect {
            Effect::Start { job, server } => Array::of3(&text("start"), &number(job.0), &number(server.0)),
            Effect::AskSuits { job, server } => Array::of3(&text("askSuits"), &number(job.0), &number(server.0)),
            Effect::Probe(server) => Array::of2(&text("probe"), &number(server.0)),
            Effect::StateChanged { server, state } => {
                Array::of3(&text("stateChanged"), &number(server.0), &text(state.name()))
            }
            Effect::Refuse { job, reason } => {
                let reason = match reason {
                    Refusal::NoServer => "noServer",
                    Refusal::NoneSuits => "noneSuits",
                    Refusal::Failed => "failed",
                };
                Array::of3(&text("refuse"), &number(job.0), &text(reason))
            }
        })
    }
}

impl PoolMachine {
    fn handle(&self, input: Input) {
        self.pool.borrow_mut().handle(globals::now(), input);
    }
}
