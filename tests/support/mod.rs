//! A test bench for one run: virtual time, a server that answers probes, and a record of every event.
//!
//! Shared by the tests that play a run by hand; not every one of them uses all of it.
#![allow(dead_code)]

pub mod recording;
pub mod short_way;

use std::rc::Rc;

use comfyui_autoflow::protocol::binary::{BinaryFrame, HEADER_LENGTH, Header};
use comfyui_autoflow::protocol::frame::Frame;
use comfyui_autoflow::protocol::history::HistoryAnswer;
use comfyui_autoflow::protocol::queue::QueueAnswer;
use comfyui_autoflow::session::endpoint::Endpoint;
pub use comfyui_autoflow::session::run::effect::Effect;
use comfyui_autoflow::session::run::effect::Finish;
use comfyui_autoflow::session::run::event::{ConnectionState, DetectedBy, EndSource, EventKind};
use comfyui_autoflow::session::run::input::Answer;
use comfyui_autoflow::session::run::polling::Probe;
use comfyui_autoflow::session::run::settings::Settings;
use comfyui_autoflow::session::run::setup::RunSetup;
use comfyui_autoflow::session::run::{event, input, machine};
use serde_json::{Value, json};
use short_way::ShortWay;

/// A run whose messages are the texts of frames.
pub type Run = machine::Run<Rc<str>>;
pub type Event = event::Event<Rc<str>>;
pub type Input<'i> = input::Input<'i, Rc<str>>;

/// One emitted event, with the name that its callback sees.
#[derive(Debug, Clone)]
pub struct Told {
    pub name: String,
    /// The `data` of a frame; a description otherwise.
    pub data: Value,
    pub event: Event,
}

impl Told {
    /// One line: time, name, who found it, data.
    pub fn line(&self) -> String {
        let by = match self.event.detected_by {
            Some(DetectedBy::History) => " (history)",
            Some(DetectedBy::Queue) => " (queue)",
            None => "",
        };
        format!("{} {}{by} {}", self.event.at, self.name, self.data)
    }

    pub fn is_terminal(&self) -> bool {
        matches!(self.event.kind, EventKind::End(..))
    }
}

/// The answer of a server to one probe; `None` leaves it without one.
pub type Server<'s> = Box<dyn FnMut(f64, Probe) -> Option<Answer> + 's>;

/// A run, its time, its server, and its events.
pub struct Stage<'s> {
    pub run: Run,
    /// The endpoint that routes frames to the run, which is alone on its socket.
    endpoint: Endpoint<()>,
    pub now: f64,
    pub told: Vec<Told>,
    /// Every probe with its time.
    pub asked: Vec<(f64, Probe)>,
    /// How often the run wanted its socket opened, replaced, the prompt cancelled.
    pub opened: usize,
    pub replaced: usize,
    pub cancelled: usize,
    /// How often it reported that no server has ever answered.
    pub without_contact: usize,
    /// Node, file name and type of the pictures that it wanted kept.
    pub pictures: Vec<[String; 3]>,
    pub finished: Option<Finish>,
    /// How many frames went the short way too.
    pub short: usize,
    server: Server<'s>,
}

impl<'s> Stage<'s> {
    /// A run at time 0 that has not been sent yet.
    pub fn new(settings: Settings, prompt: &Value, prompt_id: &str, server: Server<'s>) -> Self {
        Self::with(RunSetup { settings, ..RunSetup::new(&prompt.to_string(), prompt_id) }, server)
    }

    /// A run at time 0 that has not been sent yet, of any setup.
    pub fn with(setup: RunSetup, server: Server<'s>) -> Self {
        Self::of(Run::new(setup, 0.0), server)
    }

    /// Makes the test bench of a run.
    pub fn of(run: Run, server: Server<'s>) -> Self {
        let mut stage = Stage {
            run,
            endpoint: Endpoint::default(),
            now: 0.0,
            told: Vec::new(),
            asked: Vec::new(),
            opened: 0,
            replaced: 0,
            cancelled: 0,
            without_contact: 0,
            pictures: Vec::new(),
            finished: None,
            short: 0,
            server,
        };
        stage.endpoint.join(());
        if stage.run.is_accepted() {
            stage.endpoint.accept((), stage.run.prompt_id());
        }
        stage.perform();
        stage
    }

    /// The ordinary beginning at time 0: socket open, prompt sent and taken.
    pub fn accepted(settings: Settings, prompt: &Value, server: Server<'s>) -> Self {
        let mut stage = Self::new(settings, prompt, "mine", server);
        if stage.opened > 0 {
            stage.input(Input::SocketOpened);
        }
        stage.input(Input::Submitting);
        stage.input(Input::Accepted("mine"));
        stage
    }

    /// Lets the server answer differently from here on.
    pub fn serve(&mut self, server: Server<'s>) {
        self.server = server;
    }

