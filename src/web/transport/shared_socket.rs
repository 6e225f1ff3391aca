//! One socket for all runs of one client id, shared by whoever needs it and closed with the last of them.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use js_sys::{Array, ArrayBuffer, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{BinaryType, MessageEvent, WebSocket};

use crate::protocol::binary::{BinaryFrame, HEADER_LENGTH, Header};
use crate::protocol::frame::Frame;
use crate::session::run::machine::Input;
use crate::web::http::server::object_of;
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::promise::spawn;
use crate::web::js::time::at_most;
use crate::web::run::driver::Driver;

/// A message of the socket while its frames are handled.
#[derive(Debug, Clone)]
pub enum Message {
    /// The JSON text of one frame, as JavaScript has it.
    Text(JsValue),
    /// A binary frame's bytes.
    Binary(ArrayBuffer),
}

/// The socket of one client id.
pub struct Hub {
    url: String,
    constructor: Option<Function>,
    /// Sent along where the constructor can: never printed.
    headers: Vec<(String, String)>,
    /// The constructor cannot.
    bare: Cell<bool>,
    /// It has been open.
    opened: Cell<bool>,
    submitting: RefCell<Vec<Rc<Driver>>>,
    /// Sorted by prompt id; runs of one prompt stand beside each other.
    accepted: RefCell<Vec<(Rc<str>, Rc<Driver>)>>,
    state: RefCell<State>,
    handlers: Handlers,
    /// The prompt that the last frame named, and when the other runs were told.
    last_spoken: RefCell<(Rc<str>, f64)>,
    /// A socket that is being replaced: its successor waits for its end.
    replacing: Cell<bool>,
    /// Where the text of a message is read: one place for all of them.
    text: RefCell<Vec<u8>>,
}

enum State {
    Idle,
    Connecting(WebSocket),
    Open(WebSocket),
}

struct Handlers {
    open: Closure<dyn Fn()>,
    message: Closure<dyn Fn(MessageEvent)>,
    close: Closure<dyn Fn()>,
    error: Closure<dyn Fn()>,
}

thread_local! {
    static HUBS: RefCell<Vec<Weak<Hub>>> = const { RefCell::new(Vec::new()) };
    /// Sockets that are closing, by URL: the next one with the same client id waits for them.
    static CLOSING: RefCell<Vec<(String, Promise)>> = const { RefCell::new(Vec::new()) };
}

/// What a client says first, once per connection: previews come with the id of their prompt and node.
const FEATURE_FLAGS: &str = r#"{"type":"feature_flags","data":{"supports_preview_metadata":true}}"#;
/// Room for a message's text that is kept for the next one, in bytes.
const KEPT_TEXT: usize = 1 << 18;
/// Why there is no socket where a login or another header is needed for it.
const BARE: &str = "the socket does not open, and this runtime's WebSocket cannot send the login or the headers";
/// How often a run hears that another one's frames come, in milliseconds.
const FOREIGN_NEWS_MS: f64 = 1_000.0;
/// How long a closing socket may keep its successor waiting.
const CLOSING_LIMIT_MS: f64 = 2_000.0;

impl Hub {
    /// The hub of a socket URL, shared with the runs that use it already.
    pub fn of(url: &str, constructor: Option<Function>, headers: &[(String, String)]) -> Rc<Hub> {
        HUBS.with_borrow_mut(|hubs| {
            hubs.retain(|hub| hub.strong_count() > 0);
            let same = |hub: &Rc<Hub>| hub.url == url && hub.constructor == constructor && hub.headers == headers;
            if let Some(hub) = hubs.iter().filter_map(Weak::upgrade).find(same) {
                return hub;
            }
            let hub = Rc::new_cyclic(|me: &Weak<Hub>| Hub {
                url: url.to_owned(),
                constructor,
                headers: headers.to_vec(),
                bare: Cell::new(false),
                opened: Cell::new(false),
                submitting: RefCell::default(),
                accepted: RefCell::default(),
                state: RefCell::new(State::Idle),
                handlers: Handlers::new(me),
                last_spoken: RefCell::new((Rc::from(""), 0.0)),
                replacing: Cell::new(false),
                text: RefCell::default(),
            });
            hubs.push(Rc::downgrade(&hub));
            hub
        })
    }

    /// A run that is about to be submitted joins.
    pub fn join(&self, driver: &Rc<Driver>) {
        self.submitting.borrow_mut().push(driver.clone());
    }

    /// A run's prompt id is known: from here on it gets its own frames only.
    pub fn accept(&self, driver: &Rc<Driver>) {
        self.submitting.borrow_mut().retain(|other| !Rc::ptr_eq(other, driver));
        let (id, mut accepted) = (driver.prompt_id(), self.accepted.borrow_mut());
        let place = accepted.partition_point(|(other, _)| *other <= id);
        accepted.insert(place, (id, driver.clone()));
    }

    /// A run leaves; the last one closes the socket.
    pub fn leave(&self, driver: &Rc<Driver>) {
        self.submitting.borrow_mut().retain(|other| !Rc::ptr_eq(other, driver));
        self.accepted.borrow_mut().retain(|(_, other)| !Rc::ptr_eq(other, driver));
        if !self.has_members() {
            self.close();
        }
    }

