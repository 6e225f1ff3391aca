//! A run as a submission holds it: how it is followed, and what is known of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Object};
use wasm_bindgen::prelude::*;

use crate::protocol::history::HistoryAnswer;
use crate::session::run::event::End;
use crate::session::run::machine::Run;
use crate::session::run::settings::Settings;
use crate::session::run::setup::RunSetup;
use crate::web::http::server::{AbortHandle, Server};
use crate::web::js::boundary;
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::promise::spawn;
use crate::web::run::cancel;
use crate::web::run::driver::Driver;
use crate::web::run::pictures::Picture;
use crate::web::transport::select::{frame_source, transport_of};

/// A run as a submission holds it.
pub struct RunHandle {
    pub server: Rc<Server>,
    pub client_id: String,
    /// The run was submitted under this client id, so its frames come here.
    pub knows_client: bool,
    pub prompt_id: String,
    /// The server is known to know the id: it was submitted here, or the history or a cancellation found it.
    pub is_confirmed: Cell<bool>,
    /// Its number in the queue.
    pub number: Option<f64>,
    /// Outputs that will not run, as a JavaScript object.
    pub node_errors: JsValue,
    /// The prompt as JSON text, or null where it was picked up by its id. A JavaScript string, so that the garbage collector
    /// knows its size.
    pub prompt: JsValue,
    /// How it is followed unless the options of `wait` say otherwise.
    pub settings: Settings,
    /// The WebSocket class.
    pub web_socket: Option<Function>,
    /// Unix time in milliseconds.
    pub submitted_at: f64,
    /// The run that follows it, if one does.
    pub driver: RefCell<Option<Rc<Driver>>>,
    /// Its history item, once it was fetched.
    pub history: RefCell<Option<JsValue>>,
    /// How it ended, where the history item or a cancellation says so.
    pub known_end: Cell<Option<End>>,
}

/// Why there are no files to fetch.
const NO_FILES: &str = "The server has no results of this run. It has not ended: await run.wait() first, or submit with \
    wait: true. Or the server knows it no longer.";

impl RunHandle {
    /// The driver that follows the run already, or a new one that picks it up.
    pub fn follow(&self, settings: Settings) -> Rc<Driver> {
        if let Some(driver) = &*self.driver.borrow() {
            // A driver that stopped following before the end has to be replaced.
            if driver.outcome().is_none() || driver.terminal().is_some() {
                return driver.clone();
            }
        }
        let prompt = json_text::string(&self.prompt).unwrap_or_default();
        let setup = RunSetup {
            settings,
            prompt_id: &self.prompt_id,
            is_fresh_id: false,
            prompt: &prompt,
            frames: frame_source(&self.server, self.web_socket.as_ref(), self.knows_client),
            seed: globals::random_seed(),
        };
        let mut run = Run::resumed(setup, self.submitted_at, globals::now());
        if self.is_confirmed.get() {
            run.server_has_answered();
        }
        let transport = transport_of(&self.server, &self.client_id, self.web_socket.clone());
        let driver = Driver::new(run, self.server.clone(), transport, &self.client_id);
        if let Some(before) = self.driver.borrow_mut().replace(driver.clone()) {
            driver.adopt_pictures(&before);
        }
        match self.known_end.get() {
            // It was cancelled in the queue: the server may not know it any more.
            Some(End::Interrupted) if self.known_history().is_none() => driver.cancelled(),
            _ => driver.start(),
        }
        driver
    }

    /// Cancels the run on the server in the background.
    pub fn cancel(self: &Rc<Self>) {
        let driver = self.driver.borrow().clone();
        match driver {
            Some(driver) if driver.outcome().is_none() => driver.cancel(),
            Some(driver) if driver.terminal().is_some() => {}
            _ => {
                let run = self.clone();
                spawn(async move { drop(cancel::cancel(&run.server, &run.prompt_id).await) });
            }
        }
    }

    /// The history item, once a probe or `fetch_history` has seen it.
    pub fn known_history(&self) -> Option<JsValue> {
        if let Some(history) = &*self.history.borrow() {
            return Some(history.clone());
        }
        self.driver.borrow().as_ref()?.terminal()?.history.clone()
    }

