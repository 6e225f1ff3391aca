//! A model of ComfyUI: queue, workers, history, sockets with their takeover rule.

use std::fmt::Write;

use super::frames::{self, Content, NodeState, Packet};
use super::prompt::{Prompt, Step};
use super::scenario::Dialect;
use comfyui_autoflow::session::run::event::End;
use comfyui_autoflow::session::run::polling::Probe;

/// A prompt on the server.
#[derive(Debug)]
pub struct Job {
    pub id: String,
    pub client: Option<usize>,
    pub prompt: Prompt,
    number: i64,
    /// How it ended, and when that was decided.
    pub fate: Option<(End, f64)>,
    /// Since when the server has forgotten it.
    pub gone: Option<f64>,
    /// Somebody interrupted it while it ran.
    pub is_interrupted: bool,
    /// Outputs that were shown.
    pub outputs: Vec<(String, String)>,
    /// The item of the history.
    history: Option<String>,
    messages: Vec<String>,
}

#[derive(Debug)]
struct Running {
    job: usize,
    at: usize,
    script: Vec<(f64, Step)>,
    states: Vec<NodeState>,
    node: Option<String>,
    interrupted: bool,
}

/// A request as it reaches a server.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: &'static str,
    pub route: String,
    pub body: Option<String>,
}

impl Request {
    pub fn probe(probe: Probe, prompt_id: &str) -> Request {
        let route = match probe {
            Probe::History => format!("/history/{prompt_id}"),
            Probe::Queue => "/queue".to_owned(),
        };
        Request { method: "GET", route, body: None }
    }
}

/// The receivers of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    Client(usize),
    All,
}

#[derive(Debug)]
pub struct Server {
    pub dialect: Dialect,
    pub up: bool,
    pub jobs: Vec<Job>,
    /// The socket that is registered for each client id.
    pub sockets: [Option<usize>; 2],
    /// Counts restarts: steps of an earlier life do not count.
    pub life: u32,
    pending: Vec<usize>,
    running: Vec<Running>,
    numbers: i64,
    /// Frames to be sent.
    pub outbox: Vec<(To, Packet)>,
    /// Workers to wake: the job, and after how long.
    pub alarms: Vec<(usize, f64)>,
}

impl Server {
    pub fn new(dialect: Dialect) -> Server {
        Server {
            dialect,
            up: true,
            jobs: Vec::new(),
            sockets: [None; 2],
            life: 0,
            pending: Vec::new(),
            running: Vec::new(),
            numbers: 0,
            outbox: Vec::new(),
            alarms: Vec::new(),
        }
    }

    /// Takes a prompt, and returns the job.
    pub fn submit(&mut self, client: Option<usize>, sent_id: &str, prompt: Prompt) -> usize {
        self.numbers += 1;
        let job = self.jobs.len();
        let id = if self.dialect.mints_ids { format!("minted-{job}") } else { sent_id.to_owned() };
        self.jobs.push(Job {
            id,
            client,
            prompt,
            number: self.numbers,
            fate: None,
            gone: None,
            is_interrupted: false,
            outputs: Vec::new(),
            history: None,
            messages: Vec::new(),
        });
        // The queue is a heap: its order in the answer says nothing.
        self.pending.insert(self.pending.len() / 2, job);
        self.send_status();
        self.employ();
        job
    }

    fn employ(&mut self) {
        let workers = if self.dialect.broadcasts { 3 } else { 1 };
        while self.running.len() < workers
            && let Some(place) = (0..self.pending.len()).min_by_key(|at| self.jobs[self.pending[*at]].number)
        {
            let job = self.pending.remove(place);
            let script = self.jobs[job].prompt.script.clone();
            self.alarms.push((job, script[0].0));
            let fresh = Running { job, at: 0, script, states: Vec::new(), node: None, interrupted: false };
            self.running.push(fresh);
            self.send_status();
        }
    }

