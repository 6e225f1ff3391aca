//! One run as a value that takes inputs and gives effects. It owns no clock and no socket: the time is passed in.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

use super::event::{ConnectionNews, ConnectionState, DetectedBy, End, EndSource, Event, FrameText, QueueNews, What};
use super::graph::{Graph, Id};
use super::polling::{Polling, Probe, Queued};
use super::progress::Progress;
use super::settings::Settings;
use super::socket::Socket;
use crate::protocol::binary::BinaryFrame;
use crate::protocol::frame::{Body, Frame};
use crate::protocol::history::{HistoryAnswer, HistoryItem, Outcome};
use crate::protocol::queue::{Place, QueueAnswer};

/// What a run is told.
#[derive(Debug, Clone)]
pub enum Input<'a> {
    /// The prompt is about to be sent. Frames from here on may be its own.
    Submitting,
    /// The server took the prompt, under this id.
    Accepted(&'a str),
    /// The socket is open.
    SocketOpened,
    /// The socket closed, or could not be opened.
    SocketClosed,
    /// A text frame.
    Frame(&'a Frame<'a>),
    /// A binary frame, without its picture.
    Binary(&'a BinaryFrame),
    /// The answer to a probe, with the probe's id.
    Answer(u32, Answer),
    /// The time of [`Run::timer`] has come.
    Timer,
    /// The caller wants the run stopped.
    Cancel,
    /// The caller stops waiting and lets the run go on.
    Leave,
}

/// The answer to a probe.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Of the history.
    History(HistoryAnswer),
    /// Of the queue.
    Queue(QueueAnswer),
    /// There was none, or none that makes sense; with the HTTP status, where there was one.
    Failed(Option<u16>),
}

/// What a run wants done.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Hand this event to the callback.
    Emit(Box<Event>),
    /// Open the socket, if it is not open already.
    OpenSocket,
    /// Close the socket cleanly and open it again: it is deaf.
    ReplaceSocket,
    /// Ask the server; answer with this id.
    Ask(Probe, u32),
    /// Stop the prompt on the server.
    CancelOnServer,
    /// The run is over for its caller: nothing follows, and nothing may be left.
    Finish(Finish),
}

/// How a run is over for its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finish {
    /// A terminal event said so.
    Ended(End),
    /// The wait timeout passed.
    TimedOut,
    /// The caller gave up.
    Abandoned,
}

/// Frames kept while the answer to the submission is on its way; what exceeds this is got from the history.
const KEPT_FRAMES: usize = 1024;
/// `execution_success` alone is not the end: history is written after it. This long after it the history is asked.
const GRACE_MS: f64 = 250.0;
/// An end read from a frame waits for the history this many rounds, where outputs may have been missed.
const ROUNDS_FOR_OUTPUTS: u32 = 4;

/// One run.
#[derive(Debug)]
pub struct Run {
    settings: Settings,
    prompt_id: Rc<str>,
    accepted: bool,
    submitted_at: f64,
    started_at: Option<f64>,
    progress: Progress,
    socket: Socket,
    polling: Polling,
    /// Frames may have been missed: their outputs and their errors have to come from the history.
    gap: bool,
    /// `execution_success` came: the end is near, or its frame is lost.
    succeeded: bool,
    /// The last frame of this run, or when waiting for one began.
    last_own: f64,
    /// The last `connection` state told.
    told: Option<ConnectionState>,
    kept: Option<Vec<(f64, Rc<str>)>>,
    /// Nodes whose output was told, with the output as JSON text, in the order in which they came.
    outputs: Vec<(String, Option<String>)>,
    output_of: HashMap<String, usize>,
    /// An end that was read in a frame and waits for the history.
    ending: Option<(Option<End>, Rc<str>, u32)>,
    last_queue: Option<QueueNews>,
    finished: bool,
    effects: Vec<Effect>,
}

impl Run {
    /// A prompt that is about to be sent under this id. The socket is opened first.
    pub fn new(settings: Settings, prompt: &Value, prompt_id: &str, now: f64) -> Run {
        Self::with(settings, Graph::new(prompt), prompt_id, now)
    }

    /// A prompt that the server has already: after a reload, or when waiting begins late.
    pub fn resumed(settings: Settings, prompt: &Value, prompt_id: &str, submitted_at: f64, now: f64) -> Run {
        let mut run = Self::with(settings, Graph::new(prompt), prompt_id, now);
        run.submitted_at = submitted_at;
        run.accepted = true;
        run.gap = true;
        run.kept = None;
        run.polling.ask_at(now);
        run.tell_socket(now);
        run.begin_probe(now);
        run
    }

