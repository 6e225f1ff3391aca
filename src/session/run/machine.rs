//! One run as a value that takes inputs and gives effects. It owns no clock and no socket: the time is passed in.

mod answers;
mod connection;
mod ending;
mod frames;

use std::rc::Rc;

pub use crate::session::run::effect::{Effect, Finish};
pub use crate::session::run::input::{Answer, Input};

use crate::protocol::frame::Frame;
use crate::session::run::event::{ConnectionState, DetectedBy, Event, FrameText, QueueNews, What};
use crate::session::run::frame_buffer::{Kept, Part};
use crate::session::run::graph::Graph;
use crate::session::run::outputs::Outputs;
use crate::session::run::polling::Polling;
use crate::session::run::progress::Progress;
use crate::session::run::settings::Settings;
use crate::session::run::socket_health::Socket;
use ending::Ending;

/// One run.
#[derive(Debug)]
pub struct Run {
    settings: Settings,
    prompt_id: Rc<str>,
    stage: Stage,
    /// The time of the input that is being handled. Frames that were kept are handled with a time of their own.
    now: f64,
    /// By how much the clock has been set back since the run began.
    set_back: f64,
    submitted_at: f64,
    /// It was submitted before this run began.
    resumed: bool,
    /// The server has given any sign of life.
    in_contact: bool,
    /// When the server was known to have the prompt.
    accepted_at: f64,
    started_at: Option<f64>,
    progress: Progress,
    socket: Socket,
    polling: Polling,
    /// Frames may have been missed: their outputs and their errors have to come from the history.
    gap: bool,
    /// A frame of this run has come.
    heard: bool,
    /// A frame of this run has come on the connection that is open: from there on none was missed.
    heard_here: bool,
    /// The last frame of this connection that named a prompt named this one: what names none is its own. The queue's
    /// word does not count: frames of the prompt before may still be on their way.
    running: bool,
    /// The last frame of this run, or when waiting for one began.
    quiet_since: f64,
    /// The text of an `execution_success`: the end is near, or its frame is lost.
    success: Option<Rc<str>>,
    /// An end that was read in a frame and waits for the history.
    ending: Option<Ending>,
    /// Why there is no socket, where there is none.
    no_socket: &'static str,
    /// The last `connection` state told.
    told: Option<ConnectionState>,
    kept: Kept,
    outputs: Outputs,
    last_queue: Option<QueueNews>,
    /// Time of the last event: times of events never fall.
    last_at: f64,
    effects: Vec<Effect>,
}

/// How far a run is with its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Nothing has been sent.
    New,
    /// The submission is on its way.
    Submitting,
    /// The server has the prompt.
    Accepted,
    /// Nothing follows.
    Finished,
}

impl Run {
    /// A prompt, as JSON text, that is about to be sent under this id. The socket is opened first.
    pub fn new(settings: Settings, prompt: &str, prompt_id: &str, now: f64) -> Run {
        let socket = Socket::new(settings.has_socket, settings.took_over, settings.seed, now);
        let effects = if settings.has_socket { vec![Effect::OpenSocket] } else { Vec::new() };
        Run {
            polling: Polling::new(settings.poll_interval_ms, settings.idle_timeout_ms),
            prompt_id: Rc::from(prompt_id),
            stage: Stage::New,
            now,
            set_back: 0.0,
            submitted_at: now,
            resumed: false,
            in_contact: false,
            accepted_at: f64::NEG_INFINITY,
            started_at: None,
            progress: Progress::new(Graph::new(prompt)),
            socket,
            gap: false,
            heard: false,
            heard_here: false,
            running: false,
            quiet_since: now,
            success: None,
            ending: None,
            no_socket: "this runtime has no WebSocket; one can be passed as the option webSocket",
            told: None,
            kept: Kept::default(),
            outputs: Outputs::default(),
            last_queue: None,
            last_at: f64::NEG_INFINITY,
            effects,
            settings,
        }
    }

