//! Sends one prompt. What is sent and asked when is decided by [`Submit`](crate::session::submit::Submit).

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Function, Promise};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use crate::protocol::dialect::Dialect;
use crate::protocol::submission::Accepted;
use crate::session::run::input::Input as RunInput;
use crate::session::run::polling::Probe;
use crate::session::submit::{Effect, Input, Submit, SubmitError};
use crate::web::http::probe;
use crate::web::http::request::is_late;
use crate::web::http::server::{AbortHandle, Reply, Server};
use crate::web::js::globals::{self, now};
use crate::web::js::promise::spawn;
use crate::web::js::time;
use crate::web::run::cancel;
use crate::web::run::driver::Driver;

/// One submission, with the run that follows it where one does.
pub struct Submitter {
    machine: RefCell<Submit<JsValue>>,
    server: Rc<Server>,
    prompt_id: String,
    body: RefCell<String>,
    posted_at: Cell<f64>,
    driver: Option<Rc<Driver>>,
    requests: AbortHandle,
    timer: RefCell<Option<Timeout>>,
    done: RefCell<Option<Result<Accepted, SubmitError<JsValue>>>>,
    on_done: RefCell<Option<Function>>,
}

impl Submitter {
    /// `opens_socket`: the run opens a socket before the prompt is sent. `wait_ms`: how long the caller waits at most.
    pub fn new(
        server: Rc<Server>,
        prompt_id: &str,
        body: String,
        driver: Option<Rc<Driver>>,
        opens_socket: bool,
        wait_ms: Option<f64>,
    ) -> Rc<Submitter> {
        Rc::new(Submitter {
            machine: RefCell::new(Submit::new(server.dialect, prompt_id, opens_socket, wait_ms, now())),
            server,
            prompt_id: prompt_id.to_owned(),
            body: RefCell::new(body),
            posted_at: Cell::new(now()),
            driver,
            requests: AbortHandle::default(),
            timer: RefCell::default(),
            done: RefCell::default(),
            on_done: RefCell::default(),
        })
    }

    /// Sends the prompt. Resolves when the server has accepted it, or to the error.
    pub async fn send(self: Rc<Self>) -> Result<Accepted, SubmitError<JsValue>> {
        let done = Promise::new(&mut |resolve, _| *self.on_done.borrow_mut() = Some(resolve));
        if let Some(driver) = &self.driver {
            let (tried, ended) = (self.clone(), self.clone());
            driver.when_socket_tried(move || tried.feed(Input::SocketTried));
            driver.when_over(move || ended.feed(Input::RunEnded));
            driver.start();
        }
        self.perform();
        let _ = JsFuture::from(done).await;
        self.done.take().unwrap_or(Err(SubmitError::Aborted))
    }

    /// The caller aborted: what the server takes is cancelled.
    pub fn abort(self: &Rc<Self>) {
        self.feed(Input::Aborted);
    }

    fn feed(self: &Rc<Self>, input: Input<JsValue>) {
        {
            let mut machine = self.machine.borrow_mut();
            if self.driver.as_ref().is_some_and(|driver| driver.is_accepted()) {
                machine.handle(now(), Input::RunAccepted);
            }
            machine.handle(now(), input);
        }
        self.perform();
    }

    fn perform(self: &Rc<Self>) {
        loop {
            let effect = self.machine.borrow_mut().poll_effect();
            match effect {
                None => break,
                Some(Effect::Post { within_ms }) => self.post(within_ms),
                Some(Effect::Abort) => self.requests.abort(),
                Some(Effect::Ask(probe)) => self.ask(probe),
                Some(Effect::Cancel(prompt_id)) => {
                    let server = self.server.clone();
                    spawn(async move { drop(cancel::cancel(&server, &prompt_id).await) });
                }
                Some(Effect::Done(result)) => {
                    *self.done.borrow_mut() = Some(result);
                    if let Some(resolve) = self.on_done.take() {
                        let _ = resolve.call0(&JsValue::UNDEFINED);
                    }
                }
            }
        }
        let at = self.machine.borrow().poll_timeout();
        let me = self.clone();
        let ring = move || {
            me.timer.take();
            me.feed(Input::Timeout);
        };
        *self.timer.borrow_mut() = at.map(|at| time::after(at - now(), ring));
    }

    /// Whether the server has the prompt after this failure.
    pub fn taken(&self, error: &SubmitError<JsValue>) -> Option<bool> {
        let never_sent = matches!(error, SubmitError::Unanswered(cause) if is_before_connection(cause));
        if never_sent { Some(false) } else { self.machine.borrow().taken(error) }
    }

    /// When the prompt was sent. Unix time in milliseconds.
    pub fn posted_at(&self) -> f64 {
        self.posted_at.get()
    }

    fn post(self: &Rc<Self>, within_ms: f64) {
        self.posted_at.set(now());
        if let Some(driver) = &self.driver {
            driver.feed(RunInput::Submitting);
        }
        let (me, body) = (self.clone(), self.body.take());
        spawn(async move {
            // The API v2 chooses the ids of jobs itself; the key keeps it from accepting a submission twice.
            let key = if me.server.dialect == Dialect::V2 { me.prompt_id.as_str() } else { "" };
            let route = me.server.dialect.submission();
            let reply = me.server.request_within(within_ms, "POST", route, Some(&body), key, &me.requests).await;
            drop(body);
            me.feed(match reply {
                Ok(Reply { status, text }) => Input::Answered { status, text },
                Err(cause) => Input::Unanswered { late: is_late(&cause), cause },
            });
        });
    }

    fn ask(self: &Rc<Self>, probe: Probe) {
        let me = self.clone();
        spawn(async move {
            let answer = probe::ask(&me.server, probe, &me.prompt_id, &me.requests).await;
            me.feed(Input::Probed(answer));
        });
    }
}

/// Whether a request failed before anything was sent. Browsers do not report it.
fn is_before_connection(cause: &JsValue) -> bool {
    const CODES: [&str; 6] =
        ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"];
    let code = globals::get(&globals::get(cause, "cause"), "code").as_string();
    code.is_some_and(|code| CODES.contains(&&*code))
}
