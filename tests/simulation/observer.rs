//! Checks a run at every step: the eight invariants, and that it ends as it did on the server.

use std::rc::Rc;

use comfyui_autoflow::protocol::queue::QueuePosition;
use comfyui_autoflow::session::run::effect::{self, Finish};
use comfyui_autoflow::session::run::event::{self, DetectedBy, End, EndSource, EventKind};
use comfyui_autoflow::session::run::graph::Id;
use comfyui_autoflow::session::run::input::Answer;
use comfyui_autoflow::session::run::polling::Probe;
use comfyui_autoflow::session::run::snapshot::Snapshot;

use super::frames::{Content, Packet};
use super::server::Job;

/// Events carry the packet that they were made of.
type Effect = effect::Effect<Rc<Packet>>;
type Event = event::Event<Rc<Packet>>;

/// The context in which an effect is checked.
pub struct Truth<'t> {
    pub now: f64,
    /// The run's job on the server, once it has one.
    pub job: Option<(usize, &'t Job)>,
    /// Whether anything has ever come from the server, and when it last worked.
    pub contact: bool,
    pub heard_at: f64,
    /// When a request last failed.
    pub last_trouble: f64,
    /// Since when the server refuses everything.
    pub expired: Option<f64>,
    /// The history cannot be read.
    pub unreadable: bool,
    /// Several prompts run at once, or frames are repeated late, so a frame without a prompt id can be counted for the
    /// wrong prompt.
    pub guesses: bool,
    /// The job that was named last on the connection that is open.
    pub named: Option<usize>,
}

/// Watches one run.
#[derive(Debug)]
pub struct Observer {
    poll_interval_ms: f64,
    pub accepted: bool,
    pub events: u64,
    pub asked: u64,
    pub replaced: u64,
    /// How often it was reported that its socket is closed.
    pub lost_sockets: u64,
    pub finished: Option<Finish>,
    /// The terminal event, with the name of its source.
    pub terminal: Option<(End, &'static str)>,
    last: Option<(f64, Snapshot)>,
    last_round: f64,
    /// The probe that is waited for.
    in_flight: Option<(u32, Probe, f64)>,
    /// The first probe of this round, and which probe may follow at once.
    first_of_round: Probe,
    second_of_round: Option<(Probe, f64)>,
    cancel_asked: bool,
    /// Nodes whose output was emitted.
    outputs: Vec<String>,
}

type Verdict = Result<(), String>;

impl Observer {
    /// What the last event said of the progress.
    pub fn last_progress(&self) -> Option<&Snapshot> {
        self.last.as_ref().map(|(_, progress)| progress)
    }

    pub fn new(poll_interval_ms: f64) -> Observer {
        Observer {
            poll_interval_ms,
            accepted: false,
            events: 0,
            asked: 0,
            replaced: 0,
            lost_sockets: 0,
            finished: None,
            terminal: None,
            last: None,
            last_round: f64::NEG_INFINITY,
            in_flight: None,
            first_of_round: Probe::History,
            second_of_round: None,
            cancel_asked: false,
            outputs: Vec::new(),
        }
    }

    pub fn cancel(&mut self) {
        self.cancel_asked = true;
    }

    /// An answer is handed to the run.
    pub fn answered(&mut self, now: f64, id: u32, answer: &Answer) {
        if self.in_flight.is_some_and(|(waited, ..)| waited == id) {
            let asked = self.in_flight.take().map(|(_, probe, _)| probe);
            // After a queue that has the prompt no probe follows.
            let open = !matches!(answer, Answer::Queue(answer) if answer.position != QueuePosition::Absent);
            self.second_of_round = match asked.filter(|probe| open && *probe == self.first_of_round) {
                Some(Probe::History) => Some((Probe::Queue, now)),
                Some(Probe::Queue) => Some((Probe::History, now)),
                None => None,
            };
        }
    }

    pub fn effect(&mut self, truth: &Truth, effect: &Effect) -> Verdict {
        if self.finished.is_some() {
            return Err(format!("{effect:?} follows the finish"));
        }
        match effect {
            Effect::Accepted if truth.job.is_none() => {
                Err("takes a prompt for accepted that the server does not have".into())
            }
            Effect::Accepted if self.accepted => Err("is accepted twice".into()),
            Effect::Accepted => {
                self.accepted = true;
                Ok(())
            }
            Effect::Emit(event) => self.event(truth, event),
            Effect::Ask(probe, id) => {
                // A round is one question of each kind at most.
                let gap = truth.now - self.last_round;
                let early = gap < self.poll_interval_ms - 1e-6;
                if self.second_of_round.take() != Some((*probe, truth.now)) {
                    if early {
                        return Err(format!("a round of probes {gap} ms after the last one"));
                    }
                    self.last_round = truth.now;
                    self.first_of_round = *probe;
                } else if !early {
                    // It may be the first one of the next round as well.
                    self.first_of_round = *probe;
                }
                self.ask(truth, *probe, *id)
            }
            Effect::NoContact if truth.contact => Err("gives up on a server that has answered".into()),
            Effect::NoContact => Ok(()),
            Effect::CancelOnServer if !self.cancel_asked => Err("cancels unasked".into()),
            Effect::CancelOnServer | Effect::OpenSocket | Effect::KeepPicture { .. } => Ok(()),
            Effect::ReplaceSocket => {
                (self.replaced, self.lost_sockets) = (self.replaced + 1, self.lost_sockets + 1);
                Ok(())
            }
            Effect::Finish(finish) => {
                self.finished = Some(finish.clone());
                match (finish, self.terminal) {
                    (Finish::Ended(end), Some((told, _))) if *end == told => Ok(()),
                    (Finish::Abandoned, None) => Ok(()),
                    (finish, terminal) => Err(format!("finishes as {finish:?} after the terminal event {terminal:?}")),
                }
            }
        }
    }