    pub fn input(&mut self, input: Input) {
        let short = match &input {
            Input::Frame(frame, _) => ShortWay::of(&self.run, self.now, frame),
            _ => None,
        };
        self.run.handle(self.now, input);
        if let Some(short) = short {
            self.short += 1;
            short.assert_same(&self.run, &self.told.last().expect("an event before").event.progress);
        }
        self.perform();
    }

    /// A text message.
    pub fn text(&mut self, text: &str) {
        Frame::read(text, &mut |frame| {
            let sole = frame.prompt_id.as_deref().and_then(|id| self.endpoint.sole_recipient(self.now, id));
            let route = self.endpoint.route_frame(self.now, frame);
            assert!(sole.is_none() || (route.is_to_one() && route.others.is_empty()));
            route.others.iter().for_each(|()| self.input(Input::OtherPromptFrame));
            route.recipients().for_each(|()| self.input(Input::Frame(frame, Rc::from(frame.text))));
        });
    }

    /// A frame of this type with this data.
    pub fn frame(&mut self, kind: &str, data: Value) {
        self.text(&json!({"type": kind, "data": data}).to_string());
    }

    /// A frame of the prompt `mine`.
    pub fn own(&mut self, kind: &str, mut data: Value) {
        data["prompt_id"] = "mine".into();
        self.frame(kind, data);
    }

    /// A binary message.
    pub fn binary(&mut self, bytes: &[u8]) {
        if let Some(frame) = read_binary(bytes) {
            let route = self.endpoint.route_binary(self.now, &frame);
            route.others.iter().for_each(|()| self.input(Input::OtherPromptFrame));
            route.recipients().for_each(|()| self.input(Input::Binary(&frame, Rc::from(""))));
        }
    }

    /// Lets time pass; timers fire at their time.
    pub fn wait_until(&mut self, time: f64) {
        let mut fired = 0;
        while let Some(at) = self.run.poll_timeout().filter(|at| *at <= time) {
            self.now = self.now.max(at);
            self.input(Input::Timeout);
            fired += 1;
            assert!(fired < 1_000_000, "the timer at {at} fires for ever");
        }
        self.now = time;
    }

    pub fn wait(&mut self, milliseconds: f64) {
        self.wait_until(self.now + milliseconds);
    }

    /// Names of the events so far.
    pub fn names(&self) -> Vec<&str> {
        self.told.iter().map(|told| told.name.as_str()).collect()
    }

    /// All events, one a line.
    pub fn lines(&self) -> Vec<String> {
        self.told.iter().map(Told::line).collect()
    }

    /// The terminal event, which must be the last one and agree with what the run finished with.
    pub fn terminal(&self) -> &Told {
        let last = self.told.last().expect("a run that has told something");
        let EventKind::End(end, source) = &last.event.kind else { panic!("no terminal event: {:#?}", self.lines()) };
        assert_eq!(self.finished, Some(Finish::Ended(*end)), "{:#?}", self.lines());
        assert_eq!(
            last.event.detected_by.is_some(),
            !matches!(source, EndSource::Frame(_) | EndSource::Cancelled),
            "detected_by belongs to ends that a probe found: {}",
            last.line()
        );
        assert_eq!(self.told.iter().filter(|told| told.is_terminal()).count(), 1);
        last
    }

    /// How many rounds of probes there were.
    pub fn rounds(&self) -> usize {
        self.asked.iter().filter(|(_, probe)| *probe == Probe::History).count()
    }

    fn perform(&mut self) {
        while let Some(effect) = self.run.poll_effect() {
            assert_eq!(self.finished, None, "{effect:?} follows the finish");
            match effect {
                Effect::Accepted => self.endpoint.accept((), self.run.prompt_id()),
                Effect::Emit(event) => self.told.push(told(*event)),
                Effect::OpenSocket => self.opened += 1,
                Effect::ReplaceSocket => self.replaced += 1,
                Effect::Ask(probe, id) => {
                    self.asked.push((self.now, probe));
                    if let Some(answer) = (self.server)(self.now, probe) {
                        self.run.handle(self.now, Input::Answer(id, answer));
                    }
                }
                Effect::CancelOnServer => self.cancelled += 1,
                Effect::KeepPicture { node, filename, preview, .. } => {
                    self.pictures.push([&*node, &*filename, preview.mime_type].map(str::to_owned));
                }
                Effect::NoContact => self.without_contact += 1,
                Effect::Finish(finish) => {
                    self.finished = Some(finish);
                    assert_eq!(self.run.poll_timeout(), None, "a timer is left after the finish");
                }
            }
        }
    }
}

