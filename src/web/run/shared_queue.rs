//! One question to a server's queue for all runs that want to know their place in it: a queue of a thousand prompts is
//! megabytes of JSON.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use crate::protocol::queue::Queue;
use crate::session::run::input::{Answer, Input};
use crate::web::http::server::{AbortHandle, Server};
use crate::web::js::globals;
use crate::web::js::promise::spawn;
use crate::web::run::driver::Driver;

/// The queue of one server, as the runs on it know it.
pub struct SharedQueue {
    server: Rc<Server>,
    /// The last answer, and when it was asked for.
    known: RefCell<Option<(f64, Rc<Queue>)>>,
    /// When the question that is under way was asked.
    asked: Cell<Option<f64>>,
    waiting: RefCell<Vec<Waiting>>,
    requests: AbortHandle,
}

/// A run that has asked.
struct Waiting {
    driver: Rc<Driver>,
    /// Of its probe.
    id: u32,
    /// What was asked for up to then tells it nothing new.
    known_until: f64,
}

thread_local! {
    static QUEUES: RefCell<Vec<Weak<SharedQueue>>> = const { RefCell::new(Vec::new()) };
}

/// A question that takes longer is given up for the next one, as each run gives up its own.
const TIMEOUT_MS: f64 = 15_000.0;

impl SharedQueue {
    /// The queue of a server, shared with the runs that reach it in the same way.
    pub fn of(server: &Rc<Server>) -> Rc<SharedQueue> {
        QUEUES.with_borrow_mut(|queues| {
            queues.retain(|queue| queue.strong_count() > 0);
            let same = |queue: &Rc<SharedQueue>| queue.server.is_same(server);
            if let Some(queue) = queues.iter().filter_map(Weak::upgrade).find(same) {
                return queue;
            }
            let queue = Rc::new(SharedQueue {
                server: server.clone(),
                known: RefCell::default(),
                asked: Cell::new(None),
                waiting: RefCell::default(),
                requests: AbortHandle::default(),
            });
            queues.push(Rc::downgrade(&queue));
            queue
        })
    }

    /// Answers a run's probe, with what is known already where that is new to it. Never at once.
    pub fn ask(self: &Rc<Self>, driver: &Rc<Driver>, id: u32, known_until: f64) {
        self.waiting.borrow_mut().push(Waiting { driver: driver.clone(), id, known_until });
        if self.known.borrow().as_ref().is_some_and(|(asked, _)| *asked > known_until) {
            let queue = self.clone();
            spawn(async move { queue.tell() });
        } else if self.asked.get().is_some_and(|asked| globals::now() - asked >= TIMEOUT_MS) {
            self.requests.abort();
        } else if self.asked.get().is_none() {
            self.begin();
        }
    }

    /// A run wants to know nothing any more; with the last one the question is given up.
    pub fn leave(&self, driver: &Driver) {
        let mut waiting = self.waiting.borrow_mut();
        let before = waiting.len();
        waiting.retain(|one| !std::ptr::eq(&*one.driver, driver));
        if before > 0 && waiting.is_empty() {
            self.requests.abort();
        }
    }

    fn begin(self: &Rc<Self>) {
        let (queue, asked) = (self.clone(), globals::now());
        self.asked.set(Some(asked));
        spawn(async move {
            let reply = queue.server.request("GET", "/queue", None, &queue.requests).await;
            queue.asked.set(None);
            let read = match &reply {
                Ok(reply) if reply.status == 200 => Queue::read(&reply.text).ok_or(Some(200)),
                Ok(reply) => Err(Some(reply.status)),
                Err(_) => Err(None),
            };
            match read {
                Ok(read) => *queue.known.borrow_mut() = Some((asked, Rc::new(read))),
                // Whoever waits for a later question has lost nothing by asking again.
                Err(status) => {
                    for Waiting { driver, id, .. } in queue.waiting.take() {
                        driver.feed(Input::Answer(id, Answer::Failed(status)));
                    }
                }
            }
            queue.tell();
            if queue.asked.get().is_none() && !queue.waiting.borrow().is_empty() {
                queue.begin();
            }
        });
    }

    /// Hands out what is known to those to whom it is new.
    fn tell(&self) {
        let Some((asked, known)) = self.known.borrow().clone() else { return };
        let (told, rest) = self.waiting.take().into_iter().partition(|one| one.known_until < asked);
        *self.waiting.borrow_mut() = rest;
        for Waiting { driver, id, .. } in told {
            let answer = known.answer(&driver.prompt_id(), asked);
            driver.feed(Input::Answer(id, Answer::Queue(answer)));
        }
    }
}
