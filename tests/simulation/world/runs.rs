//! The runs: started, given inputs, and their effects performed.

use std::rc::Rc;

use comfyui_autoflow::session::run::effect::{Effect, Finish};
use comfyui_autoflow::session::run::event::End;
use comfyui_autoflow::session::run::input::Answer;
use comfyui_autoflow::session::run::setup::RunSetup;
use comfyui_autoflow::session::submit;

use super::{Input, Run, Verdict, World};
use crate::simulation::frames::Packet;
use crate::simulation::observer::Truth;
use crate::simulation::scenario::Caller;
use crate::simulation::short_way::ShortWay;

impl World {
    pub(super) fn begin(&mut self, at: usize) -> Verdict {
        let plan = &self.scenario.runs[at];
        self.log.write(self.now, || format!("run {at} begins: {:?} {}", plan.settings, plan.prompt.value));
        let (mut prompt, mut id) = (plan.prompt.value.to_string(), format!("sent-{at}"));
        if plan.resume_after.is_some() {
            if self.random.chance(0.5) {
                prompt.clear();
            }
            if let Some(job) = self.players[at].job {
                id = self.server.jobs[job].id.clone();
            }
        }
        let setup = RunSetup {
            settings: plan.settings.clone(),
            prompt_id: &id,
            is_fresh_id: plan.is_fresh_id,
            prompt: &prompt,
            frames: plan.frames,
            seed: plan.seed,
        };
        self.endpoint.join(at);
        let run = match plan.resume_after {
            None => Run::new(setup, self.now),
            Some(_) => {
                let run = Run::resumed(setup, plan.submit_at, self.now);
                self.players[at].accepted = true;
                self.players[at].observer.accepted = true;
                self.endpoint.accept(at, run.prompt_id());
                run
            }
        };
        (self.players[at].began, self.players[at].busy_at) = (self.now, self.now);
        self.players[at].run = Some(run);
        self.perform(at)?;
        if self.players[at].accepted {
            return Ok(());
        }
        self.begin_submission(at)
    }

    pub(super) fn call(&mut self, run: usize, caller: Caller) -> Verdict {
        if self.players[run].observer.finished.is_some() || self.players[run].run.is_none() {
            return Ok(());
        }
        self.log.write(self.now, || format!("the caller of run {run}: {caller:?}"));
        match caller {
            Caller::Cancel => {
                self.players[run].observer.cancel();
                self.players[run].aborted = true;
                self.submit_feed(run, submit::Input::Aborted)?;
                self.feed(run, Input::Cancel)?;
                let player = &self.players[run];
                if player.cancelled != (player.sent || player.accepted) {
                    return Err(format!(
                        "run {run}: its cancelling is {}passed on",
                        if player.cancelled { "" } else { "not " }
                    ));
                }
            }
            Caller::Leave => self.feed(run, Input::Leave)?,
        }
        // A caller that gives up does not wait.
        match (caller, &self.players[run].observer.finished) {
            (Caller::Cancel, Some(Finish::Ended(End::Interrupted))) if self.players[run].accepted => Ok(()),
            (Caller::Leave, Some(Finish::Abandoned)) => Ok(()),
            (Caller::Cancel, Some(Finish::Abandoned)) if !self.players[run].accepted => Ok(()),
            _ => Err(format!("run {run} goes on although its caller gave up")),
        }
    }

    /// Gives an input to a run and performs its effects.
    pub(super) fn feed(&mut self, at: usize, input: Input) -> Verdict {
        let player = &mut self.players[at];
        let Some(run) = &mut player.run else { return Ok(()) };
        match &input {
            Input::Answer(_, Answer::Failed(None)) => {}
            Input::Answer(_, Answer::Failed(Some(429 | 502 | 503 | 504))) => player.contact = true,
            Input::Accepted(_) | Input::SocketOpened | Input::Frame(..) | Input::Answer(..) => {
                (player.contact, player.heard_at) = (true, self.now);
            }
            _ => {}
        }
        let short = match &input {
            Input::Frame(frame, _) => ShortWay::of(run, self.now, frame),
            _ => None,
        };
        run.handle(self.now, input);
        if let Some(short) = short {
            player.short += 1;
            short.assert_same(run, player.observer.last_progress().expect("an event before"));
        }
        self.perform(at)
    }

    pub(super) fn perform(&mut self, at: usize) -> Verdict {
        let mut given_up = false;
        while let Some(effect) = self.players[at].run.as_mut().and_then(Run::poll_effect) {
            self.log.write(self.now, || format!("  run {at}: {}", brief_effect(&effect)));
            let player = &mut self.players[at];
            let truth = Truth {
                now: self.now,
                job: player.job.map(|job| (job, &self.server.jobs[job])),
                contact: player.contact,
                heard_at: player.heard_at,
                last_trouble: self.network.last_trouble,
                expired: self.expired,
                unreadable: self.scenario.dialect.unreadable_until.is_infinite(),
                guesses: self.scenario.dialect.broadcasts || self.scenario.network.echoes > 0.0,
                named: self.socket.and_then(|socket| self.network.connections[socket].named),
            };
            player.observer.effect(&truth, &effect).map_err(|rule| format!("run {at}: {rule}"))?;
            match effect {
                Effect::Emit(_) | Effect::KeepPicture { .. } => {}
                Effect::Accepted => {
                    let player = &mut self.players[at];
                    player.accepted = true;
                    (player.accepted_at, player.busy_at) = (self.now, self.now);
                    if let Some(run) = &player.run {
                        self.endpoint.accept(at, run.prompt_id());
                    }
                }
                Effect::OpenSocket => {
                    self.endpoint.open(&at);
                    self.perform_endpoint()?;
                }
                Effect::ReplaceSocket => self.replace_socket(at)?,
                Effect::Ask(probe, id) => self.ask(at, probe, id)?,
                Effect::CancelOnServer => {
                    self.players[at].cancelled = true;
                    // Before the answer to the submission is there, the submission cancels.
                    if self.players[at].accepted
                        && let Some(id) = self.players[at].run.as_ref().map(|run| run.prompt_id().clone())
                    {
                        self.begin_cancel(&id)?;
                    }
                }
                Effect::NoContact => given_up = true,
                Effect::Finish(_) => self.finished(at)?,
            }
        }
        // The follower looks for the reason first.
        if given_up { self.feed(at, Input::Leave) } else { Ok(()) }
    }

    pub(super) fn finished(&mut self, at: usize) -> Verdict {
        let run = self.players[at].run.as_ref().expect("it finishes");
        if run.poll_timeout().is_some() || !run.is_finished() {
            return Err(format!("run {at}: a timer is left after the finish"));
        }
        self.endpoint.leave(&at);
        self.perform_endpoint()?;
        self.queue_watch.leave(&at);
        self.perform_queue_watch()?;
        self.submit_feed(at, submit::Input::RunEnded)?;
        let player = &self.players[at];
        let is_ended = matches!(player.observer.finished, Some(Finish::Ended(_)));
        if is_ended && player.submit.as_ref().is_some_and(|submit| !submit.is_done()) {
            return Err(format!("run {at} has ended, and its submission is still waited for"));
        }
        Ok(())
    }
}

fn brief_effect(effect: &Effect<Rc<Packet>>) -> String {
    match effect {
        Effect::Emit(event) => {
            let what: String = format!("{:?}", event.kind).chars().take(110).collect();
            let seen = &event.progress;
            format!("tells {what} ({}/{} done)", seen.nodes_done.len(), seen.nodes_total.len())
        }
        effect => format!("{effect:?}"),
    }
}
