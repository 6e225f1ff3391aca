//! The socket of one client id, shared by its runs. What its frames mean for them is decided by
//! [`Endpoint`](crate::session::endpoint::Endpoint).

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::{ArrayBuffer, Function, JsString};
use wasm_bindgen::prelude::*;
use web_sys::{MessageEvent, WebSocket};

use crate::protocol::frame_reader::{FrameReader, Shape};
use crate::session::endpoint::routing::Route;
use crate::session::endpoint::{CLOSING_LIMIT_MS, Effect, Endpoint};
use crate::session::run::input::Input;
use crate::web::js::boundary;
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::promise::spawn;
use crate::web::js::time::at_most;
use crate::web::transport::connection::{self, Dialer, Listeners};
use crate::web::transport::frame_objects::FrameObjects;
use crate::web::transport::link::{RunLink, Transport};
use crate::web::transport::message::{Message, read_binary};

pub struct SharedSocket {
    url: String,
    dialer: RefCell<Dialer>,
    endpoint: RefCell<Endpoint<RunLink>>,
    socket: RefCell<Option<WebSocket>>,
    listeners: Listeners,
    /// Where the text of a message is read: one buffer for all of them.
    text: RefCell<Vec<u8>>,
    reader: RefCell<FrameReader>,
    objects: RefCell<FrameObjects>,
    /// Text frames with more characters are dropped.
    largest_frame: Cell<f64>,
    me: Weak<SharedSocket>,
}

thread_local! {
    static SOCKETS: RefCell<Vec<Weak<SharedSocket>>> = const { RefCell::new(Vec::new()) };
}

/// How large the buffer for a message's text may stay, in bytes.
const KEPT_BUFFER: usize = 1 << 18;

impl SharedSocket {
    /// The socket of a URL, shared with the runs that use it already. One that no run uses takes the new class and
    /// headers: it may be closing still, and its successor has to wait for that.
    pub fn of(
        url: &str,
        constructor: Option<Function>,
        headers: &[(String, String)],
        largest_frame: f64,
    ) -> Rc<SharedSocket> {
        let dialer = Dialer { constructor, headers: headers.to_vec() };
        SOCKETS.with_borrow_mut(|sockets| {
            sockets.retain(|socket| socket.strong_count() > 0);
            let same = |socket: &Rc<SharedSocket>| {
                socket.url == url && (*socket.dialer.borrow() == dialer || !socket.endpoint.borrow().is_used())
            };
            if let Some(socket) = sockets.iter().filter_map(Weak::upgrade).find(same) {
                *socket.dialer.borrow_mut() = dialer;
                socket.largest_frame.set(socket.largest_frame.get().max(largest_frame));
                return socket;
            }
            let socket = Rc::new_cyclic(|me: &Weak<SharedSocket>| SharedSocket {
                url: url.to_owned(),
                dialer: RefCell::new(dialer),
                endpoint: RefCell::default(),
                socket: RefCell::default(),
                listeners: listeners(me),
                text: RefCell::default(),
                reader: RefCell::default(),
                objects: RefCell::default(),
                largest_frame: Cell::new(largest_frame),
                me: me.clone(),
            });
            sockets.push(Rc::downgrade(&socket));
            socket
        })
    }

    /// Changes the endpoint and performs its effects.
    fn update(&self, change: impl FnOnce(&mut Endpoint<RunLink>)) {
        change(&mut self.endpoint.borrow_mut());
        self.perform();
    }

    /// Not generic, so that it is in the wasm only once.
    #[inline(never)]
    fn perform(&self) {
        loop {
            let effect = self.endpoint.borrow_mut().poll_effect();
            match effect {
                None => return,
                Some(Effect::Connect) => self.connect(),
                Some(Effect::Send(text)) => {
                    let socket = self.socket.borrow().clone();
                    socket.iter().for_each(|socket| drop(socket.send_with_str(text)));
                }
                Some(Effect::Close) => self.close(),
                Some(Effect::Opened(run)) => run.0.receive(Input::SocketOpened),
                Some(Effect::Closed(run)) => run.0.receive(Input::SocketClosed),
                Some(Effect::Impossible(run, reason)) => run.0.receive(Input::SocketImpossible(reason)),
            }
        }
    }

    fn connect(&self) {
        let dialer = self.dialer.borrow().clone();
        match dialer.connect(&self.url) {
            Ok((socket, has_headers)) => {
                connection::listen(&socket, &self.listeners);
                *self.socket.borrow_mut() = Some(socket);
                if !has_headers {
                    self.endpoint.borrow_mut().socket_lacks_headers();
                }
            }
            Err(_) => {
                // Not at once: the run that wants the socket is not waiting for it yet.
                if let Some(me) = self.me.upgrade() {
                    spawn(async move { me.update(Endpoint::socket_closed) });
                }
            }
        }
    }

