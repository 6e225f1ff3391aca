//! Drives one run: feeds its machine from transport, requests and clock, and performs its effects. When the machine has
//! finished, no timer, request or listener is left.

mod effects;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;

use crate::session::run::event::End;
use crate::session::run::input::Input;
use crate::session::run::machine::Run;
use crate::web::http::server::{AbortHandle, Server};
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::run::events::EventMaker;
use crate::web::run::followed;
use crate::web::run::listeners::{Listener, Listeners};
use crate::web::run::outcome::{Outcome, RunRef, Terminal};
use crate::web::run::pictures::Picture;
use crate::web::run::shared_queue::SharedQueue;
use crate::web::transport::link::{Receiver, RunLink, Transport};
use crate::web::transport::message::{Message, ProgressSource};

/// One run that is being followed.
pub struct Driver {
    run: RefCell<Run<Message>>,
    server: Rc<Server>,
    queue: Rc<SharedQueue>,
    transport: Rc<dyn Transport>,
    client_id: String,
    maker: RefCell<Option<EventMaker>>,
    listeners: Listeners,
    pictures: RefCell<Vec<Rc<Picture>>>,
    performing: Cell<bool>,
    /// The last event of the machine was made: what the next one has in common with it is known.
    made_last_event: Cell<bool>,
    /// The server has the prompt.
    accepted: Cell<bool>,
    /// The reason for the missing answers is being looked for.
    explaining: Cell<bool>,
    /// The timer, and what it is set for.
    timer: RefCell<Option<(f64, Timeout)>>,
    requests: AbortHandle,
    /// How many calls wait for the end.
    followers: Cell<u32>,
    terminal: RefCell<Option<Rc<Terminal>>>,
    end: Cell<Option<End>>,
    outcome: RefCell<Option<Outcome>>,
    /// Called once when the run is over for its callers.
    on_outcome: RefCell<Vec<Box<dyn FnOnce()>>>,
    /// Called once when the socket is open, or has failed to open.
    on_socket_tried: RefCell<Option<Box<dyn FnOnce()>>>,
    me: Weak<Driver>,
}

impl Receiver for Driver {
    fn receive(&self, input: Input<Message>) {
        let is_socket_change = matches!(input, Input::SocketOpened | Input::SocketClosed | Input::SocketImpossible(_));
        self.feed(input);
        if is_socket_change {
            self.settle_socket_tried();
        }
    }

    fn repeat_progress(&self, now: f64, value: f64, source: &ProgressSource) -> bool {
        if self.performing.get() || !self.made_last_event.get() {
            return false;
        }
        let repeated = self.run.borrow_mut().repeat_progress(now, &source.node, value, source.max);
        let Some(repeated) = repeated else { return false };
        let made = self.maker.borrow_mut().as_mut().map(|maker| maker.repeat(value, source, &repeated));
        // The timer is not set for a later time, see `set_timer`.
        made.iter().for_each(|made| self.listeners.send(made));
        true
    }
}

impl Driver {
    pub fn new(run: Run<Message>, server: Rc<Server>, transport: Rc<dyn Transport>, client_id: &str) -> Rc<Driver> {
        Rc::new_cyclic(|me| Driver {
            run: RefCell::new(run),
            queue: SharedQueue::of(&server),
            server,
            transport,
            client_id: client_id.to_owned(),
            maker: RefCell::default(),
            listeners: Listeners::default(),
            pictures: RefCell::default(),
            performing: Cell::new(false),
            made_last_event: Cell::new(false),
            accepted: Cell::new(false),
            explaining: Cell::new(false),
            timer: RefCell::default(),
            requests: AbortHandle::default(),
            followers: Cell::new(0),
            terminal: RefCell::default(),
            end: Cell::new(None),
            outcome: RefCell::default(),
            on_outcome: RefCell::default(),
            on_socket_tried: RefCell::default(),
            me: me.clone(),
        })
    }

    /// Takes over the pictures of another driver of the same run.
    pub fn adopt_pictures(&self, other: &Driver) {
        self.run.borrow_mut().adopt_pictures(&other.run.borrow());
        *self.pictures.borrow_mut() = other.pictures.borrow().clone();
    }

    /// The pictures that came over the socket as results.
    pub fn pictures(&self) -> Vec<Rc<Picture>> {
        self.pictures.borrow().clone()
    }

    fn picture(&self, filename: &str) -> Option<Rc<Picture>> {
        self.pictures.borrow().iter().rev().find(|picture| *picture.filename == *filename).cloned()
    }

