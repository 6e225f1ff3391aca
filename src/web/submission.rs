//! `Submission`: a prompt that the server has taken, followed by whoever wants to, picked up again after a reload.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::driver::{Callback, Driver, Listener, Outcome};
use super::error::Failure;
use super::line::Line;
use super::options::Options;
use super::server::{Requests, Server};
use super::signal::{abortable, aborted};
use super::stream::EventStream;
use super::task::{promise, spawn};
use super::time::at_most;
use super::{cancel, files, globals, json};
use crate::run::machine::Run;
use crate::run::settings::Settings;

/// A run as a submission holds it.
pub struct Followed {
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
}

/// A prompt that the server has taken.
#[wasm_bindgen]
pub struct Submission {
    run: Rc<Followed>,
}

thread_local! {
    /// By the server's address.
    static CLIENT_IDS: RefCell<Vec<(String, String)>> = const { RefCell::new(Vec::new()) };
}

/// The client id of this page or process for a server: one for all its runs, which then share a socket, and no other
/// program's, which would take the socket over.
pub fn default_client_id(server: &Server) -> String {
    let base = server.address.base();
    CLIENT_IDS.with_borrow_mut(|ids| match ids.iter().find(|(known, _)| *known == base) {
        Some((_, id)) => id.clone(),
        None => {
            ids.push((base, globals::uuid()));
            ids.last().map(|(_, id)| id.clone()).unwrap_or_default()
        }
    })
}

#[wasm_bindgen]
impl Submission {
    /// Picks a run up again by its id.
    #[wasm_bindgen(js_name = fromPromptId)]
    pub fn from_prompt_id(prompt_id: JsValue, options: JsValue) -> Result<Submission, JsValue> {
        let options = Options::new(options, "Submission.fromPromptId")?;
        let Some(prompt_id) = prompt_id.as_string().filter(|id| !id.is_empty()) else {
            return Err(Failure::bad_input("Submission.fromPromptId needs the id of the prompt, a string.").into());
        };
        let server = options.server()?;
        let client_id = options.text("clientId")?;
        Ok(Submission::new(Followed {
            knows_client: client_id.is_some(),
            client_id: client_id.unwrap_or_else(|| default_client_id(&server)),
            settings: options.settings()?,
            web_socket: options.web_socket()?,
            server,
            prompt_id,
            number: None,
            node_errors: Object::new().into(),
            prompt: JsValue::NULL,
            submitted_at: globals::now(),
            driver: RefCell::default(),
            history: RefCell::default(),
        }))
    }

    /// The id of the run on the server.
    #[wasm_bindgen(getter, js_name = promptId)]
    pub fn prompt_id(&self) -> String {
        self.run.prompt_id.clone()
    }

    /// Who hears of the run: give it to `fromPromptId` to pick it up again.
    #[wasm_bindgen(getter, js_name = clientId)]
    pub fn client_id(&self) -> String {
        self.run.client_id.clone()
    }

    /// The server's address, without login.
    #[wasm_bindgen(getter, js_name = serverUrl)]
    pub fn server_url(&self) -> String {
        self.run.server.address.base()
    }

    /// Its number in the queue, as the server counts; null where unknown.
    #[wasm_bindgen(getter)]
    pub fn number(&self) -> JsValue {
        self.run.number.map_or(JsValue::NULL, JsValue::from_f64)
    }

    /// Outputs that failed validation and never run, although the rest does.
    #[wasm_bindgen(getter, js_name = nodeErrors)]
    pub fn node_errors(&self) -> JsValue {
        self.run.node_errors.clone()
    }

    /// `"submitted"`, `"running"`, `"completed"`, `"error"`, `"interrupted"`, or `"left"` where nobody follows it any more.
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> String {
        let Some(driver) = &*self.run.driver.borrow() else { return "submitted".to_owned() };
        match driver.terminal() {
            Some(terminal) => terminal.status.clone(),
            None if driver.outcome().is_some() => "left".to_owned(),
            None if driver.has_started() => "running".to_owned(),
            None => "submitted".to_owned(),
        }
    }

    /// The history item, once a probe or `fetchHistory` has seen it; null before.
    #[wasm_bindgen(getter)]
    pub fn history(&self) -> JsValue {
        self.run.known_history().unwrap_or(JsValue::NULL)
    }

