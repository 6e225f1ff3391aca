//! `Submission`: an accepted prompt, to be followed, cancelled, and picked up again after a reload.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::files::selection::Selection;
use crate::web::api::event_listener;
use crate::web::api::options::{EventsOptions, FetchFilesOptions, FetchImagesOptions, PickUpOptions, WaitOptions};
use crate::web::api::result_files;
use crate::web::http::server::Server;
use crate::web::js::abort::{abortable, aborted};
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::promise::promise;
use crate::web::js::time::at_most;
use crate::web::run::driver::Driver;
use crate::web::run::listeners::{Callback, Listener};
use crate::web::run::outcome::Outcome;
use crate::web::run::run_handle::RunHandle;

/// A prompt that the server has taken.
#[wasm_bindgen]
pub struct Submission {
    run: Rc<RunHandle>,
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
        let options = PickUpOptions::read(options)?;
        let Some(prompt_id) = prompt_id.as_string().filter(|id| !id.is_empty()) else {
            return Err(ApiError::bad_input("Submission.fromPromptId needs the id of the prompt, a string.").into());
        };
        let server = options.server.server("Submission.fromPromptId")?;
        let client_id = options.client_id;
        Ok(Submission::new(RunHandle {
            knows_client: client_id.is_some(),
            is_confirmed: Cell::new(false),
            client_id: client_id.unwrap_or_else(|| default_client_id(&server)),
            settings: options.follow.settings(),
            web_socket: options.web_socket.or_else(globals::web_socket),
            server,
            prompt_id,
            number: None,
            node_errors: Object::new().into(),
            prompt: JsValue::NULL,
            submitted_at: globals::now(),
            driver: RefCell::default(),
            history: RefCell::default(),
            known_end: Cell::default(),
        }))
    }

    /// The id of the run on the server.
    #[wasm_bindgen(getter, js_name = promptId)]
    pub fn prompt_id(&self) -> String {
        self.run.prompt_id.clone()
    }

    /// The client id that gets the frames of the run: `fromPromptId` takes it to pick the run up again.
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

    /// `"submitted"`, `"running"`, `"completed"`, `"error"`, `"interrupted"`, `"left"` when no call follows it any
    /// more, or `"unknown"` for a run that was picked up while the server has not confirmed its id.
    #[wasm_bindgen(getter)]
    pub fn status(&self) -> String {
        self.run.status().to_owned()
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
        let (run, options) = (self.run.clone(), WaitOptions::read(options));
        promise(async move {
            let WaitOptions { follow, on_event, signal, wait_timeout_ms } = options?;
            if let Some(reason) = aborted(signal.as_ref()) {
                run.cancel();
                return Err(reason);
            }
            let driver = run.follow(follow.settings_over(&run.settings));
            let listener = on_event.map(|on_event| Rc::new(Callback(on_event)) as Rc<dyn Listener>);
            if let Some(listener) = &listener {
                driver.listen(listener.clone());
            }
            driver.follow();
            let (aborting, removed) = (driver.clone(), listener.clone());
            let abort = move || {
                removed.iter().for_each(|listener| aborting.unlisten(listener));
                aborting.cancel();
            };
            let submission = Submission { run };
            abortable(signal, abort, submission.settle(driver, wait_timeout_ms.value(), listener)).await
        })
    }

    /// For `events()` in JavaScript: hands each event from here on to `on_event`, calls `on_end` once, and gives the
    /// function that stops it.
    pub fn listen(&self, on_event: Function, on_end: Function, options: JsValue) -> Result<JsValue, JsValue> {
        let EventsOptions { follow, signal, wait_timeout_ms } = EventsOptions::read(options)?;
        if let Some(reason) = aborted(signal.as_ref()) {
            self.run.cancel();
            return Err(reason);
        }
        let driver = self.run.follow(follow.settings_over(&self.run.settings));
        Ok(event_listener::listen(&driver, on_event, on_end, signal, wait_timeout_ms.value()))
    }

    /// The files that the run made and the texts that it showed, saved ones first, else in the order of the prompt's nodes.
    /// `{ kinds }` chooses by kind (`"image"`) or by the node's own word (`"gifs"`), `{ type }` by the server's folder,
    /// `{ nodes }` by node. Their contents are fetched when they are asked for.
    #[wasm_bindgen(js_name = fetchFiles)]
    pub fn fetch_files(&self, options: JsValue) -> Promise {
        let (run, options) = (self.run.clone(), FetchFilesOptions::read(options));
        promise(async move {
            let FetchFilesOptions { kinds, folders, nodes, signal } = options?;
            fetch_files(run, signal, Selection { kinds, folders, nodes }).await
        })
    }

    /// The pictures that the run saved; where it saved none, those that it made to be looked at. `{ type, nodes }` chooses.
    #[wasm_bindgen(js_name = fetchImages)]
    pub fn fetch_images(&self, options: JsValue) -> Promise {
        let (run, options) = (self.run.clone(), FetchImagesOptions::read(options));
        promise(async move {
            let FetchImagesOptions { folders, nodes, signal } = options?;
            let kinds = Some(vec!["image".to_owned()]);
            fetch_files(run, signal, Selection { kinds, folders, nodes }).await
        })
    }

    /// Cancels the run, whether it waits or runs. Calls that follow it in this program get `interrupted` at once.
    /// Settles within seconds: resolves to whether the server had it, and rejects where the server did not confirm.
    pub fn cancel(&self) -> Promise {
        let run = self.run.clone();
        // A `wait()` that was called just before begins first.
        promise(async move { Ok(run.cancel_and_confirm().await?.into()) })
    }
}

impl Submission {
    /// A submission of a run.
    pub fn new(run: RunHandle) -> Submission {
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
            let failure = driver.run_ref().timed_out();
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

async fn fetch_files(run: Rc<RunHandle>, signal: Option<JsValue>, wanted: Selection) -> Result<JsValue, JsValue> {
    let work = async move {
        run.complete_outputs().await?;
        Ok(result_files::list(&run.server, &run.outputs(), &run.known_prompt(), &run.pictures(), &wanted).into())
    };
    abortable(signal, || {}, work).await
}