    /// Opens the socket unless it is open or opening.
    pub fn open(self: &Rc<Self>) {
        if self.replacing.get() {
            return;
        }
        match &*self.state.borrow() {
            State::Open(_) => {
                let hub = self.clone();
                spawn(async move { hub.tell(|| Input::SocketOpened) });
                return;
            }
            State::Connecting(_) => return,
            State::Idle => {}
        }
        let closed = CLOSING.with_borrow_mut(|closing| {
            let place = closing.iter().position(|(url, _)| *url == self.url)?;
            Some(closing.swap_remove(place).1)
        });
        match closed {
            Some(closed) => self.connect_after(closed),
            None => self.connect(),
        }
    }

    /// Closes a deaf socket cleanly, and opens another once it is gone: ComfyUI would unregister the new one otherwise.
    /// `by`: the run that wants it; the others learn that frames may have been missed.
    pub fn replace(self: &Rc<Self>, by: &Rc<Driver>) {
        if self.replacing.get() {
            return;
        }
        match self.state.replace(State::Idle) {
            State::Open(socket) | State::Connecting(socket) => self.connect_after(shut(&socket)),
            State::Idle => self.open(),
        }
        let others = self.members().into_iter().filter(|driver| !Rc::ptr_eq(driver, by));
        others.for_each(|driver| driver.feed(Input::SocketClosed, None));
    }

    fn connect_after(self: &Rc<Self>, closed: Promise) {
        self.replacing.set(true);
        let hub = Rc::downgrade(self);
        spawn(async move {
            at_most(CLOSING_LIMIT_MS, &closed).await;
            // Everybody may have left meanwhile.
            if let Some(hub) = hub.upgrade() {
                hub.replacing.set(false);
                if hub.has_members() {
                    hub.connect();
                }
            }
        });
    }

    fn connect(self: &Rc<Self>) {
        match self.construct() {
            Ok(socket) => {
                socket.set_binary_type(BinaryType::Arraybuffer);
                socket.set_onopen(Some(self.handlers.open.as_ref().unchecked_ref()));
                socket.set_onmessage(Some(self.handlers.message.as_ref().unchecked_ref()));
                socket.set_onclose(Some(self.handlers.close.as_ref().unchecked_ref()));
                // The close that follows tells all; without a listener some implementations throw.
                socket.set_onerror(Some(self.handlers.error.as_ref().unchecked_ref()));
                *self.state.borrow_mut() = State::Connecting(socket);
            }
            Err(_) => {
                let hub = self.clone();
                spawn(async move { hub.tell(|| Input::SocketClosed) });
            }
        }
    }

    fn construct(&self) -> Result<WebSocket, JsValue> {
        let constructor = self.constructor.as_ref().ok_or(JsValue::UNDEFINED)?;
        let url = JsValue::from_str(&self.url);
        if !self.headers.is_empty() {
            let options = Object::new();
            globals::set(&options, "headers", &object_of(&self.headers));
            // Those of Node, Deno, Bun and `ws` take them. A browser's takes this for the name of a protocol, and throws.
            match Reflect::construct(constructor, &Array::of2(&url, &options)) {
                Ok(socket) => return Ok(socket.unchecked_into()),
                Err(_) => self.bare.set(true),
            }
        }
        Ok(Reflect::construct(constructor, &Array::of1(&url))?.unchecked_into())
    }

    fn close(&self) {
        if let State::Open(socket) | State::Connecting(socket) = self.state.replace(State::Idle) {
            let closed = shut(&socket);
            CLOSING.with_borrow_mut(|closing| closing.push((self.url.clone(), closed.clone())));
            spawn(async move {
                let _ = JsFuture::from(closed.clone()).await;
                CLOSING.with_borrow_mut(|closing| {
                    closing.retain(|(_, other)| AsRef::<JsValue>::as_ref(other) != AsRef::<JsValue>::as_ref(&closed));
                });
            });
        }
    }

    fn has_members(&self) -> bool {
        !self.submitting.borrow().is_empty() || !self.accepted.borrow().is_empty()
    }

    fn members(&self) -> Vec<Rc<Driver>> {
        let mut members = self.submitting.borrow().clone();
        members.extend(self.accepted.borrow().iter().map(|(_, driver)| driver.clone()));
        members
    }

