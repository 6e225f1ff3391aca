//! The server-sent events of a job (Comfy API v2), which stand in for the socket. Read with `fetch`: an `EventSource`
//! could not send the key.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::protocol::frame::Frame;
use crate::protocol::v2::job_feed::{Heard, JobFeed};
use crate::session::run::machine::Input;
use crate::web::http::server::{AbortHandle, Server};
use crate::web::js::boundary;
use crate::web::js::promise::spawn;
use crate::web::run::driver::Driver;
use crate::web::transport::shared_socket::{Message, read_binary};

/// The event stream of one job.
pub struct JobStream {
    server: Rc<Server>,
    /// The run, from its acceptance to its end.
    driver: RefCell<Option<Rc<Driver>>>,
    feed: RefCell<JobFeed>,
    /// The run wants it open.
    wanted: Cell<bool>,
    /// Counts the streams: what an earlier one still brings is not heard.
    number: Cell<u32>,
    requests: AbortHandle,
}

impl JobStream {
    /// A stream that is not open.
    pub fn new(server: Rc<Server>) -> JobStream {
        JobStream {
            server,
            driver: RefCell::default(),
            feed: RefCell::default(),
            wanted: Cell::new(false),
            number: Cell::new(0),
            requests: AbortHandle::default(),
        }
    }

    /// The job's id is known.
    pub fn accept(self: &Rc<Self>, driver: &Rc<Driver>) {
        *self.feed.borrow_mut() = JobFeed::new(&driver.prompt_id());
        *self.driver.borrow_mut() = Some(driver.clone());
        if self.wanted.get() {
            self.open();
        }
    }

    /// Nothing is heard any more.
    pub fn leave(&self) {
        self.number.set(self.number.get() + 1);
        self.driver.take();
        self.requests.abort();
    }

    /// Opens it, anew where it is open; once there is a job.
    pub fn open(self: &Rc<Self>) {
        self.wanted.set(true);
        let driver = self.driver.borrow().clone();
        if let Some(driver) = driver {
            self.number.set(self.number.get() + 1);
            self.feed.borrow_mut().connect();
            let (stream, number) = (self.clone(), self.number.get());
            spawn(async move {
                let told = stream.read(&driver, number).await;
                if told.is_none() && stream.number.get() == number {
                    driver.feed(Input::SocketClosed, None);
                }
            });
        }
    }

    /// Reads the stream and, when it has ended as it should, the job. None where that does not tell the job's end.
    async fn read(self: &Rc<Self>, driver: &Rc<Driver>, number: u32) -> Option<()> {
        let job = self.server.dialect.history(&driver.prompt_id());
        let url = self.server.address.http(&[&job, "/events"].concat());
        let response = self.server.get(&url, &self.requests).await.ok()?;
        if self.number.get() != number || response.status() != 200 {
            return None;
        }
        driver.feed(Input::SocketOpened, None);
        let (stream, hearing) = (self.clone(), driver.clone());
        let take = Closure::<dyn Fn(JsValue) -> bool>::new(move |text: JsValue| {
            let current = stream.number.get() == number;
            if current && let Some(text) = crate::web::js::json_text::string(&text) {
                let heard = stream.feed.borrow_mut().push(&text);
                heard.iter().for_each(|heard| deliver(&hearing, heard));
            }
            current
        });
        JsFuture::from(boundary::read_text(&response, take.as_ref())).await.ok()?;
        if self.number.get() != number {
            return None;
        }
        let reply = self.server.request("GET", &job, None, &self.requests).await.ok()?;
        let missing = self.feed.borrow_mut().end(&reply.text)?;
        if self.number.get() == number {
            missing.iter().for_each(|heard| deliver(driver, heard));
        }
        Some(())
    }
}

fn deliver(driver: &Driver, heard: &Heard) {
    match heard {
        Heard::Frame(text) => {
            Frame::read(text, &mut |frame| {
                driver.feed(Input::Frame(frame), Some(&Message::Text(JsValue::from_str(frame.text))));
            });
        }
        Heard::Binary(bytes) => {
            let buffer = Uint8Array::from(bytes.as_slice()).buffer();
            if let Some(frame) = read_binary(&buffer) {
                driver.feed(Input::Binary(&frame), Some(&Message::Binary(buffer)));
            }
        }
        Heard::Alive => driver.feed(Input::ForeignFrame, None),
    }
}
