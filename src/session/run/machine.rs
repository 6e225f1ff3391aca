//! One run as a value: inputs in, effects and a timeout out. It owns no clock and no socket; the time is passed in.

mod answers;
mod connection;
mod ending;
mod frames;
pub mod repeat;
mod submission;
mod timing;

use std::rc::Rc;

use crate::session::run::effect::{Effect, Finish};
use crate::session::run::event::{ConnectionState, DetectedBy, End, Event, EventKind, QueueStatus};
use crate::session::run::frame_buffer::FrameBuffer;
use crate::session::run::graph::Graph;
use crate::session::run::input::{Answer, Input};
use crate::session::run::outputs::Outputs;
use crate::session::run::polling::Polling;
use crate::session::run::progress::Progress;
use crate::session::run::settings::Settings;
use crate::session::run::setup::{FrameSource, RunSetup};
use crate::session::run::socket_health::SocketHealth;
use crate::text::fifo::Fifo;

/// One run. `M` is the message that a frame comes in; the events that are made of the frame carry it.
#[derive(Debug, Clone)]
pub struct Run<M> {
    settings: Settings,
    is_fresh_id: bool,
    frames: FrameSource,
    prompt_id: Rc<str>,
    stage: Stage,
    /// The time of the input that is being handled. Buffered frames are handled with the time at which they came.
    now: f64,
    /// By how much the clock has been set back since the run began.
    clock_set_back: f64,
    submitted_at: f64,
    /// It was submitted before this run began.
    is_resumed: bool,
    /// The server has answered anything, or its socket has opened.
    in_contact: bool,
    /// The server is known to know the prompt id: it answered the submission, sent a frame, or has it in queue or history.
    is_confirmed: bool,
    /// When the server was known to have the prompt.
    accepted_at: f64,
    started_at: Option<f64>,
    progress: Progress,
    socket: SocketHealth,
    polling: Polling,
    /// Frames may have been missed: the outputs and errors that they brought have to come from the history.
    may_have_missed: bool,
    own_frame_seen: bool,
    /// A frame of this run has come on the connection that is open: no later one was missed.
    own_frame_on_connection: bool,
    /// The last frame on this connection that named a prompt named this one, so frames that name none are its own. The
    /// queue's word does not count: frames of the prompt before may still be on their way.
    owns_unnamed_frames: bool,
    /// When the last frame of this run came, or waiting for one began.
    silent_since: f64,
    /// The `execution_success`: the end is near, or its frame is lost.
    success: Option<M>,
    /// An end that was read from a frame and waits for the history.
    pending_end: Option<PendingEnd<M>>,
    no_socket_reason: &'static str,
    /// The state in the last `connection` event.
    reported_state: Option<ConnectionState>,
    buffer: FrameBuffer<M>,
    outputs: Outputs,
    queue_status: Option<QueueStatus>,
    /// Time of the last event: times of events never fall.
    last_event_at: f64,
    effects: Fifo<Effect<M>>,
}

/// An end that was read from a frame although frames may have been missed. The history has their outputs and errors.
#[derive(Debug, Clone)]
struct PendingEnd<M> {
    /// How it ended; none where only the history can say.
    end: Option<End>,
    /// The frame's message.
    message: M,
    /// How long the history is waited for.
    until: f64,
    /// Where no frame was missed the history is asked once: the answer to a probe after this one counts.
    lookup: Option<u32>,
}

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

impl<M: Clone> Run<M> {
    /// A prompt that is about to be sent. The socket is opened first.
    pub fn new(setup: RunSetup, now: f64) -> Self {
        let (has_socket, took_over) = match setup.frames {
            FrameSource::None => (false, false),
            FrameSource::Socket { took_over } => (true, took_over),
            FrameSource::Stream => (true, false),
        };
        let mut effects = Fifo::default();
        if has_socket {
            effects.push(Effect::OpenSocket);
        }
        Run {
            polling: Polling::new(setup.settings.poll_interval_ms, setup.settings.idle_timeout_ms),
            is_fresh_id: setup.is_fresh_id,
            frames: setup.frames,
            prompt_id: Rc::from(setup.prompt_id),
            stage: Stage::New,
            now,
            clock_set_back: 0.0,
            submitted_at: now,
            is_resumed: false,
            in_contact: false,
            is_confirmed: false,
            accepted_at: f64::NEG_INFINITY,
            started_at: None,
            progress: Progress::new(Graph::new(setup.prompt)),
            socket: SocketHealth::new(has_socket, took_over, setup.seed, now),
            may_have_missed: false,
            own_frame_seen: false,
            own_frame_on_connection: false,
            owns_unnamed_frames: false,
            silent_since: now,
            success: None,
            pending_end: None,
            no_socket_reason: "this runtime has no WebSocket; one can be passed as the option webSocket",
            reported_state: None,
            buffer: FrameBuffer::default(),
            outputs: Outputs::default(),
            queue_status: None,
            last_event_at: f64::NEG_INFINITY,
            effects,
            settings: setup.settings,
        }
    }