    fn with(settings: Settings, graph: Graph, prompt_id: &str, now: f64) -> Run {
        let socket = Socket::new(settings.has_socket, settings.took_over, settings.seed);
        let effects = if settings.has_socket { vec![Effect::OpenSocket] } else { Vec::new() };
        Run {
            polling: Polling::new(settings.poll_interval_ms, settings.idle_timeout_ms),
            prompt_id: Rc::from(prompt_id),
            accepted: false,
            submitted_at: now,
            started_at: None,
            progress: Progress::new(graph),
            socket,
            gap: false,
            succeeded: false,
            last_own: now,
            told: None,
            kept: None,
            outputs: Vec::new(),
            output_of: HashMap::new(),
            ending: None,
            last_queue: None,
            finished: false,
            effects,
            settings,
        }
    }

    /// The id the server runs it under; before the server has answered, the one that was sent.
    pub fn prompt_id(&self) -> &Rc<str> {
        &self.prompt_id
    }

    /// Whether nothing follows any more.
    pub fn is_finished(&self) -> bool {
        self.finished
    }

    /// Whether the server has answered the submission.
    pub fn is_accepted(&self) -> bool {
        self.accepted
    }

    /// Whether a frame of this run has come, or the history has it.
    pub fn has_started(&self) -> bool {
        self.started_at.is_some()
    }

