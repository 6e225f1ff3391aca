//! The server-sent events of a job (Comfy API v2), in place of a socket. Read with `fetch`: an `EventSource` could not
//! send the key.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::protocol::frame::Frame;
use crate::protocol::v2::job_feed::{JobFeed, JobFrame};
use crate::session::run::input::Input;
use crate::web::http::server::{AbortHandle, Server};
use crate::web::js::boundary;
use crate::web::js::json_text;
use crate::web::js::promise::spawn;
use crate::web::transport::link::{RunLink, Transport};
use crate::web::transport::message::{Message, read_binary};

/// The event stream of one job.
pub struct JobStream {
    server: Rc<Server>,
    /// The run and its job's id, from its acceptance to its end.
    job: RefCell<Option<(RunLink, Rc<str>)>>,
    feed: RefCell<JobFeed>,
    /// The run wants the stream open.
    wanted: Cell<bool>,
    /// Counts the streams: events of an earlier one are ignored.
    number: Cell<u32>,
    requests: AbortHandle,
    me: Weak<JobStream>,
}

impl JobStream {
    pub fn new(server: Rc<Server>) -> Rc<JobStream> {
        Rc::new_cyclic(|me| JobStream {
            server,
            job: RefCell::default(),
            feed: RefCell::new(JobFeed::new("")),
            wanted: Cell::new(false),
            number: Cell::new(0),
            requests: AbortHandle::default(),
            me: me.clone(),
        })
    }

    /// Opens a stream in place of the one that is open, once there is a job.
    fn connect(&self) {
        self.wanted.set(true);
        let (Some((run, job_id)), Some(me)) = (self.job.borrow().clone(), self.me.upgrade()) else { return };
        let number = self.number.get() + 1;
        self.number.set(number);
        self.feed.borrow_mut().connect();
        spawn(async move {
            let ended = me.read(&run, &job_id, number).await;
            if ended.is_none() && me.number.get() == number {
                run.0.receive(Input::SocketClosed);
            }
        });
    }

    /// Reads the stream and, after its end, the job. None where the job's end is still unknown.
    async fn read(self: &Rc<Self>, run: &RunLink, job_id: &str, number: u32) -> Option<()> {
        let job = self.server.dialect.history(job_id);
        let url = self.server.address.http(&[&job, "/events"].concat());
        let response = self.server.get(&url, &self.requests).await.ok()?;
        if self.number.get() != number || response.status() != 200 {
            return None;
        }
        run.0.receive(Input::SocketOpened);
        let (stream, receiver) = (self.clone(), run.clone());
        let take = Closure::<dyn Fn(JsValue) -> bool>::new(move |text: JsValue| {
            let is_current = stream.number.get() == number;
            if is_current && let Some(text) = json_text::string(&text) {
                let heard = stream.feed.borrow_mut().push(&text);
                heard.iter().for_each(|heard| deliver(&receiver, heard));
            }
            is_current
        });
        JsFuture::from(boundary::read_text(&response, take.as_ref())).await.ok()?;
        if self.number.get() != number {
            return None;
        }
        let reply = self.server.request("GET", &job, None, &self.requests).await.ok()?;
        let missing = self.feed.borrow_mut().end(&reply.text)?;
        if self.number.get() == number {
            missing.iter().for_each(|heard| deliver(run, heard));
        }
        Some(())
    }
}

impl Transport for JobStream {
    fn join(&self, _: &RunLink) {}

    fn accept(&self, run: &RunLink, prompt_id: &Rc<str>) {
        *self.feed.borrow_mut() = JobFeed::new(prompt_id);
        *self.job.borrow_mut() = Some((run.clone(), prompt_id.clone()));
        if self.wanted.get() {
            self.connect();
        }
    }

    fn leave(&self, _: &RunLink) {
        self.number.set(self.number.get() + 1);
        self.job.take();
        self.requests.abort();
    }

    fn open(&self, _: &RunLink) {
        self.connect();
    }

    fn replace(&self, _: &RunLink) {
        self.connect();
    }
}

fn deliver(run: &RunLink, heard: &JobFrame) {
    match heard {
        JobFrame::Text(text) => {
            Frame::read(text, &mut |frame| {
                run.0.receive(Input::Frame(frame, Message::Text(JsValue::from_str(frame.text))));
            });
        }
        JobFrame::Binary(bytes) => {
            let buffer = Uint8Array::from(bytes.as_slice()).buffer();
            if let Some(frame) = read_binary(&buffer) {
                run.0.receive(Input::Binary(&frame, Message::Binary(buffer)));
            }
        }
        JobFrame::Heartbeat => run.0.receive(Input::OtherPromptFrame),
    }
}
