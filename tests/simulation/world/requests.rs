//! Requests and their answers.

use comfyui_autoflow::protocol::history::HistoryAnswer;
use comfyui_autoflow::protocol::queue::{Queue, QueueAnswer};
use comfyui_autoflow::session::queue_watch::Effect;
use comfyui_autoflow::session::run::input::Answer;
use comfyui_autoflow::session::run::polling::Probe;

use super::{Happening, Input, Verdict, World};
use crate::simulation::network::Passage;
use crate::simulation::server::Request;

/// The sender of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum Asker {
    /// A probe of a run.
    Probe { run: usize, id: u32, probe: Probe, prompt_id: String },
    /// The question of all runs to the queue.
    Queue { number: u32 },
    /// The submission of a run.
    Post { run: usize },
    /// Whether the server has the prompt whose answer was lost.
    Lost { run: usize, probe: Probe, prompt_id: String },
    /// A cancellation, by its place.
    Cancel(usize),
}

/// A request that is under way.
#[derive(Debug)]
pub struct Pending {
    asker: Asker,
    /// Its answer is still waited for.
    open: bool,
}

/// An answer: status and body, or how the request failed.
pub type Reply = Result<(u16, String), Failure>;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Failure {
    Broken,
    Late,
}

impl World {
    /// Sends a request. `extra`: how much longer it takes there and back; `within`: how long its answer is waited for.
    pub(super) fn request(&mut self, asker: Asker, request: Request, extra: (f64, f64), within: Option<f64>) {
        let place = self.pending.len();
        self.pending.push(Pending { asker, open: true });
        if let Some(within) = within {
            self.after(within, Happening::Replied { place, reply: Err(Failure::Late) });
        }
        match self.passage() {
            Passage::Through { there, back } => {
                let lost = false;
                self.after(there + extra.0, Happening::Requested { place, request, back: back + extra.1, lost });
            }
            Passage::AnswerLost { there, back } => {
                let lost = true;
                self.after(there + extra.0, Happening::Requested { place, request, back: back + extra.1, lost });
            }
            Passage::Proxy { status, after } => {
                let reply = status.map(|status| (status, "<html>".to_owned())).ok_or(Failure::Broken);
                self.after(after, Happening::Replied { place, reply });
            }
            Passage::Swallowed => {}
        }
    }

    fn passage(&mut self) -> Passage {
        if self.expired.is_some() {
            let status = self.random.pick(&[401, 403]);
            return Passage::Proxy { status: Some(status), after: self.network.http_delay(&mut self.random) };
        }
        self.network.request(&mut self.random, self.now, self.server.up)
    }

    /// A request reaches the server.
    pub(super) fn requested(&mut self, place: usize, request: &Request, back: f64, lost: bool) -> Verdict {
        if !self.server.up {
            self.network.last_trouble = self.now;
            self.after(back, Happening::Replied { place, reply: Err(Failure::Broken) });
            return Ok(());
        }
        let (status, body) = match (&self.pending[place].asker, request) {
            (Asker::Post { run }, _) => self.take_prompt(*run),
            (_, request) => self.server.answer(self.now, request),
        };
        self.log.write(self.now, || format!("{} {} → {status}", request.method, request.route));
        self.flush();
        if status == 500 {
            self.network.last_trouble = self.now;
        }
        let reply = if lost { Err(Failure::Broken) } else { Ok((status, body)) };
        if lost {
            self.network.last_trouble = self.now;
        }
        self.after(back, Happening::Replied { place, reply });
        Ok(())
    }

    /// Discards the requests of these senders.
    pub(super) fn give_up(&mut self, is_it: impl Fn(&Asker) -> bool) {
        self.pending.iter_mut().filter(|pending| is_it(&pending.asker)).for_each(|pending| pending.open = false);
    }

    pub(super) fn replied(&mut self, place: usize, reply: Reply) -> Verdict {
        let pending = &mut self.pending[place];
        if !std::mem::take(&mut pending.open) {
            return Ok(());
        }
        match pending.asker.clone() {
            Asker::Probe { run, id, probe, prompt_id } => self.answer_probe(run, id, read(probe, &prompt_id, reply)),
            Asker::Queue { number } => {
                let answer = match reply {
                    Ok((200, text)) => Queue::read(&text).ok_or(Some(200)),
                    Ok((status, _)) => Err(Some(status)),
                    Err(_) => Err(None),
                };
                self.queue_watch.answered(self.now, number, answer);
                self.perform_queue_watch()
            }
            Asker::Post { run } => self.post_answered(run, reply),
            Asker::Lost { run, probe, prompt_id } => self.lost_found(run, read(probe, &prompt_id, reply)),
            Asker::Cancel(place) => self.cancel_answered(place, reply),
        }
    }

    /// A run sends a probe.
    pub(super) fn ask(&mut self, run: usize, probe: Probe, id: u32) -> Verdict {
        self.players[run].busy_at = self.now;
        let Some(machine) = &self.players[run].run else { return Ok(()) };
        let prompt_id = machine.prompt_id().clone();
        if probe == Probe::Queue && self.scenario.shares_queue && !machine.wants_prompt() {
            let known_until = machine.queue_known_until();
            self.queue_watch.ask(self.now, run, prompt_id, id, known_until);
            return self.perform_queue_watch();
        }
        let request = Request::probe(probe, &prompt_id);
        // Its earlier probe is void.
        self.give_up(|asker| matches!(asker, Asker::Probe { run: other, .. } if *other == run));
        let asker = Asker::Probe { run, id, probe, prompt_id: prompt_id.to_string() };
        self.request(asker, request, (0.0, 0.0), None);
        Ok(())
    }

    pub(super) fn perform_queue_watch(&mut self) -> Verdict {
        while let Some(effect) = self.queue_watch.poll_effect() {
            match effect {
                Effect::Ask(number) => {
                    self.give_up(|asker| matches!(asker, Asker::Queue { .. }));
                    self.request(Asker::Queue { number }, Request::probe(Probe::Queue, ""), (0.0, 0.0), None);
                }
                Effect::Abort => self.give_up(|asker| matches!(asker, Asker::Queue { .. })),
                Effect::Answer(run, id, answer) => self.answer_probe(run, id, answer)?,
            }
        }
        Ok(())
    }

    fn answer_probe(&mut self, run: usize, id: u32, answer: Answer) -> Verdict {
        self.note_asked(run, &answer);
        self.log.write(self.now, || {
            let text: String = format!("{answer:?}").chars().take(110).collect();
            format!("run {run} is answered: {text}")
        });
        self.players[run].observer.answered(self.now, id, &answer);
        self.feed(run, Input::Answer(id, answer))
    }
}

/// Reads the answer to a probe as the package does.
fn read(probe: Probe, prompt_id: &str, reply: Reply) -> Answer {
    let answer = match (&reply, probe) {
        (Ok((200, text)), Probe::History) => HistoryAnswer::read(text, prompt_id).map(Answer::History),
        (Ok((200, text)), Probe::Queue) => QueueAnswer::read(text, prompt_id).map(Answer::Queue),
        _ => None,
    };
    answer.unwrap_or(Answer::Failed(reply.ok().map(|(status, _)| status)))
}
