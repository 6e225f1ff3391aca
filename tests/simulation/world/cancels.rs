//! Cancellations.

use comfyui_autoflow::protocol::dialect::Dialect;
use comfyui_autoflow::session::cancel::{Cancel, DEADLINE_MS, Effect};

use super::requests::{Asker, Reply};
use super::{Happening, Verdict, World};
use crate::simulation::server::Request;

/// A cancellation that is under way, or over.
pub struct Cancelling {
    machine: Cancel<()>,
    job: Option<usize>,
    began: f64,
    pub ended: bool,
}

impl World {
    pub(super) fn begin_cancel(&mut self, prompt_id: &str) -> Verdict {
        let job = self.server.jobs.iter().position(|job| job.id == prompt_id);
        self.log.write(self.now, || format!("{prompt_id} is being cancelled"));
        let machine = Cancel::new(Dialect::Local, prompt_id, self.now);
        self.cancels.push(Cancelling { machine, job, began: self.now, ended: false });
        self.perform_cancel(self.cancels.len() - 1)
    }

    pub(super) fn perform_cancel(&mut self, place: usize) -> Verdict {
        let now = self.now;
        match self.cancels[place].machine.poll_effect(now) {
            Effect::Send { request, within_ms } => {
                let body = request.body.clone();
                if request.route == "/interrupt" && !body.as_ref().is_some_and(|body| body.contains("prompt_id")) {
                    return Err("an interrupt that names no prompt stops whatever runs".into());
                }
                let request = Request { method: request.method, route: request.route, body };
                self.request(Asker::Cancel(place), request, (0.0, 0.0), Some(within_ms));
                Ok(())
            }
            Effect::WaitUntil(until) => {
                self.at(until, Happening::CancelGoesOn(place));
                Ok(())
            }
            Effect::Done(result) => {
                self.log.write(now, || format!("cancelling comes to {result:?}"));
                let cancelling = &mut self.cancels[place];
                cancelling.ended = true;
                if now - cancelling.began > DEADLINE_MS + 1.0 {
                    return Err(format!("cancelling takes {} ms", now - cancelling.began));
                }
                let job = cancelling.job.map(|job| &self.server.jobs[job]);
                let is_over = job.is_some_and(|job| job.fate.is_some() || job.gone.is_some() || job.is_interrupted);
                if result == Ok(true) && !is_over {
                    return Err("what is told to be cancelled goes on".into());
                }
                Ok(())
            }
        }
    }

    pub(super) fn cancel_answered(&mut self, place: usize, reply: Reply) -> Verdict {
        let now = self.now;
        let machine = &mut self.cancels[place].machine;
        match reply {
            Ok((status, text)) => machine.answered(now, status, text),
            Err(_) => machine.unanswered(now, ()),
        }
        self.perform_cancel(place)
    }

    pub(super) fn cancel_goes_on(&mut self, place: usize) -> Verdict {
        let now = self.now;
        self.cancels[place].machine.handle_timeout(now);
        self.perform_cancel(place)
    }
}