    fn ask(&mut self, truth: &Truth, probe: Probe, id: u32) -> Verdict {
        self.asked += 1;
        if let Some((_, _, since)) = self.in_flight
            && truth.now - since < 10_000.0
        {
            return Err("asks while another probe is under way".into());
        }
        self.in_flight = Some((id, probe, truth.now));
        if self.accepted { Ok(()) } else { Err("asks before the prompt is taken".into()) }
    }

    fn event(&mut self, truth: &Truth, event: &Event) -> Verdict {
        self.events += 1;
        if self.terminal.is_some() {
            return Err("an event follows the terminal event".into());
        }
        if !self.accepted {
            return Err("an event before the prompt is taken".into());
        }
        if let Some((at, _)) = &self.last
            && event.at < *at
        {
            return Err(format!("time falls from {at} to {}", event.at));
        }
        if event.at > truth.now || event.elapsed_ms < 0.0 || event.queued_ms < 0.0 || event.node_ms < 0.0 {
            return Err("an event with times that cannot be".into());
        }
        self.progress(&event.progress)?;
        self.last = Some((event.at, event.progress.clone()));
        let expected_by = match &event.kind {
            EventKind::Output { .. } => Some(DetectedBy::History),
            EventKind::Queue(_) => Some(DetectedBy::Queue),
            EventKind::End(_, EndSource::History(_) | EndSource::Unreachable) => Some(DetectedBy::History),
            EventKind::End(_, EndSource::Vanished | EndSource::Refused(_)) => {
                event.detected_by.or(Some(DetectedBy::Queue))
            }
            _ => None,
        };
        if event.detected_by != expected_by {
            return Err(format!("detected by {:?}: {:?}", event.detected_by, event.kind));
        }
        match &event.kind {
            EventKind::Frame(packet) => self.frame(truth, packet),
            EventKind::Preview { preview, message, .. } => {
                self.unnamed(truth, message.job, preview.metadata.is_none(), "picture")
            }
            EventKind::ProgressText { text, .. } => {
                let owner = text.strip_prefix("job ").and_then(|job| job.parse().ok());
                self.unnamed(truth, owner, true, "text")
            }
            EventKind::Output { node, output } => {
                let Some((_, job)) = truth.job else { return Err("an output of nothing".into()) };
                if self.outputs.contains(node) {
                    return Err(format!("the output of {node} is told twice"));
                }
                self.outputs.push(node.clone());
                let real = job.outputs.iter().find(|(id, _)| id == node).map(|(_, output)| json(output));
                if real == Some(json(output)) { Ok(()) } else { Err(format!("an output of {node} that never was")) }
            }
            EventKind::End(end, source) => self.end(truth, *end, source, &event.progress),
            EventKind::Connection(status) if status.reason == "the socket closed" => {
                self.lost_sockets += 1;
                Ok(())
            }
            EventKind::Submitted | EventKind::Refused(_) | EventKind::Queue(_) | EventKind::Connection(_) => Ok(()),
        }
    }