    /// The outputs told so far: node id and JSON text, in the order in which they came.
    pub fn outputs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.outputs.iter().filter_map(|(node, output)| Some((node.as_str(), output.as_deref()?)))
    }

    /// Takes out what the run wants done, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// When the run wants [`Input::Timer`], at the latest. Milliseconds, like every time here.
    pub fn timer(&self) -> Option<f64> {
        if self.finished {
            return None;
        }
        let wait = self.settings.wait_timeout_ms.map(|wait| self.submitted_at + wait);
        let silence = (self.accepted && !self.polling.is_active()).then_some(self.silent_at());
        [wait, silence, self.polling.timer(), self.socket.retry_at()].into_iter().flatten().reduce(f64::min)
    }

    fn silent_at(&self) -> f64 {
        self.last_own + self.settings.idle_timeout_ms
    }

    /// Takes one input in. Call [`Run::take_effects`] after it.
    pub fn handle(&mut self, now: f64, input: Input) {
        if self.finished {
            return;
        }
        match input {
            Input::Submitting => {
                (self.submitted_at, self.last_own) = (now, now);
                self.kept = Some(Vec::new());
            }
            Input::Accepted(prompt_id) => self.on_accepted(now, prompt_id),
            Input::SocketOpened => self.on_socket_opened(now),
            Input::SocketClosed => self.on_socket_closed(now),
            Input::Frame(frame) => self.on_frame(now, frame, FrameText::Current),
            Input::Binary(frame) => self.on_binary(now, frame),
            Input::Answer(id, answer) => {
                if let Some(probe) = self.polling.answered(id) {
                    self.on_answer(now, probe, answer);
                }
            }
            Input::Timer => self.on_timer(now),
            Input::Cancel => {
                self.effects.push(Effect::CancelOnServer);
                self.finish(Finish::Abandoned);
            }
            Input::Leave => self.finish(Finish::Abandoned),
        }
        self.begin_probe(now);
    }

    fn on_accepted(&mut self, now: f64, prompt_id: &str) {
        if self.accepted {
            return;
        }
        self.accepted = true;
        self.last_own = now;
        if *self.prompt_id != *prompt_id {
            self.prompt_id = Rc::from(prompt_id);
        }
        self.emit_at(self.submitted_at, self.submitted_at, What::Submitted, None);
        self.tell_socket(now);
        if !self.socket.is_open() {
            // Whatever happens until it opens is not heard.
            self.gap = true;
            self.polling.ask_at(now + self.settings.poll_interval_ms);
        }
        if self.settings.poll_queue {
            self.polling.ask_at(now);
        }
        for (at, text) in self.kept.take().unwrap_or_default() {
            Frame::read(&text, &mut |frame| self.on_frame(at, frame, FrameText::Kept(text.clone())));
        }
    }

    fn on_socket_opened(&mut self, now: f64) {
        let reopened = self.told.is_some_and(|told| told != ConnectionState::Open);
        self.socket.opened(now);
        if !self.accepted {
            return;
        }
        self.tell_socket(now);
        if reopened || self.gap {
            // The end may have come while nobody listened.
            self.polling.ask_at(now);
        }
    }

    fn on_socket_closed(&mut self, now: f64) {
        if self.socket.is_absent() {
            return;
        }
        let was_open = self.socket.is_open();
        self.socket.closed(now);
        if !self.accepted {
            return;
        }
        self.gap = true;
        let reason = if was_open { "the socket closed" } else { "the socket could not be opened" };
        self.tell(now, ConnectionState::Reconnecting, reason);
        self.polling.ask_at(now);
    }

    /// Tells what the run relies on, once the server has taken the prompt.
    fn tell_socket(&mut self, now: f64) {
        if self.socket.is_open() {
            self.tell(now, ConnectionState::Open, "the socket is open");
        } else if self.socket.is_absent() {
            self.tell(now, ConnectionState::Polling, "this runtime has no WebSocket");
        } else if self.socket.attempt > 0 {
            self.tell(now, ConnectionState::Reconnecting, "the socket could not be opened");
        }
    }

    fn tell(&mut self, now: f64, state: ConnectionState, reason: &'static str) {
        self.told = Some(state);
        let attempt = self.socket.attempt;
        self.emit(now, What::Connection(ConnectionNews { state, reason, attempt }), None);
    }

    fn on_frame(&mut self, now: f64, frame: &Frame, text: FrameText) {
        if self.finished {
            return;
        }
        if !self.accepted {
            self.keep(now, frame);
            return;
        }
        let own = frame.prompt_id.as_deref() == Some(&*self.prompt_id);
        if !own {
            self.on_foreign_frame(now, frame, text);
            return;
        }
        self.socket.frame_came(now, false);
        self.heard(now);
        if matches!(frame.body, Body::ExecutionStart) {
            // Everything of a run comes after its start: whatever was missed before is not of this run.
            self.gap = false;
        }
        self.started_at.get_or_insert(now);
        self.progress.update(now, &frame.body);
        if let Body::Executed { node, output } = &frame.body {
            self.keep_output(node, *output);
        }
        self.emit(now, What::Frame(text.clone()), None);
        match &frame.body {
            Body::ExecutionSuccess => {
                self.succeeded = true;
                self.polling.ask_at(now + GRACE_MS);
            }
            // Errors may have been missed with the frames: then the history has to say how it ended.
            Body::ExecutingNull if self.gap => self.end_after_history(now, None, frame.text),
            Body::ExecutingNull => self.end(now, End::Completed, EndSource::Frame(text), None),
            Body::ExecutionError(failure) if failure.is_blocker() => {}
            Body::ExecutionError(_) if self.gap => self.end_after_history(now, Some(End::Error), frame.text),
            Body::ExecutionError(_) => self.end(now, End::Error, EndSource::Frame(text), None),
            Body::ExecutionInterrupted { .. } if self.gap => {
                self.end_after_history(now, Some(End::Interrupted), frame.text);
            }
            Body::ExecutionInterrupted { .. } => self.end(now, End::Interrupted, EndSource::Frame(text), None),
            _ => {}
        }
    }

    /// A frame that names another prompt, or none.
    fn on_foreign_frame(&mut self, now: f64, frame: &Frame, text: FrameText) {
        let greeting = match (&frame.prompt_id, &frame.body) {
            (_, Body::Status { greeting }) => *greeting,
            (Some(_), _) => false,
            // Sent once on connecting, to deaf sockets too, and for whichever prompt this client has running.
            (None, Body::ExecutingNode { .. }) => true,
            (None, _) => &*frame.kind == "feature_flags",
        };
        self.socket.frame_came(now, greeting);
        if frame.prompt_id.is_some() {
            return;
        }
        match frame.body {
            Body::Status { .. } => {
                self.emit(now, What::Frame(text), None);
                if self.settings.poll_queue && self.started_at.is_none() && !greeting {
                    self.polling.ask_at(now);
                }
            }
            // Frames that custom nodes invent often name no prompt; they change nothing here.
            Body::Other if self.started_at.is_some() && !greeting => self.emit(now, What::Frame(text), None),
            _ => {}
        }
    }

    fn keep(&mut self, now: f64, frame: &Frame) {
        self.socket.frame_came(now, matches!(frame.body, Body::Status { greeting: true }));
        let Some(kept) = &mut self.kept else { return };
        if kept.len() < KEPT_FRAMES {
            kept.push((now, Rc::from(frame.text)));
        } else {
            self.gap = true;
        }
    }

    /// A sign of life of this run.
    fn heard(&mut self, now: f64) {
        self.last_own = now;
        if self.ending.is_none() && self.socket.is_open() && !self.succeeded {
            self.polling.rest();
        }
        if self.told == Some(ConnectionState::Polling) && self.socket.is_open() {
            self.tell(now, ConnectionState::Open, "the socket speaks again");
        }
    }

    fn on_binary(&mut self, now: f64, frame: &BinaryFrame) {
        if !self.accepted {
            return;
        }
        self.socket.frame_came(now, false);
        match frame {
            BinaryFrame::Preview(preview) => {
                let metadata = preview.metadata.as_ref();
                let own = match metadata.and_then(|metadata| metadata.prompt_id.as_deref()) {
                    Some(prompt_id) => prompt_id == &*self.prompt_id,
                    // Without an id it belongs to whatever this client has running.
                    None => self.started_at.is_some(),
                };
                if own {
                    self.heard(now);
                    let named = metadata.and_then(|metadata| metadata.node_id.as_deref()).map(Id::from);
                    let node = named.or_else(|| self.progress.snapshot().node_current);
                    self.emit(now, What::Preview { preview: preview.clone(), node }, None);
                }
            }
            BinaryFrame::ProgressText { node_id, text } => {
                // Sent to everybody, without a prompt id.
                if self.started_at.is_some() && self.progress.may_own(node_id) {
                    let (node, text) = (node_id.clone(), text.clone());
                    self.emit(now, What::ProgressText { node, text }, None);
                }
            }
        }
    }

    fn on_timer(&mut self, now: f64) {
        if self.settings.wait_timeout_ms.is_some_and(|wait| now >= self.submitted_at + wait) {
            self.finish(Finish::TimedOut);
            return;
        }
        if self.socket.retry_at().is_some_and(|at| now >= at) {
            self.socket.connecting();
            self.effects.push(Effect::OpenSocket);
        }
        if self.accepted && !self.polling.is_active() && now >= self.silent_at() {
            if self.told != Some(ConnectionState::Polling) && self.socket.is_open() {
                self.tell(now, ConnectionState::Polling, "the socket says nothing; asking the server");
            }
            self.polling.ask_at(now);
        }
    }

    fn begin_probe(&mut self, now: f64) {
        if self.accepted
            && !self.finished
            && let Some((probe, id)) = self.polling.due(now)
        {
            self.effects.push(Effect::Ask(probe, id));
        }
    }

    fn on_answer(&mut self, now: f64, probe: Probe, answer: Answer) {
        match answer {
            Answer::History(HistoryAnswer::Ended(item)) => self.end_by_history(now, Rc::from(*item)),
            Answer::History(HistoryAnswer::Unknown) => {
                let (probe, id) = self.polling.ask_queue(now);
                self.effects.push(Effect::Ask(probe, id));
            }
            Answer::Queue(answer) => self.on_queue(now, &answer),
            Answer::Failed(status) => {
                if self.give_up_on_outputs(now) {
                    return;
                }
                if self.polling.failed(now, status) && !self.socket.is_open() {
                    let by = if probe == Probe::History { DetectedBy::History } else { DetectedBy::Queue };
                    self.end(now, End::Error, EndSource::Refused(status.unwrap_or_default()), Some(by));
                }
            }
        }
    }

    fn on_queue(&mut self, now: f64, answer: &QueueAnswer) {
        if let Some(prompt) = &answer.prompt
            && !self.progress.knows_nodes()
        {
            self.progress.learn_graph(Graph::new(prompt));
        }
        let queued = self.polling.queue_answered(now, answer);
        let position = match answer.place {
            Place::Running => Some(0),
            Place::Waiting(place) => Some(place),
            Place::Absent => None,
        };
        if let Some(position) = position {
            let news = QueueNews { position, running: answer.running, pending: answer.pending };
            let waiting = self.started_at.is_none();
            let moved = self.last_queue.is_none_or(|last| last.position != position);
            if waiting && (self.last_queue != Some(news)) && (moved || self.settings.poll_queue) {
                self.last_queue = Some(news);
                self.emit(now, What::Queue(news), Some(DetectedBy::Queue));
            }
        }
        match queued {
            Queued::Alive { changed } => {
                if self.socket.is_deaf(now, changed, self.settings.idle_timeout_ms) {
                    self.replace_socket(now);
                }
                self.rest_if_hearing(now);
            }
            Queued::Absent => {
                self.give_up_on_outputs(now);
            }
            Queued::Vanished => {
                if !self.give_up_on_outputs(now) {
                    self.end(now, End::Error, EndSource::Vanished, Some(DetectedBy::Queue));
                }
            }
        }
    }

    /// A probe after a reopened socket has found the prompt alive: from here on the socket tells.
    fn rest_if_hearing(&mut self, now: f64) {
        let silent = now >= self.silent_at();
        if self.socket.is_open() && !silent && self.ending.is_none() && self.told == Some(ConnectionState::Open) {
            self.polling.rest();
        }
    }

    fn replace_socket(&mut self, now: f64) {
        self.gap = true;
        self.socket.replaced();
        self.tell(now, ConnectionState::Reconnecting, "the socket is open but deaf; replacing it");
        self.effects.push(Effect::ReplaceSocket);
    }

    fn keep_output(&mut self, node: &str, output: Option<&str>) {
        match self.output_of.get(node) {
            Some(at) => {
                if let Some(output) = output {
                    self.outputs[*at].1 = Some(output.to_owned());
                }
            }
            None => {
                self.output_of.insert(node.to_owned(), self.outputs.len());
                self.outputs.push((node.to_owned(), output.map(str::to_owned)));
            }
        }
    }

    /// An end read in a frame, where frames may have been missed: the history first. `end: None` where the frame does
    /// not tell how it ended.
    fn end_after_history(&mut self, now: f64, end: Option<End>, text: &str) {
        if self.ending.is_none() {
            self.ending = Some((end, Rc::from(text), 0));
            self.polling.ask_at(now);
        }
    }

    /// The history does not answer: after some rounds the end that was read in a frame counts without it.
    fn give_up_on_outputs(&mut self, now: f64) -> bool {
        let Some((end, text, rounds)) = &mut self.ending else { return false };
        *rounds += 1;
        if *rounds < ROUNDS_FOR_OUTPUTS {
            return false;
        }
        let (end, text) = (end.unwrap_or(End::Completed), text.clone());
        self.end(now, end, EndSource::Frame(FrameText::Kept(text)), None);
        true
    }

    fn end_by_history(&mut self, now: f64, item: Rc<HistoryItem>) {
        if !self.progress.knows_nodes()
            && let Some(prompt) = &item.prompt
        {
            self.progress.learn_graph(Graph::new(prompt));
        }
        self.started_at.get_or_insert(now);
        self.progress.skip_all(&item.cached);
        for (node, output) in &item.outputs {
            if !self.output_of.contains_key(node) {
                self.progress.complete_one(node);
                self.keep_output(node, Some(output));
                let what = What::Output { node: node.clone(), output: output.clone() };
                self.emit(now, what, Some(DetectedBy::History));
            }
        }
        let end = match item.outcome {
            Outcome::Completed => End::Completed,
            Outcome::Failed => End::Error,
            Outcome::Interrupted => End::Interrupted,
        };
        match self.ending.take() {
            // The frame has said the same: then it is the source.
            Some((said, text, _)) if said == Some(end) || (said.is_none() && end == End::Completed) => {
                self.end(now, end, EndSource::Frame(FrameText::Kept(text)), None);
            }
            _ => self.end(now, end, EndSource::History(item), Some(DetectedBy::History)),
        }
    }

    fn end(&mut self, now: f64, end: End, source: EndSource, detected_by: Option<DetectedBy>) {
        match end {
            End::Completed => self.progress.complete_run(),
            End::Error | End::Interrupted => {}
        }
        self.emit(now, What::End(end, source), detected_by);
        self.progress.stop();
        self.finish(Finish::Ended(end));
    }

    fn finish(&mut self, finish: Finish) {
        self.finished = true;
        self.kept = None;
        self.effects.push(Effect::Finish(finish));
    }

    fn emit(&mut self, now: f64, what: What, detected_by: Option<DetectedBy>) {
        self.emit_at(now, now, what, detected_by);
    }

    fn emit_at(&mut self, now: f64, at: f64, what: What, detected_by: Option<DetectedBy>) {
        self.effects.push(Effect::Emit(Box::new(Event {
            what,
            detected_by,
            at,
            progress: self.progress.snapshot(),
            queued_ms: self.started_at.unwrap_or(now) - self.submitted_at,
            elapsed_ms: now - self.submitted_at,
            node_ms: self.progress.node_execution_ms(now),
        })));
    }
}