    /// Prompts that wait or run. One whose history is written has left the queue.
    fn remaining(&self) -> usize {
        self.pending.len() + self.running.iter().filter(|running| self.jobs[running.job].history.is_none()).count()
    }

    fn send_status(&mut self) {
        let text = frames::status(self.remaining(), None);
        self.outbox.push((To::All, Packet::text(None, text)));
    }

    /// A socket is opened for a client id.
    pub fn connect(&mut self, client: usize, socket: usize) {
        self.sockets[client] = Some(socket);
        let text = frames::status(self.remaining(), Some("sid"));
        self.outbox.push((To::Client(client), Packet::text(None, text)));
        let own = self.running.iter().find(|running| self.jobs[running.job].client == Some(client));
        if let Some(node) = own.and_then(|running| running.node.as_ref()) {
            let text = format!(r#"{{"type": "executing", "data": {{"node": "{node}"}}}}"#);
            self.outbox.push((To::Client(client), Packet::text(None, text)));
        }
    }

    /// The server notices that a socket of a client id is gone. It unregisters the socket that has that id now.
    pub fn notice_end(&mut self, client: usize) {
        self.sockets[client] = None;
    }

    /// Does the next step of a job.
    pub fn step(&mut self, now: f64, job: usize) {
        let Some(place) = self.running.iter().position(|running| running.job == job) else { return };
        let over =
            |step: &Step| matches!(step, Step::Failed(_) | Step::Interrupted | Step::Success | Step::Done | Step::Null);
        let running = &mut self.running[place];
        if running.interrupted && !over(&running.script[running.at].1) {
            running.script = vec![(0.0, Step::Interrupted), (1.0, Step::Done), (1.0, Step::Null)];
            running.at = 0;
        }
        let step = running.script[running.at].1.clone();
        running.at += 1;
        let next = running.script.get(running.at).map(|(delay, _)| *delay);
        self.perform(now, place, &step);
        match next {
            Some(delay) => self.alarms.push((job, delay)),
            None => {
                self.running.retain(|running| running.job != job);
                self.employ();
            }
        }
    }

    fn perform(&mut self, now: f64, place: usize, step: &Step) {
        let job = self.running[place].job;
        let id = self.jobs[job].id.clone();
        match step {
            Step::Start => self.tell(job, "execution_start", r#""timestamp": 1, "#),
            Step::Cached => {
                let nodes = list(&self.jobs[job].prompt.cached);
                self.tell(job, "execution_cached", &format!(r#""nodes": {nodes}, "#));
            }
            Step::Begin(node) => {
                self.running[place].node = Some(node.clone());
                self.node(place, node, 0, 1, "running");
                self.tell(job, "executing", &format!(r#""node": "{node}", "display_node": "{node}", "#));
            }
            Step::Progress { node, value, max, preview } => {
                self.node(place, node, *value, *max, "running");
                let progress = frames::progress(&self.dialect, node, *value, *max, &id);
                let mut contents = vec![Content::Text(progress.into())];
                if *preview {
                    let picture = Content::Binary(frames::preview(&self.dialect, node, &id));
                    // A preview with metadata is sent before the `progress` that it belongs to.
                    contents.insert(usize::from(!self.dialect.preview_metadata), picture);
                }
                contents.into_iter().for_each(|content| self.send(job, true, content));
            }
            Step::Text { node } => {
                let content = Content::Binary(frames::node_text(node, job));
                self.outbox.push((To::All, Packet { content, job: Some(job), last: false }));
            }
            Step::Executed { node, output } => {
                let text = output.as_deref().unwrap_or("null");
                self.tell(job, "executed", &format!(r#""node": "{node}", "output": {text}, "#));
                if let Some(output) = output {
                    self.jobs[job].outputs.push((node.clone(), output.clone()));
                }
            }
            Step::Finished(node) => {
                let max =
                    self.running[place].states.iter().find(|state| state.id == *node).map_or(1, |state| state.max);
                self.node(place, node, max, max, "finished");
            }
            Step::Custom => {
                let text = r#"{"type": "my_node.hello", "data": {"x": [1, 2]}}"#.to_owned();
                self.outbox.push((To::All, Packet::text(None, text)));
            }
            Step::Blocked(node) => self.error(job, node, "ExecutionBlocked"),
            Step::Failed(node) => {
                self.jobs[job].fate = Some((End::Error, now));
                self.error(job, node, "ValueError");
            }
            Step::Interrupted => {
                self.jobs[job].fate = Some((End::Interrupted, now));
                self.message(job, "execution_interrupted", r#""node_id": "1", "#);
            }
            Step::Success => {
                self.jobs[job].fate = Some((End::Completed, now));
                self.message(job, "execution_success", r#""timestamp": 2, "#);
            }
            Step::Done => {
                self.write_history(job);
                self.running[place].node = None;
                // It has left the queue, although its worker still sends frames.
                self.send_status();
            }
            Step::Null => {
                let text = frames::of_prompt("executing", r#""node": null, "#, &id);
                self.send(job, false, Content::Text(text.into()));
            }
        }
    }

    fn error(&mut self, job: usize, node: &str, class: &str) {
        let fields = format!(r#""node_id": "{node}", "exception_type": "{class}", "exception_message": "boom", "#);
        self.message(job, "execution_error", &fields);
    }

    /// A frame that stays in the history's messages.
    fn message(&mut self, job: usize, kind: &str, fields: &str) {
        self.jobs[job].messages.push(format!(r#"["{kind}", {{{fields}"x": 1}}]"#));
        self.tell(job, kind, fields);
    }

    fn tell(&mut self, job: usize, kind: &str, fields: &str) {
        let text = frames::of_prompt(kind, fields, &self.jobs[job].id);
        self.send(job, false, Content::Text(text.into()));
    }

    fn send(&mut self, job: usize, is_progress: bool, content: Content) {
        let last = matches!(&content, Content::Text(text) if text.contains(r#""node": null"#));
        let packet = Packet { content, job: Some(job), last };
        let to = match self.jobs[job].client {
            _ if self.dialect.broadcasts => To::All,
            Some(client) => To::Client(client),
            // Progress of a prompt without a client is sent to all sockets, its end to none.
            None if is_progress => To::All,
            None => return,
        };
        self.outbox.push((to, packet));
    }

    fn node(&mut self, place: usize, id: &str, value: u32, max: u32, state: &'static str) {
        let running = &mut self.running[place];
        match running.states.iter_mut().find(|node| node.id == id) {
            Some(node) => (node.value, node.max, node.state) = (value, max, state),
            None => running.states.push(NodeState { id: id.to_owned(), value, max, state }),
        }
        if self.dialect.snapshots {
            let job = running.job;
            let text = frames::snapshot(&running.states, &self.jobs[job].id);
            self.send(job, true, Content::Text(text.into()));
        }
    }

    fn write_history(&mut self, job: usize) {
        let job = &mut self.jobs[job];
        let completed = matches!(job.fate, Some((End::Completed, _)));
        let word = if completed { "success" } else { "error" };
        let status = if completed && self.dialect.null_status {
            "null".to_owned()
        } else {
            let mut messages = format!(r#"["execution_cached", {{"nodes": {}}}]"#, list(&job.prompt.cached));
            for message in &job.messages {
                let _ = write!(messages, ", {message}");
            }
            format!(r#"{{"status_str": "{word}", "completed": {completed}, "messages": [{messages}]}}"#)
        };
        let mut outputs = String::new();
        for (at, (node, output)) in job.outputs.iter().enumerate() {
            let comma = if at > 0 { ", " } else { "" };
            let _ = write!(outputs, r#"{comma}"{node}": {output}"#);
        }
        let Job { id, number, prompt, .. } = job;
        job.history = Some(format!(
            r#"{{"{id}": {{"prompt": [{number}, "{id}", {}, {{}}, []], "outputs": {{{outputs}}}, "status": {status}, "meta": {{}}}}}}"#,
            prompt.value
        ));
    }

    /// Answers a request other than a submission: status and body.
    pub fn answer(&mut self, now: f64, request: &Request) -> (u16, String) {
        let named = |body: &Option<String>| {
            let body = body.as_deref().unwrap_or_default();
            self.jobs.iter().position(|job| body.contains(&format!("\"{}\"", job.id)))
        };
        match (request.method, &*request.route) {
            ("GET", "/queue") => (200, self.queue()),
            ("GET", route) if route.starts_with("/history/") => self.history(now, &route["/history/".len()..]),
            ("POST", "/queue") => {
                if let Some(job) = named(&request.body) {
                    self.dequeue(now, job);
                }
                (200, String::new())
            }
            ("POST", "/interrupt") => {
                if let Some(job) = named(&request.body) {
                    self.interrupt(job);
                }
                (200, String::new())
            }
            ("POST", route) if self.dialect.jobs_route && route.starts_with("/api/jobs/") => {
                let id = route["/api/jobs/".len()..].trim_end_matches("/cancel");
                let job = self.jobs.iter().position(|job| job.id == id);
                let cancelled = job.is_some_and(|job| self.dequeue(now, job) || self.interrupt(job));
                (200, format!(r#"{{"cancelled": {cancelled}}}"#))
            }
            _ => (404, String::new()),
        }
    }

    /// `GET /history/{id}`: status and body.
    pub fn history(&self, now: f64, id: &str) -> (u16, String) {
        let item =
            self.jobs.iter().filter(|job| job.gone.is_none() && job.id == id).find_map(|job| job.history.clone());
        match item {
            Some(_) if now < self.dialect.unreadable_until => (500, "Internal Server Error".into()),
            Some(item) => (200, item),
            None => (200, "{}".into()),
        }
    }

    /// `GET /queue`.
    pub fn queue(&self) -> String {
        let entry = |job: &usize| {
            let Job { id, number, prompt, .. } = &self.jobs[*job];
            format!(r#"[{number}, "{id}", {}, {{}}, []]"#, prompt.value)
        };
        let in_queue = |running: &&Running| self.jobs[running.job].history.is_none();
        let running: Vec<String> = self.running.iter().filter(in_queue).map(|running| entry(&running.job)).collect();
        let pending: Vec<String> = self.pending.iter().map(entry).collect();
        format!(r#"{{"queue_running": [{}], "queue_pending": [{}]}}"#, running.join(", "), pending.join(", "))
    }

    /// Removes a prompt from the queue, if it waits.
    pub fn dequeue(&mut self, now: f64, job: usize) -> bool {
        let waits = self.pending.contains(&job);
        if waits {
            self.pending.retain(|other| *other != job);
            self.jobs[job].gone = Some(now);
            self.send_status();
        }
        waits
    }

    /// Interrupts a prompt, if it runs.
    pub fn interrupt(&mut self, job: usize) -> bool {
        let Some(running) = self.running.iter_mut().find(|running| running.job == job) else { return false };
        running.interrupted = true;
        self.jobs[job].is_interrupted = true;
        true
    }

    pub fn forget_history(&mut self, now: f64) {
        self.jobs.iter_mut().filter(|job| job.history.is_some()).for_each(|job| {
            job.gone.get_or_insert(now);
        });
    }

    /// The server stops: queue, history and sockets are lost.
    pub fn stop(&mut self, now: f64) {
        self.up = false;
        self.life += 1;
        self.sockets = [None; 2];
        self.pending.clear();
        self.running.clear();
        self.jobs.iter_mut().for_each(|job| {
            job.gone.get_or_insert(now);
        });
    }
}

fn list(ids: &[String]) -> String {
    let quoted: Vec<String> = ids.iter().map(|id| format!(r#""{id}""#)).collect();
    format!("[{}]", quoted.join(", "))
}