    /// What the output nodes have shown: `{node id: {images, …}}`.
    #[wasm_bindgen(getter)]
    pub fn outputs(&self) -> JsValue {
        self.run.outputs().into()
    }

    /// Asks the server for the history item; null where it has none (yet).
    #[wasm_bindgen(js_name = fetchHistory)]
    pub fn fetch_history(&self) -> Promise {
        let run = self.run.clone();
        promise(async move { Ok(run.fetch_history().await?.unwrap_or(JsValue::NULL)) })
    }

    /// Follows the run to its end. Resolves to this submission on `completed` and rejects with a `ComfyError` otherwise.
    pub fn wait(&self, options: JsValue) -> Promise {
        let run = self.run.clone();
        promise(async move {
            let options = Options::new(options, "wait")?;
            let (signal, on_event, wait_timeout) = (options.signal()?, options.on_event()?, options.wait_timeout()?);
            if let Some(reason) = aborted(signal.as_ref()) {
                run.cancel();
                return Err(reason);
            }
            let driver = run.follow(&options)?;
            let aborting = driver.clone();
            let listener = on_event.map(|on_event| Rc::new(Callback(on_event)) as Rc<dyn Listener>);
            if let Some(listener) = &listener {
                driver.listen(listener.clone());
            }
            driver.follow();
            let submission = Submission { run };
            abortable(signal, move || aborting.cancel(), submission.settle(driver, wait_timeout, listener)).await
        })
    }

    /// The events of the run from here on, for `for await`. Ends after the terminal event; `break` stops listening.
    pub fn events(&self, options: JsValue) -> Result<JsValue, JsValue> {
        let options = Options::new(options, "events")?;
        let (signal, wait_timeout) = (options.signal()?, options.wait_timeout()?);
        if let Some(reason) = aborted(signal.as_ref()) {
            self.run.cancel();
            return Err(reason);
        }
        let driver = self.run.follow(&options)?;
        Ok(EventStream::open(&driver, signal, wait_timeout))
    }

    /// The files that the run made and the texts that it showed, in the order of the prompt's nodes: `{ kinds }` chooses,
    /// by kind (`"image"`) or by the node's own word (`"gifs"`). Their contents are fetched when they are asked for.
    #[wasm_bindgen(js_name = fetchFiles)]
    pub fn fetch_files(&self, options: JsValue) -> Promise {
        let run = self.run.clone();
        promise(async move {
            let options = Options::new(options, "fetchFiles")?;
            let kinds = options.texts("kinds")?;
            run.fetch_files(options.signal()?, kinds).await
        })
    }

    /// The pictures that the run made.
    #[wasm_bindgen(js_name = fetchImages)]
    pub fn fetch_images(&self, options: JsValue) -> Promise {
        let run = self.run.clone();
        promise(async move {
            let options = Options::new(options, "fetchImages")?;
            run.fetch_files(options.signal()?, Some(vec!["image".to_owned()])).await
        })
    }

    /// Takes the run back, whether it waits or runs, and settles everybody who waits for it at once. Resolves to whether
    /// the server had it.
    pub fn cancel(&self) -> Promise {
        let run = self.run.clone();
        // A `wait()` that was called just before begins first.
        promise(async move {
            let driver = run.driver.borrow().clone();
            if let Some(driver) = driver {
                driver.leave(Outcome::Failed(driver.cancelled()));
            }
            Ok(cancel::cancel(&run.server, &run.prompt_id).await?.into())
        })
    }
}

impl Submission {
    /// A submission of a run.
    pub fn new(run: Followed) -> Submission {
        Submission { run: Rc::new(run) }
    }

    /// Waits for the outcome; the caller has begun to follow the driver.
    pub async fn settle(
        self,
        driver: Rc<Driver>,
        wait_timeout: Option<f64>,
        listener: Option<Rc<dyn Listener>>,
    ) -> Result<JsValue, JsValue> {
        let over = Promise::new(&mut |resolve, _| driver.when_over(move || drop(resolve.call0(&JsValue::UNDEFINED))));
        match wait_timeout {
            Some(wait) => at_most(wait, &over).await,
            None => drop(JsFuture::from(over).await),
        }
        if driver.outcome().is_none() {
            let failure = driver.timed_out();
            if let Some(listener) = &listener {
                driver.unlisten(listener);
            }
            driver.unfollow();
            return Err(failure.into());
        }
        match driver.outcome() {
            Some(Outcome::Completed) | None => Ok(self.into()),
            Some(Outcome::Failed(failure)) => Err(failure.into()),
        }
    }
}