    fn close(&self) {
        let (socket, Some(me)) = (self.socket.take(), self.me.upgrade()) else { return };
        let closed = socket.as_ref().map(connection::close);
        spawn(async move {
            if let Some(closed) = closed {
                at_most(CLOSING_LIMIT_MS, &closed).await;
            }
            me.update(Endpoint::socket_closed);
        });
    }

    fn on_close(&self) {
        if let Some(socket) = self.socket.take() {
            connection::unlisten(&socket);
        }
        self.update(Endpoint::socket_closed);
    }

    /// The last plain `progress` frame with another value. False where the message has to be read.
    fn repeat_progress(&self, value: f64) -> bool {
        let Some(source) = self.objects.borrow().last_progress() else { return false };
        let now = globals::now();
        let run = self.endpoint.borrow().sole_recipient(now, &source.prompt_id);
        run.is_some_and(|run| run.0.repeat_progress(now, value, &source))
    }

    /// Returns whether it was a plain `progress` frame, which [`SharedSocket::repeat_progress`] can repeat.
    fn on_message(&self, message: &MessageEvent) -> bool {
        let data = message.data();
        if data.dyn_ref::<JsString>().is_some_and(|text| f64::from(text.length()) > self.largest_frame.get()) {
            let runs = self.endpoint.borrow().runs_of_unread_frame();
            runs.iter().for_each(|run| run.0.receive(Input::FrameDropped));
            return false;
        }
        let mut is_plain_progress = false;
        // Another message may come while this one is handled. It makes its own buffer and reader.
        let mut bytes = self.text.take();
        let mut reader = self.reader.take();
        if let Some(length) = json_text::encode(&data, &mut bytes) {
            let text = bytes.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
            let mut data = Some(data);
            reader.read(text, &mut |frame, shape| {
                // The text is there as a JavaScript string already, unless the message held more than this frame.
                let whole = data.take().filter(|_| std::ptr::eq(frame.text, text));
                let text = whole.unwrap_or_else(|| JsValue::from_str(frame.text));
                let route = self.endpoint.borrow_mut().route_frame(globals::now(), frame);
                let mut objects = self.objects.borrow_mut();
                // Callbacks of one run must not change an object that another run gets.
                let message = if route.is_to_one() {
                    is_plain_progress = matches!(shape, Shape::Progress);
                    objects.make(frame, shape, text)
                } else {
                    objects.forget(shape);
                    Message::Text(text)
                };
                drop(objects);
                deliver(&route, message, |message| Input::Frame(frame, message));
            });
            *self.reader.borrow_mut() = reader;
            if bytes.len() <= KEPT_BUFFER {
                *self.text.borrow_mut() = bytes;
            }
        } else if let Ok(buffer) = data.dyn_into::<ArrayBuffer>()
            && let Some(frame) = read_binary(&buffer)
        {
            let route = self.endpoint.borrow_mut().route_binary(globals::now(), &frame);
            deliver(&route, Message::Binary(buffer), |message| Input::Binary(&frame, message));
        }
        is_plain_progress
    }
}

fn deliver<'a>(route: &Route<RunLink>, message: Message, input: impl Fn(Message) -> Input<'a, Message>) {
    for run in &route.others {
        run.0.receive(Input::OtherPromptFrame);
    }
    let mut runs = route.recipients().peekable();
    while let Some(run) = runs.next() {
        if runs.peek().is_none() {
            return run.0.receive(input(message));
        }
        run.0.receive(input(message.clone()));
    }
}

impl SharedSocket {
    /// A watcher joins, which gets every frame of the socket.
    pub fn watch(&self, watcher: &RunLink) {
        self.update(|endpoint| endpoint.watch(watcher.clone()));
    }
}

impl Transport for SharedSocket {
    fn join(&self, run: &RunLink) {
        self.update(|endpoint| endpoint.join(run.clone()));
    }

    fn accept(&self, run: &RunLink, prompt_id: &Rc<str>) {
        self.update(|endpoint| endpoint.accept(run.clone(), prompt_id));
    }

    fn leave(&self, run: &RunLink) {
        self.update(|endpoint| endpoint.leave(run));
    }

    fn open(&self, run: &RunLink) {
        self.update(|endpoint| endpoint.open(run));
    }

    fn replace(&self, run: &RunLink) {
        self.update(|endpoint| endpoint.replace(run));
    }
}

fn listeners(me: &Weak<SharedSocket>) -> Listeners {
    let (open, progress, message, close) = (me.clone(), me.clone(), me.clone(), me.clone());
    let repeat = Closure::new(move |value| progress.upgrade().is_some_and(|socket| socket.repeat_progress(value)));
    let read = Closure::new(move |event| message.upgrade().is_some_and(|socket| socket.on_message(&event)));
    Listeners {
        open: Closure::new(move || {
            open.upgrade().iter().for_each(|socket| socket.update(Endpoint::socket_opened));
        }),
        message: boundary::message_handler(repeat.as_ref(), read.as_ref()),
        repeat,
        read,
        close: Closure::new(move || close.upgrade().iter().for_each(|socket| socket.on_close())),
        error: Closure::new(|| {}),
    }
}
