//! Requests: the submission, probes, cancelling.

use comfyui_autoflow::protocol::history::HistoryAnswer;
use comfyui_autoflow::protocol::queue::{Queue, QueueAnswer};
use comfyui_autoflow::protocol::submission::Accepted;
use comfyui_autoflow::session::run::input::Answer;
use comfyui_autoflow::session::run::polling::Probe;

use super::{Happening, Input, Verdict, World};
use crate::simulation::network::Passage;
use crate::simulation::scenario::Whose;

impl World {
    /// Sends the prompt: the socket is open, has failed to open, or has had its time.
    pub(super) fn send(&mut self, run: usize) -> Verdict {
        if self.players[run].sent || self.players[run].accepted || self.players[run].observer.finished.is_some() {
            return Ok(());
        }
        self.players[run].sent = true;
        self.log.write(self.now, || format!("run {run} is sent"));
        self.feed(run, Input::Submitting)?;
        let delay = self.scenario.runs[run].post_delay;
        match self.passage() {
            Passage::Through { there, .. } => self.after(there + delay * 0.1, Happening::PostArrives(run)),
            Passage::Proxy { after, .. } => self.after(after, Happening::PostAnswered(run, None)),
            Passage::AnswerLost { there, back } => {
                self.players[run].cancelled = true;
                self.after(there, Happening::PostArrives(run));
                self.after(there + back, Happening::PostAnswered(run, None));
            }
            Passage::Swallowed => self.after(120_000.0, Happening::PostAnswered(run, None)),
        }
        Ok(())
    }

    pub(super) fn post_arrives(&mut self, run: usize) -> Verdict {
        if !self.server.up {
            self.after(1.0, Happening::PostAnswered(run, None));
            return Ok(());
        }
        let prompt = self.scenario.runs[run].prompt.clone();
        let job = self.server.submit(Some(0), &format!("sent-{run}"), prompt);
        self.players[run].job = Some(job);
        self.log.write(self.now, || format!("the server takes run {run} as {}", self.server.jobs[job].id));
        self.flush();
        if self.scenario.runs[run].resume_after.is_none() {
            let reply = format!(r#"{{"prompt_id": "{}", "number": 1, "node_errors": {{}}}}"#, self.server.jobs[job].id);
            let back = self.network.http_delay(&mut self.random) + self.scenario.runs[run].post_delay;
            self.after(back, Happening::PostAnswered(run, Some(reply)));
        }
        Ok(())
    }

    pub(super) fn post_answered(&mut self, run: usize, reply: Option<String>) -> Verdict {
        let player = &mut self.players[run];
        if self.scenario.runs[run].resume_after.is_some() || player.accepted {
            return Ok(());
        }
        let Some(reply) = reply else {
            self.log.write(self.now, || format!("the submission of run {run} fails"));
            return self.feed(run, Input::Leave);
        };
        let accepted = Accepted::read(&reply).expect("a reply to a submission");
        if player.observer.finished.is_some() {
            // Given up while it was on its way: what was taken is taken back.
            if let Some(job) = player.job.filter(|_| player.cancelled) {
                self.cancel(job);
            }
            return Ok(());
        }
        self.feed(run, Input::Accepted(&accepted.prompt_id))
    }

    pub(super) fn ask(&mut self, run: usize, probe: Probe, id: u32) {
        self.players[run].busy_at = self.now;
        if probe == Probe::Queue
            && self.scenario.shares_queue
            && let Some(answer) = self.known_queue(run)
        {
            self.after(0.0, Happening::Answered { run, id, answer: Answer::Queue(answer) });
            return;
        }
        match self.passage() {
            Passage::Through { there, back } => {
                self.after(there, Happening::Asked { run, id, probe, passage: (self.now, back, false) });
            }
            Passage::AnswerLost { there, back } => {
                self.after(there, Happening::Asked { run, id, probe, passage: (self.now, back, true) });
            }
            Passage::Proxy { status, after } => {
                self.after(after, Happening::Answered { run, id, answer: Answer::Failed(status) });
            }
            Passage::Swallowed => {}
        }
    }

    /// What an answer to another run says of this one, where that is new to it.
    fn known_queue(&self, run: usize) -> Option<QueueAnswer> {
        let (there_at, asked, text) = self.known_queue.as_ref()?;
        let player = self.players[run].run.as_ref()?;
        if *there_at > self.now || *asked <= player.queue_known_until() || player.wants_prompt() {
            return None;
        }
        Some(Queue::read(text)?.answer(player.prompt_id(), *asked))
    }

    fn passage(&mut self) -> Passage {
        if self.expired.is_some() {
            let status = self.random.pick(&[401, 403]);
            return Passage::Proxy { status: Some(status), after: self.network.http_delay(&mut self.random) };
        }
        self.network.request(&mut self.random, self.now, self.server.up)
    }

    pub(super) fn asked(&mut self, run: usize, id: u32, probe: Probe, passage: (f64, f64, bool)) -> Verdict {
        let (sent, back, lost) = passage;
        if !self.server.up || lost {
            self.network.last_trouble = self.now;
            self.after(back, Happening::Answered { run, id, answer: Answer::Failed(None) });
            return Ok(());
        }
        let player = &self.players[run];
        let prompt_id = player.run.as_ref().map_or_else(String::new, |run| run.prompt_id().to_string());
        let answer = match probe {
            Probe::History => match self.server.history(self.now, &prompt_id) {
                (200, body) => HistoryAnswer::read(&body, &prompt_id).map(Answer::History),
                (status, _) => {
                    self.network.last_trouble = self.now;
                    Some(Answer::Failed(Some(status)))
                }
            },
            Probe::Queue => {
                let text = self.server.queue();
                let answer = QueueAnswer::read(&text, &prompt_id).map(Answer::Queue);
                self.known_queue = Some((self.now + back, sent, text));
                answer
            }
        };
        self.after(back, Happening::Answered { run, id, answer: answer.unwrap_or(Answer::Failed(Some(200))) });
        Ok(())
    }

    pub(super) fn cancel(&mut self, job: usize) {
        let there = self.network.http_delay(&mut self.random);
        self.after(there, Happening::CancelArrives(job));
    }

    pub(super) fn cancel_arrives(&mut self, job: usize) -> Verdict {
        self.log.write(self.now, || format!("{} is cancelled", self.server.jobs[job].id));
        if self.server.up && !self.server.dequeue(self.now, job) {
            self.server.interrupt(job);
        }
        self.flush();
        Ok(())
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