impl Followed {
    /// Whoever follows the run: the one who does already, or a new one that picks it up.
    fn follow(&self, options: &Options) -> Result<Rc<Driver>, Failure> {
        if let Some(driver) = &*self.driver.borrow() {
            // Whoever has its end need not ask again; whoever left without it must.
            if driver.outcome().is_none() || driver.terminal().is_some() {
                return Ok(driver.clone());
            }
        }
        let given = options.settings()?;
        let option = |name, given: f64, own: f64| if options.value(name).is_some() { given } else { own };
        let settings = Settings {
            idle_timeout_ms: option("idleTimeoutMs", given.idle_timeout_ms, self.settings.idle_timeout_ms),
            poll_interval_ms: option("pollIntervalMs", given.poll_interval_ms, self.settings.poll_interval_ms),
            poll_queue: options.flag("pollQueue")?.unwrap_or(self.settings.poll_queue),
            ..given
        };
        let settings = Line::settings(&self.server, self.web_socket.as_ref(), self.knows_client, settings);
        let prompt = json::string(&self.prompt).unwrap_or_default();
        let run = Run::resumed(settings, &prompt, &self.prompt_id, self.submitted_at, globals::now());
        let line = Line::of(&self.server, &self.client_id, self.web_socket.clone());
        let driver = Driver::new(run, self.server.clone(), line, &self.client_id);
        *self.driver.borrow_mut() = Some(driver.clone());
        driver.start();
        Ok(driver)
    }

    /// Stops the run on the server, whoever follows it.
    fn cancel(self: &Rc<Self>) {
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

    fn known_history(&self) -> Option<JsValue> {
        if let Some(history) = &*self.history.borrow() {
            return Some(history.clone());
        }
        self.driver.borrow().as_ref()?.terminal()?.history.clone()
    }

    fn outputs(&self) -> Object {
        let outputs = Object::new();
        if let Some(history) = self.known_history()
            && let Ok(known) = globals::get(&history, "outputs").dyn_into::<Object>()
        {
            Object::assign(&outputs, &known);
        }
        if let Some(driver) = &*self.driver.borrow() {
            for (node, output) in driver.outputs() {
                if let Some(output) = json::parse(&output) {
                    globals::set(&outputs, &node, &output);
                }
            }
        }
        outputs
    }

    /// What was heard of may be less than what there is: cached outputs of old servers, runs that nobody followed. So the
    /// history is asked once.
    async fn fetch_files(
        self: Rc<Self>,
        signal: Option<JsValue>,
        kinds: Option<Vec<String>>,
    ) -> Result<JsValue, JsValue> {
        let work = async move {
            if self.known_history().is_none() {
                self.fetch_history().await?;
            }
            Ok(files::list(&self.server, &self.outputs(), &self.known_prompt(), kinds.as_deref()).into())
        };
        abortable(signal, || {}, work).await
    }

    fn known_prompt(&self) -> String {
        if let Some(prompt) = json::string(&self.prompt) {
            return prompt;
        }
        let queued = self.known_history().map(|history| globals::get(&history, "prompt"));
        // A list on a server of one's own, an object on Comfy Cloud.
        let prompt = queued
            .and_then(|queued| ["2", "prompt"].iter().map(|key| globals::get(&queued, key)).find(JsValue::is_object));
        prompt.and_then(|prompt| json::text(&prompt)).unwrap_or_default()
    }

    async fn fetch_history(&self) -> Result<Option<JsValue>, JsValue> {
        let route = self.server.dialect.history(&self.prompt_id);
        let reply = match self.server.request("GET", &route, None, &Requests::default()).await {
            Ok(reply) if reply.status == 200 => reply,
            Ok(reply) => return Err(self.server.explain_refusal(&reply).into()),
            Err(cause) => return Err(self.server.explain_silence(cause).await.into()),
        };
        let text = self.server.dialect.read_history(&reply.text, &self.prompt_id);
        let item = json::parse(&text).map(|all| globals::get(&all, &self.prompt_id));
        let item = item.filter(|item| item.is_object());
        *self.history.borrow_mut() = item.clone().or_else(|| self.known_history());
        Ok(item)
    }
}