    fn frame(&mut self, truth: &Truth, packet: &Packet) -> Verdict {
        let Content::Text(text) = &packet.content else { return Err("a frame of no text".into()) };
        let own = truth.job.is_some_and(|(_, job)| text.contains(&format!(r#""prompt_id": "{}""#, job.id)));
        let nobodys = ["status", "progress", "my_node.hello", "crystools.monitor", "notification"];
        if !own && (text.contains(r#""prompt_id": ""#) || !nobodys.contains(&kind_of(text))) {
            return Err(format!("a frame that is not its own: {text}"));
        }
        if !own && kind_of(text) == "progress" {
            return self.unnamed(truth, packet.job, true, "progress");
        }
        if own && text.starts_with(r#"{"type": "executed""#) && !text.contains(r#""output": null"#) {
            let node = text.split(r#""node": ""#).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
            if !self.outputs.iter().any(|known| known == node) {
                self.outputs.push(node.to_owned());
            }
        }
        Ok(())
    }

    /// An event of a frame without a prompt id, and the job that it is really of.
    fn unnamed(&self, truth: &Truth, owner: Option<usize>, may_guess: bool, what: &str) -> Verdict {
        let own = truth.job.is_some_and(|(job, _)| owner == Some(job));
        let nonsense = owner.is_none();
        let guessed = may_guess
            && truth.guesses
            && truth.named.is_some_and(|named| truth.job.is_some_and(|(job, _)| job == named));
        if own || nonsense || guessed { Ok(()) } else { Err(format!("another prompt's {what}")) }
    }

    fn progress(&self, seen: &Snapshot) -> Verdict {
        let before = self.last.as_ref().map(|(_, before)| before);
        let shown = before.map_or(0.0, |before| before.nodes_progress);
        if !(shown..=1.0).contains(&seen.nodes_progress) {
            return Err(format!("nodes_progress goes from {shown} to {}", seen.nodes_progress));
        }
        let same =
            |old: &Rc<Vec<Id>>, new: &Rc<Vec<Id>>| Rc::ptr_eq(old, new) || (old.len() == new.len() && old == new);
        let Some(before) = before else { return consistent(seen) };
        let lists = [
            (&before.nodes_total, &seen.nodes_total),
            (&before.nodes_completed, &seen.nodes_completed),
            (&before.nodes_skipped, &seen.nodes_skipped),
            (&before.nodes_done, &seen.nodes_done),
        ];
        let mut changed = false;
        for (old, new) in lists {
            // Where frames were missed or come late, a node that was taken for skipped may turn out to run, and one that
            // was taken for completed to be cached.
            let moved = |id: &Id| seen.nodes_skipped.contains(id) || before.nodes_skipped.contains(id);
            if new.len() < old.len() && !old.iter().all(|id| new.contains(id) || moved(id)) {
                return Err("a list of nodes shrinks".into());
            }
            if same(old, new) && !new.is_empty() && !Rc::ptr_eq(old, new) {
                return Err("a list of nodes is copied although it is the same".into());
            }
            changed |= !same(old, new);
        }
        if changed { consistent(seen) } else { Ok(()) }
    }

    fn end(&mut self, truth: &Truth, end: End, source: &EndSource<Rc<Packet>>, seen: &Snapshot) -> Verdict {
        let source = match source {
            EndSource::Frame(_) => "frame",
            EndSource::History(_) => "history",
            EndSource::Vanished => "vanished",
            EndSource::Refused(_) => "refused",
            EndSource::Unreachable => "unreachable",
            EndSource::Cancelled => "cancelled",
        };
        self.terminal = Some((end, source));
        match source {
            "cancelled" if self.cancel_asked && end == End::Interrupted => return Ok(()),
            "unreachable" if truth.now - truth.heard_at >= 600_000.0 && end == End::Error => return Ok(()),
            _ => {}
        }
        let Some((_, job)) = truth.job else {
            // The server never had it.
            let known = source == "vanished" || (source == "refused" && truth.expired.is_some());
            return if known { Ok(()) } else { Err("an end without a prompt".into()) };
        };
        if end == End::Completed && (seen.nodes_progress != 1.0 || seen.nodes_done.len() != seen.nodes_total.len()) {
            return Err(format!("completed at {} with {:?} done", seen.nodes_progress, seen.nodes_done));
        }
        match source {
            "refused" if truth.expired.is_some() => return Ok(()),
            "vanished" if job.gone.is_some() || truth.unreadable => return Ok(()),
            // It has ended, but the history, which alone knows how, does not answer.
            "vanished" if job.fate.is_some() && truth.now - truth.last_trouble < 61_000.0 => return Ok(()),
            "frame" | "history" if job.fate.map(|(real, _)| real) == Some(end) => {}
            _ => return Err(format!("ends as {end:?} by {source}, in truth {:?}, gone {:?}", job.fate, job.gone)),
        }
        // All outputs that were available are emitted.
        let lost = job.gone.is_some() || truth.unreadable || truth.expired.is_some();
        let missing = job.outputs.iter().find(|(node, _)| !self.outputs.contains(node));
        match missing {
            // The last attempt has failed, or is still waited for.
            Some((node, _)) if !lost && truth.now - truth.last_trouble > 21_000.0 => {
                Err(format!("ends by {source} without the output of {node}"))
            }
            _ => Ok(()),
        }
    }
}

fn kind_of(text: &str) -> &str {
    text.strip_prefix(r#"{"type": ""#).and_then(|rest| rest.split('"').next()).unwrap_or_default()
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).expect("JSON")
}

/// Done nodes are the completed and the skipped ones, each once, and all are in the prompt.
fn consistent(seen: &Snapshot) -> Verdict {
    let mut done: Vec<&Id> = seen.nodes_completed.iter().chain(seen.nodes_skipped.iter()).collect();
    done.sort();
    let mut told: Vec<&Id> = seen.nodes_done.iter().collect();
    told.sort();
    if done != told || !told.iter().all(|id| seen.nodes_total.contains(id)) {
        return Err(format!("lists of nodes disagree: {seen:?}"));
    }
    Ok(())
}