    /// A prompt that the server has already: after a reload, or when waiting begins late.
    pub fn resumed(settings: Settings, prompt: &str, prompt_id: &str, submitted_at: f64, now: f64) -> Run {
        let mut run = Self::new(settings, prompt, prompt_id, now);
        run.submitted_at = submitted_at;
        run.resumed = true;
        run.stage = Stage::Accepted;
        run.gap = true;
        run.tell_socket(now);
        run.polling.ask_at(now);
        run.begin_probe(now);
        run
    }

    /// The id the server runs it under; before the server has answered, the one that was sent.
    pub fn prompt_id(&self) -> &Rc<str> {
        &self.prompt_id
    }

    /// Whether nothing follows any more.
    pub fn is_finished(&self) -> bool {
        self.stage == Stage::Finished
    }

    /// Whether the server is known to have the prompt.
    pub fn is_accepted(&self) -> bool {
        self.stage == Stage::Accepted
    }

    /// Whether the server has given any sign of life.
    pub fn is_in_contact(&self) -> bool {
        self.in_contact
    }

    /// Whether a frame of this run has come, or the history has it.
    pub fn has_started(&self) -> bool {
        self.started_at.is_some()
    }

    /// The outputs told so far: node id and JSON text, in the order in which they came.
    pub fn outputs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.outputs.iter()
    }

    /// Takes over the pictures that another client of the same run has kept: the server does not have them.
    pub fn adopt_pictures(&mut self, other: &Run) {
        self.outputs.adopt_pictures(&other.outputs);
    }

    /// Takes out what the run wants done, in order.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// Like [`Run::take_effects`], for whoever does it with every frame: the place for the next ones is kept.
    pub fn drain_effects(&mut self) -> std::vec::Drain<'_, Effect> {
        self.effects.drain(..)
    }

    /// When the run wants [`Input::Timer`], at the latest. Milliseconds, like every time here.
    pub fn timer(&self) -> Option<f64> {
        if self.is_finished() {
            return None;
        }
        let silence = self.waits_for_silence().then_some(self.silent_at());
        let ending = self.ending.as_ref().map(|ending| ending.until);
        [silence, ending, self.polling.timer(), self.socket.timer()]
            .into_iter()
            .flatten()
            .filter(|at| at.is_finite())
            .reduce(f64::min)
            .map(|at| at - self.set_back)
    }

    /// Takes one input in. Call [`Run::take_effects`] after it.
    pub fn handle(&mut self, now: f64, input: Input) {
        if self.is_finished() {
            return;
        }
        // A clock that is set back would make every wait longer by as much: for the run it has stood still.
        self.set_back = self.set_back.max(self.now - now);
        let now = now + self.set_back;
        self.now = now;
        match input {
            Input::Submitting => {
                if self.stage == Stage::New {
                    self.stage = Stage::Submitting;
                    (self.submitted_at, self.quiet_since) = (now, now);
                    if !self.socket.is_open() {
                        // Whatever happens until it opens is not heard.
                        self.kept.gap(now);
                    }
                }
            }
            Input::Accepted(prompt_id) => self.on_accepted(now, prompt_id),
            Input::SocketOpened => self.on_socket_opened(now),
            Input::SocketClosed => self.on_socket_closed(now),
            Input::SocketImpossible(reason) => self.on_socket_impossible(now, reason),
            Input::Frame(frame) => self.on_frame(now, frame, FrameText::Current),
            Input::Binary(frame) => self.on_binary(now, frame),
            Input::ForeignFrame => {
                self.socket.spoke(now);
                self.running = false;
            }
            Input::Answer(id, answer) => {
                // Also one that nobody waits for any more.
                self.in_contact |= !matches!(answer, Answer::Failed(None));
                if let Some(probe) = self.polling.answered(id) {
                    self.on_answer(now, probe, answer);
                }
            }
            Input::Timer => self.on_timer(now),
            Input::Cancel => {
                if self.stage != Stage::New {
                    self.effects.push(Effect::CancelOnServer);
                }
                self.on_cancelled(now);
            }
            Input::Cancelled => self.on_cancelled(now),
            Input::Leave => self.finish(Finish::Abandoned),
        }
        self.begin_probe(now);
    }

    fn on_accepted(&mut self, now: f64, prompt_id: &str) {
        if self.is_accepted() {
            return;
        }
        self.stage = Stage::Accepted;
        self.in_contact = true;
        (self.accepted_at, self.quiet_since) = (now, now);
        if *self.prompt_id != *prompt_id {
            self.prompt_id = Rc::from(prompt_id);
        }
        self.effects.push(Effect::Accepted);
        self.emit(self.submitted_at, What::Submitted, None);
        let listens = self.socket.is_open() || self.socket.is_absent();
        if listens {
            self.tell_socket(self.submitted_at);
        }
        if !self.socket.is_open() {
            self.gap = true;
            self.polling.ask_at(now + self.settings.poll_interval_ms);
        }
        if self.settings.poll_queue {
            self.polling.ask_at(now);
        }
        for (at, part) in std::mem::take(&mut self.kept).into_parts() {
            match part {
                Part::Gap => self.miss(at),
                Part::Frame(text) => {
                    Frame::read(&text, &mut |frame| self.on_frame(at, frame, FrameText::Kept(text.clone())));
                }
            }
        }
        if !listens && !self.is_finished() {
            self.tell_socket(now);
        }
    }

    fn silent_at(&self) -> f64 {
        self.quiet_since + self.settings.idle_timeout_ms
    }

    /// Whether the silence still has to be told, or nothing else would make the run ask.
    fn waits_for_silence(&self) -> bool {
        let untold = self.socket.is_open() && self.told == Some(ConnectionState::Open);
        self.is_accepted() && (untold || !self.polling.is_active())
    }

    fn on_timer(&mut self, now: f64) {
        if self.ending.as_ref().is_some_and(|ending| now >= ending.until) {
            self.end_without_history(now);
            return;
        }
        if self.socket.timer().is_some_and(|at| now >= at) {
            self.on_socket_due(now);
        }
        if self.waits_for_silence() && now >= self.silent_at() {
            if self.socket.is_open() && self.told == Some(ConnectionState::Open) {
                self.tell(now, ConnectionState::Polling, "the socket says nothing; asking the server");
            }
            self.polling.ask_at(now);
        }
    }

    /// Of a run that was submitted here the start would have been heard; one that is picked up may have ended long ago.
    fn most_likely_waits(&self) -> bool {
        self.started_at.is_none() && (!self.resumed || self.last_queue.is_some())
    }

    /// An answer of the queue that was asked for up to this time tells this run nothing new.
    pub fn queue_known_until(&self) -> f64 {
        self.polling.queue_known_until(self.now).max(self.accepted_at) - self.set_back
    }

    /// Whether the prompt itself is wanted from the queue.
    pub fn wants_prompt(&self) -> bool {
        !self.progress.knows_nodes()
    }

    fn begin_probe(&mut self, now: f64) {
        if !self.is_accepted() {
            return;
        }
        let due = self.polling.due(now, self.most_likely_waits());
        if self.polling.take_silent_try() {
            self.check_reach(now);
        }
        if !self.is_finished()
            && let Some((probe, id)) = due
        {
            self.effects.push(Effect::Ask(probe, id));
        }
    }

    fn finish(&mut self, finish: Finish) {
        self.stage = Stage::Finished;
        self.kept = Kept::default();
        self.effects.push(Effect::Finish(finish));
    }

    fn emit(&mut self, now: f64, what: What, detected_by: Option<DetectedBy>) {
        let at = now.max(self.last_at);
        self.last_at = at;
        self.effects.push(Effect::Emit(Box::new(Event {
            what,
            detected_by,
            at,
            progress: self.progress.snapshot(),
            queued_ms: self.started_at.unwrap_or(at) - self.submitted_at,
            elapsed_ms: at - self.submitted_at,
            node_ms: self.progress.node_execution_ms(at),
        })));
    }
}
