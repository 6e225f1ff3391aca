//! A run as submissions hold it: how it is followed, and what is known of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Object};
use wasm_bindgen::prelude::*;

use crate::protocol::history::HistoryAnswer;
use crate::session::run::event::End;
use crate::session::run::machine::Run;
use crate::session::run::settings::Settings;
use crate::session::run::setup::RunSetup;
use crate::web::api::result_files;
use crate::web::http::server::{AbortHandle, Server};
use crate::web::js::abort::abortable;
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::promise::spawn;
use crate::web::run::cancel;
use crate::web::run::driver::Driver;
use crate::web::transport::select::{frame_source, transport_of};

/// A run as a submission holds it.
pub struct RunHandle {
    /// Where it runs.
    pub server: Rc<Server>,
    /// Who hears of it.
    pub client_id: String,
    /// The run was submitted under this client id: its frames come to us.
    pub knows_client: bool,
    /// Its id on the server.
    pub prompt_id: String,
    /// Its number in the queue.
    pub number: Option<f64>,
    /// Outputs that will not run, as a JavaScript object.
    pub node_errors: JsValue,
    /// The prompt as JSON text, or null where it was picked up by its id. A JavaScript string: the collector of garbage,
    /// which decides how long a submission lives, knows how large it is.
    pub prompt: JsValue,
    /// How it is followed unless `wait` says otherwise.
    pub settings: Settings,
    /// The WebSocket class.
    pub web_socket: Option<Function>,
    /// Unix time in milliseconds.
    pub submitted_at: f64,
    /// Who follows it, if anybody does.
    pub driver: RefCell<Option<Rc<Driver>>>,
    /// Its history item, once it was asked for.
    pub history: RefCell<Option<JsValue>>,
    /// What is known of its end without a terminal event: from its history item, or since it was taken back.
    pub known_end: Cell<Option<End>>,
}

/// Why there are no files to fetch.
const NO_FILES: &str = "The server has no results of this run. It has not ended: await run.wait() first, or submit with \
    wait: true. Or the server knows it no longer.";

impl RunHandle {
    /// Whoever follows the run: the one who does already, or a new one that picks it up.
    pub fn follow(&self, settings: Settings) -> Rc<Driver> {
        if let Some(driver) = &*self.driver.borrow() {
            // Whoever has its end need not ask again; whoever left without it must.
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
        let run = Run::resumed(setup, self.submitted_at, globals::now());
        let transport = transport_of(&self.server, &self.client_id, self.web_socket.clone());
        let driver = Driver::new(run, self.server.clone(), transport, &self.client_id);
        *self.driver.borrow_mut() = Some(driver.clone());
        match self.known_end.get() {
            // The server need not be asked, and may know nothing of it any more: it was deleted from the queue.
            Some(End::Interrupted) if self.known_history().is_none() => driver.cancelled(),
            _ => driver.start(),
        }
        driver
    }

    /// Stops the run on the server, whoever follows it.
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

    /// The history item, once a probe or a question has seen it.
    pub fn known_history(&self) -> Option<JsValue> {
        if let Some(history) = &*self.history.borrow() {
            return Some(history.clone());
        }
        self.driver.borrow().as_ref()?.terminal()?.history.clone()
    }

    /// What the output nodes have shown, as far as it is known.
    pub fn outputs(&self) -> Object {
        let outputs = Object::new();
        if let Some(history) = self.known_history()
            && let Ok(known) = globals::get(&history, "outputs").dyn_into::<Object>()
        {
            Object::assign(&outputs, &known);
        }
        if let Some(driver) = &*self.driver.borrow() {
            for (node, output) in driver.outputs() {
                if let Some(output) = json_text::parse(&output) {
                    globals::set(&outputs, &node, &output);
                }
            }
        }
        outputs
    }

    /// What was heard of may be less than what there is: cached outputs of old servers, runs that nobody followed. So the
    /// history is asked once.
    pub async fn fetch_files(
        self: Rc<Self>,
        signal: Option<JsValue>,
        kinds: Option<Vec<String>>,
    ) -> Result<JsValue, JsValue> {
        let work = async move {
            if self.known_history().is_none() {
                self.fetch_history().await?;
            }
            if self.known_history().is_none() && Object::keys(&self.outputs()).length() == 0 && !self.has_ended() {
                return Err(ApiError::bad_input(NO_FILES).into());
            }
            Ok(result_files::list(&self.server, &self.outputs(), &self.known_prompt(), kinds.as_deref()).into())
        };
        abortable(signal, || {}, work).await
    }

    fn has_ended(&self) -> bool {
        self.driver.borrow().as_ref().is_some_and(|driver| driver.terminal().is_some())
    }

    fn known_prompt(&self) -> String {
        if let Some(prompt) = json_text::string(&self.prompt) {
            return prompt;
        }
        let queued = self.known_history().map(|history| globals::get(&history, "prompt"));
        // A list on a server of one's own, an object on Comfy Cloud.
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
        let item = json_text::parse(&text).map(|all| globals::get(&all, &self.prompt_id));
        let item = item.filter(|item| item.is_object());
        if let Some(HistoryAnswer::Ended(item)) = HistoryAnswer::read(&text, &self.prompt_id) {
            self.known_end.set(Some(End::from_outcome(item.outcome)));
        }
        *self.history.borrow_mut() = item.clone().or_else(|| self.known_history());
        Ok(item)
    }
}