/// Names and describes an event.
fn told(event: Event) -> Told {
    let frame = |text: &str| -> Value { serde_json::from_str(text).expect("the text of a frame") };
    let (name, data) = match &event.kind {
        EventKind::Submitted => ("submitted".into(), Value::Null),
        EventKind::Frame(text) => {
            let frame = frame(text);
            (frame["type"].as_str().unwrap_or_default().to_owned(), frame["data"].clone())
        }
        EventKind::Refused(node_errors) => ("refused".into(), serde_json::from_str(node_errors).expect("JSON")),
        EventKind::Preview { preview, node, .. } => ("preview".into(), json!([node.as_deref(), preview.mime_type])),
        EventKind::ProgressText { node, text } => ("progress_text".into(), json!([node, text])),
        EventKind::Queue(news) => ("queue".into(), json!([news.position, news.running, news.pending])),
        EventKind::Connection(news) => {
            let state = match news.state {
                ConnectionState::Open => "open",
                ConnectionState::Reconnecting => "reconnecting",
                ConnectionState::Polling => "polling",
            };
            (format!("connection {state}"), news.reason.into())
        }
        EventKind::Output { node, output } => {
            ("executed".into(), json!({"node": node, "output": serde_json::from_str::<Value>(output).unwrap()}))
        }
        EventKind::End(end, source) => {
            let data = match source {
                EndSource::Frame(text) => frame(text)["data"].clone(),
                EndSource::History(item) => {
                    let failure = item.failure.as_ref().map(|text| serde_json::from_str::<Value>(text).unwrap());
                    json!({"failure": failure, "outputs": item.outputs.len()})
                }
                EndSource::Vanished => "vanished".into(),
                EndSource::Refused(status) => json!({"refused": status}),
                EndSource::Unreachable => "unreachable".into(),
                EndSource::Cancelled => "cancelled".into(),
            };
            (end.name().into(), data)
        }
    };
    Told { name, data, event }
}

/// Reads a binary message as the socket's side does.
pub fn read_binary(bytes: &[u8]) -> Option<BinaryFrame> {
    let header = Header::read(&bytes[..bytes.len().min(HEADER_LENGTH)], bytes.len())?;
    let image_start = &bytes[header.image..bytes.len().min(header.image + 12)];
    BinaryFrame::new(&header, &bytes[header.metadata.clone()], image_start)
}

/// The history's answer out of a body.
pub fn history(body: &str, prompt_id: &str) -> Answer {
    HistoryAnswer::read(body, prompt_id).map_or(Answer::Failed(Some(200)), Answer::History)
}

/// The queue's answer out of a body.
pub fn queue(body: &str, prompt_id: &str) -> Answer {
    QueueAnswer::read(body, prompt_id).map_or(Answer::Failed(Some(200)), Answer::Queue)
}

/// A server that has the prompt running and says nothing else.
pub fn running(_: f64, probe: Probe) -> Option<Answer> {
    Some(match probe {
        Probe::History => history("{}", "mine"),
        Probe::Queue => queue(r#"{"queue_running": [[1, "mine", {}, {}, []]], "queue_pending": []}"#, "mine"),
    })
}

/// A server that knows nothing of the prompt.
pub fn unknown(_: f64, probe: Probe) -> Option<Answer> {
    Some(match probe {
        Probe::History => history("{}", "mine"),
        Probe::Queue => queue(r#"{"queue_running": [], "queue_pending": []}"#, "mine"),
    })
}

/// A server whose history holds this item for `mine`.
pub fn ended<'s>(item: Value) -> Server<'s> {
    let body = json!({ "mine": item }).to_string();
    Box::new(move |now, probe| match probe {
        Probe::History => Some(history(&body, "mine")),
        Probe::Queue => unknown(now, probe),
    })
}

/// Compares two lists and shows where they differ, line by line.
pub fn assert_same_lines(what: &str, expected: &[String], actual: &[String]) {
    if expected == actual {
        return;
    }
    let shorten = |line: &String| -> String { line.chars().take(200).collect() };
    let common = expected.iter().zip(actual).take_while(|(a, b)| a == b).count();
    let rest_expected = &expected[common..];
    let rest_actual = &actual[common..];
    let tail = rest_expected.iter().rev().zip(rest_actual.iter().rev()).take_while(|(a, b)| a == b).count();
    let mut text = format!("{what}: the events differ after {common} of {}\n", expected.len());
    for line in &expected[common.saturating_sub(3)..common] {
        text += &format!("    {}\n", shorten(line));
    }
    for line in &rest_expected[..rest_expected.len() - tail] {
        text += &format!("  - {}\n", shorten(line));
    }
    for line in &rest_actual[..rest_actual.len() - tail] {
        text += &format!("  + {}\n", shorten(line));
    }
    for line in rest_expected[rest_expected.len() - tail..].iter().take(3) {
        text += &format!("    {}\n", shorten(line));
    }
    panic!("{text}  (- expected, + told)");
}