    /// A prompt that the server has already: after a reload, or when waiting begins late.
    pub fn resumed(setup: RunSetup, submitted_at: f64, now: f64) -> Self {
        let mut run = Self::new(setup, now);
        run.submitted_at = submitted_at;
        run.is_resumed = true;
        run.stage = Stage::Accepted;
        run.may_have_missed = true;
        run.report_socket(now);
        run.polling.ask_at(now);
        run.begin_probe(now);
        run
    }

    /// The server has answered before this run began to follow the prompt, so it is waited for where it answers no more.
    pub fn server_has_answered(&mut self) {
        self.in_contact = true;
    }

    /// The id that the server runs it under; before the server has answered, the one that was sent.
    pub fn prompt_id(&self) -> &Rc<str> {
        &self.prompt_id
    }

    pub fn is_finished(&self) -> bool {
        self.stage == Stage::Finished
    }

    /// Whether the server is known to have the prompt, and the run is not over.
    pub fn is_accepted(&self) -> bool {
        self.stage == Stage::Accepted
    }

    /// Whether the server has answered anything, or its socket has opened.
    pub fn is_in_contact(&self) -> bool {
        self.in_contact
    }

    /// Whether the server is known to know the prompt id.
    pub fn is_confirmed(&self) -> bool {
        self.is_confirmed
    }

    /// Whether the prompt is known to have begun to run.
    pub fn has_started(&self) -> bool {
        self.started_at.is_some()
    }

    /// The outputs so far, in the order in which they came: node id and JSON text.
    pub fn outputs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.outputs.iter()
    }

    /// Takes over the pictures that another client of the same run has kept: the server does not have them.
    pub fn adopt_pictures(&mut self, other: &Self) {
        self.outputs.adopt_pictures(&other.outputs);
    }

    /// The next thing to do, until there is none.
    pub fn poll_effect(&mut self) -> Option<Effect<M>> {
        self.effects.pop()
    }

    /// Takes one input in. Effects may follow, see [`Run::poll_effect`].
    pub fn handle(&mut self, now: f64, input: Input<M>) {
        if self.is_finished() {
            return;
        }
        // A clock that is set back would make every wait longer by as much: for the run it stands still.
        self.clock_set_back = self.clock_set_back.max(self.now - now);
        let now = now + self.clock_set_back;
        self.now = now;
        match input {
            Input::Submitting => self.on_submitting(now),
            Input::Accepted(prompt_id) => self.on_accepted(now, prompt_id),
            Input::Refused(node_errors) => {
                if self.is_accepted() {
                    self.emit(now, EventKind::Refused(Rc::from(node_errors)), None);
                }
            }
            Input::SocketOpened => self.on_socket_opened(now),
            Input::SocketClosed => self.on_socket_closed(now),
            Input::SocketImpossible(reason) => self.on_socket_impossible(now, reason),
            Input::Frame(frame, message) => self.on_frame(now, frame, message),
            Input::Binary(frame, message) => self.on_binary(now, frame, message),
            Input::OtherPromptFrame => {
                self.socket.spoke(now);
                self.owns_unnamed_frames = false;
            }
            Input::FrameDropped => {
                self.socket.spoke(now);
                self.on_missed(now);
                if self.is_accepted() {
                    self.polling.ask_at(now);
                }
            }
            Input::Answer(id, answer) => {
                // Also one that came too late.
                self.in_contact |= !matches!(answer, Answer::Failed(None));
                if !matches!(answer, Answer::Failed(_)) {
                    self.polling.reach.answered();
                }
                if let Some(probe) = self.polling.answered(id) {
                    self.on_answer(now, probe, answer);
                }
            }
            Input::Timeout => self.on_timeout(now),
            Input::Cancel => {
                self.drop_effects();
                if self.stage != Stage::New {
                    self.effects.push(Effect::CancelOnServer);
                }
                self.on_cancelled(now);
            }
            Input::Cancelled => {
                self.drop_effects();
                self.on_cancelled(now);
            }
            Input::Leave => {
                self.drop_effects();
                self.finish(Finish::Abandoned);
            }
        }
        self.begin_probe(now);
    }

    /// The caller gave up: events and probes that were about to follow do not.
    fn drop_effects(&mut self) {
        self.effects.retain(|effect| matches!(effect, Effect::Accepted));
    }

    fn finish(&mut self, finish: Finish) {
        self.stage = Stage::Finished;
        self.buffer = FrameBuffer::default();
        self.effects.push(Effect::Finish(finish));
    }

    fn emit(&mut self, now: f64, kind: EventKind<M>, detected_by: Option<DetectedBy>) {
        let at = now.max(self.last_event_at);
        self.last_event_at = at;
        self.effects.push(Effect::Emit(Box::new(Event {
            kind,
            detected_by,
            at,
            progress: self.progress.snapshot(),
            queued_ms: self.started_at.unwrap_or(at) - self.submitted_at,
            elapsed_ms: at - self.submitted_at,
            node_ms: self.progress.node_execution_ms(at),
        })));
    }
}
