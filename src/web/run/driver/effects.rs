//! Performs the effects of a run: events, requests, the socket, the timer, the end.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use crate::protocol::dialect::Dialect;
use crate::session::run::effect::{Effect, Finish};
use crate::session::run::event::{Event, EventKind};
use crate::session::run::input::Input;
use crate::session::run::polling::Probe;
use crate::web::http::probe;
use crate::web::js::globals;
use crate::web::js::promise::spawn;
use crate::web::js::time;
use crate::web::run::cancel;
use crate::web::run::driver::Driver;
use crate::web::run::events::EventMaker;
use crate::web::run::followed;
use crate::web::run::outcome::Outcome;
use crate::web::run::pictures::Picture;
use crate::web::transport::link::RunLink;
use crate::web::transport::message::Message;

impl Driver {
    /// Performs the effects in order. A callback may feed the machine in the meantime: then the outer call goes on.
    pub(super) fn perform(&self) {
        if self.performing.replace(true) {
            return;
        }
        loop {
            let effect = self.run.borrow_mut().poll_effect();
            match effect {
                None => break,
                Some(effect) => self.perform_one(effect),
            }
        }
        self.performing.set(false);
        self.set_timer();
    }

    fn perform_one(&self, effect: Effect<Message>) {
        match effect {
            Effect::Emit(event) => self.emit(&event),
            Effect::Accepted => self.on_accepted(),
            Effect::KeepPicture { node, filename, preview, message } => {
                let picture = Picture::new(node, filename, &preview, &message);
                self.pictures.borrow_mut().extend(picture.map(Rc::new));
            }
            Effect::OpenSocket => self.link().iter().for_each(|link| self.transport.open(link)),
            Effect::ReplaceSocket => self.link().iter().for_each(|link| self.transport.replace(link)),
            Effect::Ask(probe, id) => self.ask(probe, id),
            Effect::CancelOnServer => {
                // Where the answer to the submission is still on its way, `submit` cancels once it is there.
                if self.accepted.get() {
                    let (server, prompt_id) = (self.server.clone(), self.prompt_id());
                    spawn(async move { drop(cancel::cancel(&server, &prompt_id).await) });
                }
            }
            Effect::NoContact => self.explain_no_contact(),
            Effect::Finish(finish) => self.finish(&finish),
        }
    }

    fn ask(&self, probe: Probe, id: u32) {
        let Some(driver) = self.me.upgrade() else { return };
        // The shared answer of the queue does not contain the prompt itself.
        if probe == Probe::Queue && self.server.dialect == Dialect::Local && !self.run.borrow().wants_prompt() {
            let known_until = self.run.borrow().queue_known_until();
            return self.queue.ask(RunLink(driver.clone()), driver.prompt_id(), id, known_until);
        }
        spawn(async move {
            let answer = probe::ask(&driver.server, probe, &driver.prompt_id(), &driver.requests).await;
            driver.feed(Input::Answer(id, answer));
        });
    }

    /// Ends the following with the error that a submission would have given, unless the server answers after all.
    fn explain_no_contact(&self) {
        let Some(driver) = self.me.upgrade() else { return };
        if self.explaining.replace(true) {
            return;
        }
        spawn(async move {
            let failure = driver.server.error_without_response(JsValue::UNDEFINED).await;
            driver.explaining.set(false);
            if !driver.run.borrow().is_in_contact() {
                let failure = failure.with_text("promptId", Some(&driver.prompt_id()));
                driver.leave(Outcome::Failed(failure));
            }
        });
    }

    /// Sets the timer where the machine wants it earlier than it is set. A timer that fires too early is set again
    /// then, which is cheaper than setting it with every frame.
    fn set_timer(&self) {
        let Some(at) = self.run.borrow().poll_timeout() else { return };
        let mut timer = self.timer.borrow_mut();
        if timer.as_ref().is_some_and(|(set_for, _)| *set_for <= at) {
            return;
        }
        let me = self.me.clone();
        let ring = move || {
            if let Some(driver) = me.upgrade() {
                driver.timer.borrow_mut().take();
                driver.feed(Input::Timeout);
            }
        };
        *timer = Some((at, time::after(at - globals::now(), ring)));
    }

    fn emit(&self, event: &Event<Message>) {
        // Without listeners only the terminal event is made.
        let end = match event.kind {
            EventKind::End(end, _) => Some(end),
            _ => None,
        };
        let is_wanted = !self.listeners.is_empty() || end.is_some();
        self.made_last_event.set(is_wanted);
        if !is_wanted {
            return;
        }
        let made = {
            let mut maker = self.maker.borrow_mut();
            let maker = maker.get_or_insert_with(|| {
                EventMaker::new(&self.client_id, &self.prompt_id(), event.at - event.elapsed_ms)
            });
            let kept = match &event.kind {
                EventKind::Preview { filename: Some(filename), .. } => self.picture(filename),
                _ => None,
            };
            maker.make(event, kept.as_deref())
        };
        let Some(made) = made else { return };
        if end.is_some() {
            self.end.set(end);
            *self.terminal.borrow_mut() = Some(Rc::new(self.run_ref().terminal(made.clone())));
        }
        self.listeners.send(&made);
    }

    fn finish(&self, finish: &Finish) {
        self.timer.borrow_mut().take();
        self.requests.abort();
        if let Some(link) = self.link() {
            self.queue.leave(&link);
            self.transport.leave(&link);
            followed::leave(&link);
        }
        self.settle_socket_tried();
        if self.outcome.borrow().is_none() {
            let outcome = match finish {
                Finish::Ended(_) => self.terminal().map_or(Outcome::Completed, |terminal| terminal.outcome.clone()),
                Finish::Abandoned => Outcome::Failed(self.run_ref().cancelled()),
            };
            *self.outcome.borrow_mut() = Some(outcome);
        }
        self.listeners.end(self.failure_without_event().as_ref());
        for call in self.on_outcome.take() {
            call();
        }
    }
}