    /// Joins the transport and performs the machine's first effects.
    pub fn start(&self) {
        let Some(link) = self.link() else { return };
        self.transport.join(&link);
        if self.run.borrow().is_accepted() {
            self.on_accepted();
        }
        self.perform();
    }

    fn link(&self) -> Option<RunLink> {
        Some(RunLink(self.me.upgrade()?))
    }

    fn on_accepted(&self) {
        self.accepted.set(true);
        if let Some(link) = self.link() {
            self.transport.accept(&link, &self.prompt_id());
            followed::join(&self.server, self.prompt_id(), link);
        }
    }

    pub fn prompt_id(&self) -> Rc<str> {
        self.run.borrow().prompt_id().clone()
    }

    /// How errors name the run.
    pub fn run_ref(&self) -> RunRef {
        RunRef { prompt_id: self.prompt_id(), client_id: self.client_id.clone() }
    }

    /// The outcome, once there is one.
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome.borrow().clone()
    }

    /// The terminal event, once there is one.
    pub fn terminal(&self) -> Option<Rc<Terminal>> {
        self.terminal.borrow().clone()
    }

    /// How the run ended, once it has.
    pub fn end(&self) -> Option<End> {
        self.end.get()
    }

    /// The outputs so far: node id and JSON text.
    pub fn outputs(&self) -> Vec<(String, String)> {
        self.run.borrow().outputs().map(|(node, output)| (node.to_owned(), output.to_owned())).collect()
    }

    /// Whether the server is known to have the prompt.
    pub fn is_accepted(&self) -> bool {
        self.accepted.get()
    }

    /// Whether the server is known to know the prompt id.
    pub fn is_confirmed(&self) -> bool {
        self.run.borrow().is_confirmed()
    }

    /// Whether the prompt is known to have begun to run.
    pub fn has_started(&self) -> bool {
        self.run.borrow().has_started()
    }

    /// Adds a listener for the events from here on. After the end it still gets the terminal event.
    pub fn listen(&self, listener: Rc<dyn Listener>) {
        if self.outcome.borrow().is_none() {
            self.listeners.add(listener);
            return;
        }
        if let Some(terminal) = self.terminal() {
            listener.event(&terminal.event);
        }
        listener.end(self.failure_without_event().as_ref());
    }

    pub fn unlisten(&self, listener: &Rc<dyn Listener>) {
        self.listeners.remove(listener);
    }

    pub fn clear_listeners(&self) {
        self.listeners.clear();
    }

    /// The failure of a run that ended without a terminal event.
    fn failure_without_event(&self) -> Option<ApiError> {
        match (&*self.terminal.borrow(), &*self.outcome.borrow()) {
            (None, Some(Outcome::Failed(failure))) => Some(failure.clone()),
            _ => None,
        }
    }

    /// Calls back when the run is over, at once if it is.
    pub fn when_over(&self, call: impl FnOnce() + 'static) {
        if self.outcome.borrow().is_some() {
            call();
        } else {
            self.on_outcome.borrow_mut().push(Box::new(call));
        }
    }

    /// Calls back when the socket is open or has failed to open.
    pub fn when_socket_tried(&self, call: impl FnOnce() + 'static) {
        *self.on_socket_tried.borrow_mut() = Some(Box::new(call));
    }

    fn settle_socket_tried(&self) {
        if let Some(call) = self.on_socket_tried.take() {
            call();
        }
    }

    /// Cancels the run on the server. All calls that follow it get `interrupted` at once.
    pub fn cancel(&self) {
        self.give_up(Input::Cancel, None);
    }

    /// As `cancel`, for a caller that cancels it on the server itself.
    pub fn cancelled(&self) {
        self.give_up(Input::Cancelled, None);
    }

    /// Stops following; the run goes on.
    pub fn leave(&self, outcome: Outcome) {
        self.give_up(Input::Leave, Some(outcome));
    }

    fn give_up(&self, input: Input<Message>, outcome: Option<Outcome>) {
        if self.outcome.borrow().is_some() || self.run.borrow().is_finished() {
            return;
        }
        *self.outcome.borrow_mut() = outcome;
        self.feed(input);
    }

    pub fn feed(&self, input: Input<Message>) {
        self.run.borrow_mut().handle(globals::now(), input);
        self.perform();
    }

    /// One more call waits for this run.
    pub fn follow(&self) {
        self.followers.set(self.followers.get() + 1);
    }

    /// A call stops waiting. When the last one does, the run is no longer followed; it goes on at the server.
    pub fn unfollow(&self) {
        self.followers.set(self.followers.get().saturating_sub(1));
        if self.followers.get() == 0 && self.outcome.borrow().is_none() {
            self.leave(Outcome::Failed(self.run_ref().timed_out()));
        }
    }
}
