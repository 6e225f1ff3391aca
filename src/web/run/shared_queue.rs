//! Asks a server's queue once for all runs that want to know their position in it. What is asked when is decided by
//! [`QueueWatch`](crate::session::queue_watch::QueueWatch).

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use crate::protocol::queue::Queue;
use crate::session::queue_watch::{Effect, QueueWatch};
use crate::session::run::input::Input;
use crate::web::http::server::{AbortHandle, Server};
use crate::web::js::globals;
use crate::web::js::promise::spawn;
use crate::web::transport::link::RunLink;

pub struct SharedQueue {
    server: Rc<Server>,
    watch: RefCell<QueueWatch<RunLink>>,
    requests: AbortHandle,
    me: Weak<SharedQueue>,
}

thread_local! {
    static QUEUES: RefCell<Vec<Weak<SharedQueue>>> = const { RefCell::new(Vec::new()) };
}

impl SharedQueue {
    /// The queue of a server, shared with the runs that reach it in the same way.
    pub fn of(server: &Rc<Server>) -> Rc<SharedQueue> {
        QUEUES.with_borrow_mut(|queues| {
            queues.retain(|queue| queue.strong_count() > 0);
            let same = |queue: &Rc<SharedQueue>| queue.server.is_same(server);
            if let Some(queue) = queues.iter().filter_map(Weak::upgrade).find(same) {
                return queue;
            }
            let queue = Rc::new_cyclic(|me| SharedQueue {
                server: server.clone(),
                watch: RefCell::default(),
                requests: AbortHandle::default(),
                me: me.clone(),
            });
            queues.push(Rc::downgrade(&queue));
            queue
        })
    }

    /// Answers a run's probe. `known_until`: the run already knows what was asked up to that time.
    pub fn ask(&self, run: RunLink, prompt_id: Rc<str>, probe_id: u32, known_until: f64) {
        self.update(|watch| watch.ask(globals::now(), run, prompt_id, probe_id, known_until));
    }

    /// A run leaves.
    pub fn leave(&self, run: &RunLink) {
        self.update(|watch| watch.leave(run));
    }

    fn update(&self, change: impl FnOnce(&mut QueueWatch<RunLink>)) {
        change(&mut self.watch.borrow_mut());
        loop {
            let effect = self.watch.borrow_mut().poll_effect();
            match effect {
                None => return,
                Some(Effect::Ask(number)) => self.send(number),
                Some(Effect::Abort) => self.requests.abort(),
                Some(Effect::Answer(run, id, answer)) => run.0.receive(Input::Answer(id, answer)),
            }
        }
    }

    fn send(&self, number: u32) {
        let Some(me) = self.me.upgrade() else { return };
        spawn(async move {
            let reply = me.server.request("GET", "/queue", None, &me.requests).await;
            let answer = match &reply {
                Ok(reply) if reply.status == 200 => Queue::read(&reply.text).ok_or(Some(200)),
                Ok(reply) => Err(Some(reply.status)),
                Err(_) => Err(None),
            };
            me.update(|watch| watch.answered(globals::now(), number, answer));
        });
    }
}
