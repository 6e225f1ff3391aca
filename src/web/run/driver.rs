//! Plays one run: feeds its machine with what the socket, the server and the clock say, and does what the machine
//! wants. When the machine is finished nothing is left: no timer, no request, no listener.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use js_sys::Function;
use wasm_bindgen::prelude::*;

use crate::protocol::dialect::Dialect;
use crate::session::run::event::{Event, What};
use crate::session::run::machine::{Effect, Finish, Input, Run};
use crate::session::run::polling::Probe;
use crate::web::http::probe;
use crate::web::http::server::{AbortHandle, Server};
use crate::web::js::boundary;
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::promise::spawn;
use crate::web::js::time;
use crate::web::run::cancel;
use crate::web::run::events::EventMaker;
use crate::web::run::outcome::{Name, Outcome, Terminal};
use crate::web::run::shared_queue::SharedQueue;
use crate::web::transport::line::Line;
use crate::web::transport::shared_socket::Message;

/// One run that is being followed.
pub struct Driver {
    run: RefCell<Run>,
    server: Rc<Server>,
    queue: Rc<SharedQueue>,
    line: Line,
    client_id: String,
    maker: RefCell<Option<EventMaker>>,
    /// Shared with whoever is calling them.
    listeners: RefCell<Rc<Vec<Rc<dyn Listener>>>>,
    /// What is still to be performed; with a message where a callback fed it in the middle of another one.
    effects: RefCell<VecDeque<(Effect, Option<Message>)>>,
    performing: Cell<bool>,
    /// The server has taken the prompt.
    accepted: Cell<bool>,
    /// It is being found out why nobody answers.
    explaining: Cell<bool>,
    /// What the timer is set for, and the timer.
    timer: RefCell<Option<(f64, Timeout)>>,
    requests: AbortHandle,
    /// How many wait for the end.
    followers: Cell<u32>,
    terminal: RefCell<Option<Rc<Terminal>>>,
    outcome: RefCell<Option<Outcome>>,
    /// Called once when the run is over for its callers.
    on_outcome: RefCell<Vec<Box<dyn FnOnce()>>>,
    /// Called once when the socket is open, or has failed to open.
    on_socket: RefCell<Option<Function>>,
    me: Weak<Driver>,
}

/// Whoever wants the events of a run.
pub trait Listener {
    /// An event.
    fn event(&self, event: &JsValue);
    /// Nothing follows. `failure`: why, where no terminal event has told.
    fn end(&self, failure: Option<&ApiError>);
}

impl Driver {
    /// Follows a run.
    pub fn new(run: Run, server: Rc<Server>, line: Line, client_id: &str) -> Rc<Driver> {
        Rc::new_cyclic(|me| Driver {
            run: RefCell::new(run),
            queue: SharedQueue::of(&server),
            server,
            line,
            client_id: client_id.to_owned(),
            maker: RefCell::default(),
            listeners: RefCell::default(),
            effects: RefCell::default(),
            performing: Cell::new(false),
            accepted: Cell::new(false),
            explaining: Cell::new(false),
            timer: RefCell::default(),
            requests: AbortHandle::default(),
            followers: Cell::new(0),
            terminal: RefCell::default(),
            outcome: RefCell::default(),
            on_outcome: RefCell::default(),
            on_socket: RefCell::default(),
            me: me.clone(),
        })
    }

    /// Joins the line and performs what the machine wants from the start.
    pub fn start(self: &Rc<Self>) {
        self.line.join(self);
        if self.run.borrow().is_accepted() {
            self.accept();
        }
        let effects = self.run.borrow_mut().take_effects();
        self.effects.borrow_mut().extend(effects.into_iter().map(|effect| (effect, None)));
        self.perform(None);
    }

    fn accept(self: &Rc<Self>) {
        self.accepted.set(true);
        self.line.accept(self);
    }

    /// The id of the prompt.
    pub fn prompt_id(&self) -> Rc<str> {
        self.run.borrow().prompt_id().clone()
    }

    /// Its name in errors.
    pub fn name(&self) -> Name {
        Name { prompt_id: self.prompt_id(), client_id: self.client_id.clone() }
    }