    fn tell<'a>(&self, input: impl Fn() -> Input<'a>) {
        self.members().iter().for_each(|driver| driver.feed(input(), None));
    }

    fn on_open(&self) {
        let socket = match &*self.state.borrow() {
            State::Connecting(socket) => socket.clone(),
            State::Open(_) | State::Idle => return,
        };
        *self.state.borrow_mut() = State::Open(socket.clone());
        self.opened.set(true);
        let _ = socket.send_with_str(FEATURE_FLAGS);
        self.tell(|| Input::SocketOpened);
    }

    fn on_close(&self) {
        let closed = self.state.replace(State::Idle);
        let impossible = self.bare.get() && !self.opened.get() && matches!(closed, State::Connecting(_));
        if let State::Open(socket) | State::Connecting(socket) = closed {
            // It may have something to say all the same, when nobody is there to hear it any more.
            let listeners =
                [WebSocket::set_onopen, WebSocket::set_onmessage, WebSocket::set_onclose, WebSocket::set_onerror];
            listeners.iter().for_each(|set| set(&socket, None));
        }
        self.tell(|| if impossible { Input::SocketImpossible(BARE) } else { Input::SocketClosed });
    }

    fn on_message(&self, message: &MessageEvent) {
        let data = message.data();
        // Another message may come while this one is told.
        let mut bytes = self.text.take();
        if let Some(length) = json_text::encode(&data, &mut bytes) {
            let text = bytes.get(..length).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
            let mut data = Some(data);
            Frame::read(text, &mut |frame| {
                // The text is there as a JavaScript string already, unless the message held more than this frame.
                let whole = data.take().filter(|_| std::ptr::eq(frame.text, text));
                self.route(frame, &Message::Text(whole.unwrap_or_else(|| JsValue::from_str(frame.text))));
            });
            if bytes.len() <= KEPT_TEXT {
                *self.text.borrow_mut() = bytes;
            }
        } else if let Ok(buffer) = data.dyn_into::<ArrayBuffer>()
            && let Some(frame) = read_binary(&buffer)
        {
            let message = Message::Binary(buffer);
            self.members().iter().for_each(|driver| driver.feed(Input::Binary(&frame), Some(&message)));
        }
    }

    /// Who follows a prompt: mostly one, so that no list has to be made for the others.
    fn runs_of(&self, prompt_id: &str) -> (Option<Rc<Driver>>, Vec<Rc<Driver>>) {
        let accepted = self.accepted.borrow();
        let start = accepted.partition_point(|(id, _)| **id < *prompt_id);
        let mut runs = accepted[start..].iter().take_while(|(id, _)| **id == *prompt_id).map(|(_, run)| run.clone());
        (runs.next(), runs.collect())
    }

    fn route(&self, frame: &Frame, message: &Message) {
        let (first, others) = match &frame.prompt_id {
            Some(prompt_id) => {
                self.tell_others(prompt_id);
                match self.runs_of(prompt_id) {
                    // Perhaps of a prompt whose submission is not answered yet.
                    (None, _) => (None, self.submitting.borrow().clone()),
                    runs => runs,
                }
            }
            None => (None, self.members()),
        };
        first.iter().chain(&others).for_each(|driver| driver.feed(Input::Frame(frame), Some(message)));
    }

    /// A frame of one prompt tells the other runs that the socket hears. They need not know of each: a thousand runs
    /// would make each frame cost a thousandfold.
    fn tell_others(&self, prompt_id: &str) {
        if self.accepted.borrow().len() < 2 {
            return;
        }
        let now = globals::now();
        let mut last = self.last_spoken.borrow_mut();
        if *last.0 == *prompt_id && now - last.1 < FOREIGN_NEWS_MS {
            return;
        }
        *last = (Rc::from(prompt_id), now);
        drop(last);
        let mut others = self.accepted.borrow().clone();
        others.retain(|(id, _)| **id != *prompt_id);
        others.iter().for_each(|(_, driver)| driver.feed(Input::ForeignFrame, None));
    }
}

impl Handlers {
    fn new(hub: &Weak<Hub>) -> Handlers {
        let (open, message, close) = (hub.clone(), hub.clone(), hub.clone());
        Handlers {
            open: Closure::new(move || open.upgrade().iter().for_each(|hub| hub.on_open())),
            message: Closure::new(move |event| message.upgrade().iter().for_each(|hub| hub.on_message(&event))),
            close: Closure::new(move || close.upgrade().iter().for_each(|hub| hub.on_close())),
            error: Closure::new(|| {}),
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.close();
    }
}

/// Takes our listeners off a socket and closes it. The promise resolves once it is closed.
fn shut(socket: &WebSocket) -> Promise {
    socket.set_onopen(None);
    socket.set_onmessage(None);
    let closed = Promise::new(&mut |resolve, _| {
        socket.set_onclose(Some(&resolve));
        // A socket that is closed while it connects reports an error first; `ws` throws it where nobody listens.
        socket.set_onerror(Some(&resolve));
    });
    let _ = socket.close();
    closed
}

/// Reads a binary message without its picture.
pub fn read_binary(buffer: &ArrayBuffer) -> Option<BinaryFrame> {
    let length = buffer.byte_length() as usize;
    let bytes = |from: usize, to: usize| {
        let (from, to) = (from.min(length) as u32, to.min(length) as u32);
        Uint8Array::new_with_byte_offset_and_length(buffer, from, to - from).to_vec()
    };
    let header = Header::read(&bytes(0, HEADER_LENGTH), length)?;
    let metadata = bytes(header.metadata.start, header.metadata.end);
    BinaryFrame::new(&header, &metadata, &bytes(header.image, header.image + 12))
}
