//! Submissions, and prompts of others.

use comfyui_autoflow::protocol::dialect::Dialect;
use comfyui_autoflow::protocol::submission::Accepted;
use comfyui_autoflow::session::run::input::Answer;
use comfyui_autoflow::session::run::setup::FrameSource;
use comfyui_autoflow::session::submit::{Effect, Input as SubmitInput, QUESTION_LIMIT_MS, Submit, SubmitError};

use super::requests::{Asker, Failure, Reply};
use super::{Input, Verdict, World};
use crate::simulation::scenario::Whose;
use crate::simulation::server::Request;

impl World {
    /// A page that makes its run submits the prompt.
    pub(super) fn begin_submission(&mut self, run: usize) -> Verdict {
        let plan = &self.scenario.runs[run];
        let opens_socket = plan.frames != FrameSource::None;
        let submit = Submit::new(Dialect::Local, &format!("sent-{run}"), opens_socket, plan.wait_ms, self.now);
        self.players[run].submit = Some(submit);
        self.perform_submit(run)
    }

    pub(super) fn submit_feed(&mut self, run: usize, input: SubmitInput<()>) -> Verdict {
        let now = self.now;
        let player = &mut self.players[run];
        let Some(submit) = &mut player.submit else { return Ok(()) };
        if player.accepted {
            submit.handle(now, SubmitInput::RunAccepted);
        }
        submit.handle(now, input);
        self.perform_submit(run)
    }

    fn perform_submit(&mut self, run: usize) -> Verdict {
        while let Some(effect) = self.players[run].submit.as_mut().and_then(Submit::poll_effect) {
            match effect {
                Effect::Post { within_ms } => {
                    self.players[run].sent = true;
                    self.log.write(self.now, || format!("run {run} is sent"));
                    self.feed(run, Input::Submitting)?;
                    let delay = self.scenario.runs[run].post_delay;
                    let request = Request { method: "POST", route: "/prompt".into(), body: None };
                    self.request(Asker::Post { run }, request, (delay * 0.1, delay), Some(within_ms));
                }
                Effect::Abort => self.give_up(|asker| {
                    matches!(asker, Asker::Post { run: other } | Asker::Lost { run: other, .. } if *other == run)
                }),
                Effect::Ask(probe) => {
                    let prompt_id = format!("sent-{run}");
                    let request = Request::probe(probe, &prompt_id);
                    self.request(Asker::Lost { run, probe, prompt_id }, request, (0.0, 0.0), Some(QUESTION_LIMIT_MS));
                }
                Effect::Cancel(prompt_id) => self.begin_cancel(&prompt_id)?,
                Effect::Done(result) => self.submitted(run, result)?,
            }
        }
        Ok(())
    }

    /// The submission is over.
    fn submitted(&mut self, run: usize, result: Result<Accepted, SubmitError<()>>) -> Verdict {
        let player = &mut self.players[run];
        self.log.write(self.now, || format!("the submission of run {run} comes to {result:?}"));
        if std::mem::replace(&mut player.submitted, true) {
            return Err(format!("the submission of run {run} ends twice"));
        }
        match result {
            Ok(_) if player.job.is_none() => {
                Err(format!("run {run} is taken for submitted, and the server does not have it"))
            }
            Ok(accepted) => self.feed(run, Input::Accepted(&accepted.prompt_id)),
            Err(SubmitError::Aborted) if !player.aborted && player.observer.finished.is_none() => {
                Err(format!("the submission of run {run} is given up unasked"))
            }
            Err(_) if player.accepted && !player.aborted => {
                Err(format!("the submission of run {run} fails although its frames came"))
            }
            // Its caller cancels the run itself.
            Err(SubmitError::Aborted) => Ok(()),
            Err(_) => self.feed(run, Input::Leave),
        }
    }

    /// The prompt reaches the server.
    pub(super) fn take_prompt(&mut self, run: usize) -> (u16, String) {
        let prompt = self.scenario.runs[run].prompt.clone();
        let job = self.server.submit(Some(0), &format!("sent-{run}"), prompt);
        self.players[run].job = Some(job);
        self.log.write(self.now, || format!("the server takes run {run} as {}", self.server.jobs[job].id));
        (200, format!(r#"{{"prompt_id": "{}", "number": 1, "node_errors": {{}}}}"#, self.server.jobs[job].id))
    }

    /// A page that is gone by the time its run is picked up submits the prompt.
    pub(super) fn first_page_submits(&mut self, run: usize) -> Verdict {
        if self.server.up {
            self.take_prompt(run);
            self.flush();
        }
        Ok(())
    }

    pub(super) fn post_answered(&mut self, run: usize, reply: Reply) -> Verdict {
        let is_taken = matches!(reply, Ok((200, ref text)) if text.contains("prompt_id"));
        let cancels = self.cancels.len();
        let is_aborted = self.players[run].observer.finished.is_some() && !self.players[run].accepted;
        let late = reply == Err(Failure::Late);
        let input = match reply {
            Ok((status, text)) => SubmitInput::Answered { status, text },
            Err(_) => SubmitInput::Unanswered { late, cause: () },
        };
        self.submit_feed(run, input)?;
        // A prompt that was accepted after its caller had aborted is cancelled.
        let has_aborted = is_aborted && self.players[run].aborted;
        if is_taken && has_aborted && self.cancels.len() == cancels {
            return Err(format!("run {run} was aborted, and what the server took is not cancelled"));
        }
        Ok(())
    }

    pub(super) fn lost_found(&mut self, run: usize, answer: Answer) -> Verdict {
        self.submit_feed(run, SubmitInput::Probed(answer))
    }

    pub(super) fn foreign(&mut self, at: usize) -> Verdict {
        if !self.server.up {
            return Ok(());
        }
        let plan = self.scenario.foreign[at].clone();
        let client = match plan.whose {
            Whose::Ours => Some(0),
            Whose::Others => Some(1),
            Whose::Nobodys => None,
        };
        let job = self.server.submit(client, &format!("foreign-{at}"), plan.prompt);
        self.log.write(self.now, || format!("somebody submits {} ({:?})", self.server.jobs[job].id, plan.whose));
        self.flush();
        Ok(())
    }
}