    /// How it came out, once it has.
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome.borrow().clone()
    }

    /// The terminal event, once there is one.
    pub fn terminal(&self) -> Option<Rc<Terminal>> {
        self.terminal.borrow().clone()
    }

    /// What the run's output nodes have shown so far: node id and JSON text.
    pub fn outputs(&self) -> Vec<(String, String)> {
        self.run.borrow().outputs().map(|(node, output)| (node.to_owned(), output.to_owned())).collect()
    }

    /// Whether the server is known to have the prompt.
    pub fn is_accepted(&self) -> bool {
        self.accepted.get()
    }

    /// Whether a frame of this run has come.
    pub fn has_started(&self) -> bool {
        self.run.borrow().has_started()
    }

    /// Adds somebody who wants the events from here on. Whoever comes too late still gets the terminal one.
    pub fn listen(&self, listener: Rc<dyn Listener>) {
        if self.outcome.borrow().is_none() {
            Rc::make_mut(&mut self.listeners.borrow_mut()).push(listener);
            return;
        }
        if let Some(terminal) = self.terminal() {
            listener.event(&terminal.event);
        }
        listener.end(self.untold().as_ref());
    }

    /// Why it is over, where no event has told.
    fn untold(&self) -> Option<ApiError> {
        match (&*self.terminal.borrow(), &*self.outcome.borrow()) {
            (None, Some(Outcome::Failed(failure))) => Some(failure.clone()),
            _ => None,
        }
    }

    /// Nobody hears anything more.
    pub fn clear_listeners(&self) {
        self.listeners.take();
    }

    /// Removes a listener.
    pub fn unlisten(&self, listener: &Rc<dyn Listener>) {
        Rc::make_mut(&mut self.listeners.borrow_mut()).retain(|other| !Rc::ptr_eq(other, listener));
    }

    /// Calls back when the run is over, at once if it is.
    pub fn when_over(&self, call: impl FnOnce() + 'static) {
        if self.outcome.borrow().is_some() {
            call();
        } else {
            self.on_outcome.borrow_mut().push(Box::new(call));
        }
    }

    /// A promise that resolves when the socket is open or has failed to open.
    pub fn socket_tried(&self) -> js_sys::Promise {
        js_sys::Promise::new(&mut |resolve, _| *self.on_socket.borrow_mut() = Some(resolve))
    }

    /// Stops the run on the server. All that is told from here on is that it was cancelled, at once.
    pub fn cancel(self: &Rc<Self>) {
        self.give_up(Input::Cancel, None);
    }

    /// The same for a caller who stops it on the server himself.
    pub fn cancelled(self: &Rc<Self>) {
        self.give_up(Input::Cancelled, None);
    }

    /// Stops following; the run goes on.
    pub fn leave(self: &Rc<Self>, outcome: Outcome) {
        self.give_up(Input::Leave, Some(outcome));
    }

    /// What was about to be told is not told any more. The terminal event brings the outcome, or there is none.
    fn give_up(self: &Rc<Self>, input: Input, outcome: Option<Outcome>) {
        if self.outcome.borrow().is_some() || self.run.borrow().is_finished() {
            return;
        }
        *self.outcome.borrow_mut() = outcome;
        self.effects.borrow_mut().clear();
        self.run.borrow_mut().take_effects();
        self.feed(input, None);
    }

    /// Feeds the machine. `message`: the socket message that the input was read from.
    pub fn feed(&self, input: Input, message: Option<&Message>) {
        let socket_news = matches!(input, Input::SocketOpened | Input::SocketClosed | Input::SocketImpossible(_));
        let nested = message.filter(|_| self.performing.get());
        {
            let mut run = self.run.borrow_mut();
            run.handle(globals::now(), input);
            self.effects.borrow_mut().extend(run.drain_effects().map(|effect| (effect, nested.cloned())));
        }
        let Some(me) = self.me.upgrade() else { return };
        me.perform(message);
        if socket_news {
            self.tell_socket_tried();
        }
    }

    fn tell_socket_tried(&self) {
        if let Some(resolve) = self.on_socket.borrow_mut().take() {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    }

    /// Performs what the machine wants, in order. A callback may feed the machine again: then the outer call goes on.
    fn perform(self: &Rc<Self>, message: Option<&Message>) {
        if self.performing.replace(true) {
            return;
        }
        loop {
            let effect = self.effects.borrow_mut().pop_front();
            let Some((effect, nested)) = effect else { break };
            match effect {
                Effect::Accepted => self.accept(),
                Effect::Emit(event) => self.emit(&event, nested.as_ref().or(message)),
                Effect::OpenSocket => self.line.open(),
                Effect::ReplaceSocket => self.line.replace(self),
                Effect::Ask(Probe::Queue, id) if self.shares_queue() => {
                    let known_until = self.run.borrow().queue_known_until();
                    self.queue.ask(self, id, known_until);
                }
                Effect::Ask(what, id) => {
                    let (driver, prompt_id) = (self.clone(), self.prompt_id());
                    spawn(async move {
                        let answer = probe::ask(&driver.server, what, &prompt_id, &driver.requests).await;
                        driver.feed(Input::Answer(id, answer), None);
                    });
                }
                // Where the answer to the submission is still on its way, `submit` cancels once it is there.
                Effect::CancelOnServer => {
                    if self.accepted.get() {
                        let (server, prompt_id) = (self.server.clone(), self.prompt_id());
                        spawn(async move { drop(cancel::cancel(&server, &prompt_id).await) });
                    }
                }
                Effect::NoContact => self.explain_no_contact(),
                Effect::Finish(finish) => self.finish(&finish),
            }
        }
        self.performing.set(false);
        self.set_timer();
    }

    /// Gives the following up with the reason that a submission would have given, unless somebody answers after all.
    fn explain_no_contact(self: &Rc<Self>) {
        if self.explaining.replace(true) {
            return;
        }
        let driver = self.clone();
        spawn(async move {
            let failure = driver.server.error_without_response(JsValue::UNDEFINED).await;
            driver.explaining.set(false);
            if !driver.run.borrow().is_in_contact() {
                let failure = failure.with_text("promptId", Some(&driver.prompt_id()));
                driver.leave(Outcome::Failed(failure));
            }
        });
    }

    /// Sets the timer where the machine wants it earlier than it is set. A timer that rings too early is set again
    /// then: that is cheaper than setting it anew with every frame.
    fn set_timer(&self) {
        let Some(at) = self.run.borrow().timer() else { return };
        let mut timer = self.timer.borrow_mut();
        if timer.as_ref().is_some_and(|(set_for, _)| *set_for <= at) {
            return;
        }
        let me = self.me.clone();
        let ring = move || {
            if let Some(driver) = me.upgrade() {
                driver.timer.borrow_mut().take();
                driver.feed(Input::Timer, None);
            }
        };
        *timer = Some((at, time::after(at - globals::now(), ring)));
    }

    /// Whether the queue's answer can be one that others get too: without the prompt, from a server that has a queue.
    fn shares_queue(&self) -> bool {
        self.server.dialect == Dialect::Local && !self.run.borrow().wants_prompt()
    }

    fn emit(&self, event: &Event, message: Option<&Message>) {
        // Silent runs are followed too, for their end alone.
        let is_end = matches!(event.what, What::End(..));
        if self.listeners.borrow().is_empty() && !is_end {
            return;
        }
        let made = {
            let mut maker = self.maker.borrow_mut();
            let maker = maker.get_or_insert_with(|| {
                EventMaker::new(&self.client_id, &self.prompt_id(), event.at - event.elapsed_ms)
            });
            maker.make(event, message)
        };
        let Some(made) = made else { return };
        if is_end {
            *self.terminal.borrow_mut() = Some(Rc::new(self.name().terminal(made.clone())));
        }
        let listeners = self.listeners.borrow().clone();
        for listener in listeners.iter() {
            listener.event(&made);
        }
    }

    fn finish(self: &Rc<Self>, finish: &Finish) {
        self.timer.borrow_mut().take();
        self.requests.abort();
        self.queue.leave(self);
        self.line.leave(self);
        self.tell_socket_tried();
        if self.outcome.borrow().is_none() {
            let outcome = match finish {
                Finish::Ended(_) => self.terminal().map_or(Outcome::Completed, |terminal| terminal.outcome.clone()),
                Finish::Abandoned => Outcome::Failed(self.name().cancelled()),
            };
            *self.outcome.borrow_mut() = Some(outcome);
        }
        let untold = self.untold();
        for listener in self.listeners.take().iter() {
            listener.end(untold.as_ref());
        }
        for call in self.on_outcome.take() {
            call();
        }
    }

    /// One more waits for this run.
    pub fn follow(&self) {
        self.followers.set(self.followers.get() + 1);
    }

    /// One of those who wait gives up; with the last one the following ends. The run goes on.
    pub fn unfollow(self: &Rc<Self>) {
        self.followers.set(self.followers.get().saturating_sub(1));
        if self.followers.get() == 0 && self.outcome.borrow().is_none() {
            self.leave(Outcome::Failed(self.name().timed_out()));
        }
    }
}

/// A callback that receives the events. What it throws is reported, and the run goes on.
pub struct Callback(pub Function);

impl Listener for Callback {
    fn event(&self, event: &JsValue) {
        boundary::notify(&self.0, event);
    }

    fn end(&self, _: Option<&ApiError>) {}
}