    /// The outputs so far: `{node id: {images, …}}`.
    pub fn outputs(&self) -> Object {
        let outputs = Object::new();
        if let Some(history) = self.known_history()
            && let Ok(known) = globals::get(&history, "outputs").dyn_into::<Object>()
        {
            boundary::assign_own(&outputs, &known);
        }
        if let Some(driver) = &*self.driver.borrow() {
            for (node, output) in driver.outputs() {
                if let Some(output) = json_text::parse(&output) {
                    boundary::set_own(&outputs, &node, &output);
                }
            }
        }
        outputs
    }

    /// The pictures that came over the socket as results.
    pub fn pictures(&self) -> Vec<Rc<Picture>> {
        self.driver.borrow().as_ref().map(|driver| driver.pictures()).unwrap_or_default()
    }

    /// Asks for the history item unless it is known. The outputs that frames brought can be incomplete: old servers
    /// send no frame for a cached output, and a run need not be followed.
    pub async fn complete_outputs(&self) -> Result<(), JsValue> {
        if self.known_history().is_none() {
            self.fetch_history().await?;
        }
        if self.known_history().is_none() && Object::keys(&self.outputs()).length() == 0 && !self.has_ended() {
            return Err(ApiError::bad_input(NO_FILES).into());
        }
        Ok(())
    }

    /// The state of the run, as far as it is known.
    pub fn status(&self) -> &'static str {
        let driver = self.driver.borrow();
        let driver = driver.as_deref();
        if !self.is_confirmed.get() && !driver.is_some_and(Driver::is_confirmed) {
            return "unknown";
        }
        let end = driver.and_then(Driver::end).or(self.known_end.get());
        match (end, driver) {
            (Some(end), _) => end.name(),
            (None, Some(driver)) if driver.outcome().is_some() => "left",
            (None, Some(driver)) if driver.has_started() => "running",
            (None, _) => "submitted",
        }
    }

    /// Cancels the run on the server. True where the server had it.
    pub async fn cancel_and_confirm(&self) -> Result<bool, ApiError> {
        let had = cancel::cancel(&self.server, &self.prompt_id).await?;
        if had {
            self.known_end.set(Some(End::Interrupted));
            self.is_confirmed.set(true);
        }
        Ok(had)
    }

    fn has_ended(&self) -> bool {
        self.driver.borrow().as_ref().is_some_and(|driver| driver.terminal().is_some())
    }

    /// The prompt as JSON text; empty where it is not known.
    pub fn known_prompt(&self) -> String {
        if let Some(prompt) = json_text::string(&self.prompt) {
            return prompt;
        }
        let queued = self.known_history().map(|history| globals::get(&history, "prompt"));
        // ComfyUI has a list there, Comfy Cloud an object.
        let prompt = queued
            .and_then(|queued| ["2", "prompt"].iter().map(|key| globals::get(&queued, key)).find(JsValue::is_object));
        prompt.and_then(|prompt| json_text::text(&prompt)).unwrap_or_default()
    }

    /// Asks for the history item.
    pub async fn fetch_history(&self) -> Result<Option<JsValue>, JsValue> {
        let route = self.server.dialect.history(&self.prompt_id);
        let reply = match self.server.request("GET", &route, None, &AbortHandle::default()).await {
            Ok(reply) if reply.status == 200 => reply,
            Ok(reply) => return Err(self.server.error_from_response(&reply).into()),
            Err(cause) => return Err(self.server.error_without_response(cause).await.into()),
        };
        let text = self.server.dialect.read_history(&reply.text, &self.prompt_id);
        let item = json_text::parse(&text).map(|all| boundary::get_own(&all, &self.prompt_id));
        let item = item.filter(|item| item.is_object());
        if let Some(HistoryAnswer::Ended(item)) = HistoryAnswer::read(&text, &self.prompt_id) {
            self.known_end.set(Some(End::from_outcome(item.outcome)));
            self.is_confirmed.set(true);
        }
        *self.history.borrow_mut() = item.clone().or_else(|| self.known_history());
        Ok(item)
    }
}
