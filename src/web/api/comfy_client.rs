//! `ComfyClient`: a server as an object. What it does with runs and files is what `submit`, `Workflow.load` and the other
//! functions do, with the server's options put in.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;

use crate::protocol::address::percent_encode;
use crate::protocol::history::HistoryAnswer;
use crate::protocol::history_list::{PastRun, history_list};
use crate::protocol::json::quoted;
use crate::protocol::node_choices::{NoChoices, choices};
use crate::protocol::queue::QueuePosition;
use crate::protocol::queue_list::queue_list;
use crate::session::run::input::Answer;
use crate::session::run::polling::Probe;
use crate::text::nearest::nearest;
use crate::web::api::converter;
use crate::web::api::load::Workflow;
use crate::web::api::options::{
    ClientOptions, FreeOptions, HistoryOptions, KnownObjectInfoOptions, ReadyOptions, RouteOptions,
};
use crate::web::api::result_files;
use crate::web::api::submission::{Submission, default_client_id};
use crate::web::api::{submit, upload};
use crate::web::http::probe;
use crate::web::http::response_error::excerpt;
use crate::web::http::server::{AbortHandle, Reply, Server};
use crate::web::js::abort::abortable;
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::promise::promise;
use crate::web::js::time::pause;

/// A server, its login and its client id.
#[wasm_bindgen]
pub struct ComfyClient {
    inner: Rc<Inner>,
}

struct Inner {
    server: Rc<Server>,
    client_id: String,
    /// The options that it was made with, its client id included.
    given: Object,
    /// The object info, and when it was asked for.
    object_info: RefCell<Option<(f64, JsValue)>>,
}

/// The options that say how to reach the server.
const SERVER: &[&str] = &["serverUrl", "apiKey", "headers", "dialect", "fetch"];
/// The options that say how to follow a run.
const FOLLOW: &[&str] = &["clientId", "webSocket", "idleTimeoutMs", "pollIntervalMs", "pollQueue"];
/// The wait between two questions whether the server is up, in milliseconds. It doubles up to the second.
const READY_PAUSES: (f64, f64) = (250.0, 4_000.0);

#[wasm_bindgen]
impl ComfyClient {
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<ComfyClient, JsValue> {
        let read = ClientOptions::read(options.clone())?;
        let server = read.server.server("ComfyClient")?;
        let client_id = read.client_id.unwrap_or_else(|| default_client_id(&server));
        let given = Object::new();
        if let Some(options) = options.dyn_ref::<Object>() {
            Object::assign(&given, options);
        }
        globals::set(&given, "clientId", &JsValue::from_str(&client_id));
        Ok(ComfyClient { inner: Rc::new(Inner { server, client_id, given, object_info: RefCell::default() }) })
    }

    #[wasm_bindgen(getter, js_name = serverUrl)]
    pub fn server_url(&self) -> String {
        self.inner.server.address.base()
    }

    #[wasm_bindgen(getter, js_name = clientId)]
    pub fn client_id(&self) -> String {
        self.inner.client_id.clone()
    }

    #[wasm_bindgen(getter)]
    pub fn dialect(&self) -> String {
        self.inner.server.dialect.name().to_owned()
    }

    /// What `console.log` and `JSON.stringify` show: no key, no header.
    #[wasm_bindgen(js_name = toJSON)]
    pub fn to_json(&self) -> Object {
        let described = Object::new();
        for (name, value) in
            [("serverUrl", self.server_url()), ("clientId", self.client_id()), ("dialect", self.dialect())]
        {
            globals::set(&described, name, &JsValue::from_str(&value));
        }
        described
    }

    /// Waits until the server answers, and gives its system stats.
    pub fn ready(&self, options: JsValue) -> Promise {
        let inner = self.inner.clone();
        promise(async move {
            let ReadyOptions { timeout_ms, signal } = ReadyOptions::read(options)?;
            let until = globals::now() + timeout_ms;
            let work = async move {
                let mut wait = READY_PAUSES.0;
                loop {
                    let error = match inner.ask("ready", "GET", "/system_stats", None).await {
                        Ok(reply) => return parsed(&inner.server, &reply),
                        Err(error) => error,
                    };
                    // A login does not become right by waiting, nor does an origin.
                    let status = globals::get(&error, "status").as_f64();
                    if matches!(status, Some(401.0 | 402.0 | 403.0)) || globals::now() + wait > until {
                        return Err(error);
                    }
                    pause(wait).await;
                    wait = (wait * 2.0).min(READY_PAUSES.1);
                }
            };
            abortable(signal, || {}, work).await
        })
    }

    /// `Workflow.load` with this server.
    pub fn load(&self, source: JsValue, options: JsValue) -> Promise {
        let options = self.inner.with_own(&[SERVER], options);
        if let (Some(known), Some(options)) = (self.inner.known_object_info(60_000.0), options.dyn_ref::<Object>())
            && globals::get(options, "objectInfo").is_undefined()
        {
            globals::set(options, "objectInfo", &known);
        }
        Workflow::load(source, options)
    }

    /// `submit` with this server: of an `ApiFlow` or a prompt.
    pub fn submit(&self, prompt: JsValue, options: JsValue) -> Promise {
        let options = self.inner.with_own(&[SERVER, FOLLOW], options);
        if let Ok(method) = globals::get(&prompt, "submit").dyn_into::<Function>()
            && globals::get(&prompt, "prompt").is_object()
        {
            return Promise::resolve(
                &method.call1(&prompt, &options).unwrap_or_else(|error| Promise::reject(&error).into()),
            );
        }
        submit::submit(prompt, options)
    }

    pub fn upload(&self, file: JsValue, options: JsValue) -> Promise {
        self.upload_image(file, options)
    }

    #[wasm_bindgen(js_name = uploadImage)]
    pub fn upload_image(&self, file: JsValue, options: JsValue) -> Promise {
        upload::upload_image(file, self.inner.with_own(&[SERVER], options))
    }

    #[wasm_bindgen(js_name = uploadMask)]
    pub fn upload_mask(&self, file: JsValue, options: JsValue) -> Promise {
        upload::upload_mask(file, self.inner.with_own(&[SERVER], options))
    }

    /// `Submission.fromPromptId` with this server.
    #[wasm_bindgen(js_name = pickUp)]
    pub fn pick_up(&self, prompt_id: JsValue, options: JsValue) -> Result<Submission, JsValue> {
        Submission::from_prompt_id(prompt_id, self.inner.with_own(&[SERVER, FOLLOW], options))
    }

    /// How a run is, without following it: `{ state, position }`.
    pub fn status(&self, prompt_id: JsValue, options: JsValue) -> Promise {
        let inner = self.inner.clone();
        self.call("status", options, async move {
            let prompt_id = text_of(&prompt_id, "status", "the id of the prompt")?;
            let (state, position) = inner.status(&prompt_id).await?;
            let status = Object::new();
            globals::set(&status, "state", &JsValue::from_str(state));
            globals::set(&status, "position", &position.map_or(JsValue::NULL, |at| JsValue::from_f64(at as f64)));
            Ok(status.into())
        })
    }

    /// Takes a prompt back; those who wait for it in this process get `interrupted`.
    pub fn cancel(&self, prompt_id: JsValue) -> Promise {
        match self.pick_up(prompt_id, JsValue::UNDEFINED) {
            Ok(run) => run.cancel(),
            Err(error) => Promise::reject(&error),
        }
    }

    /// A file of the server by its name: `{ filename, subfolder, type }`.
    pub fn file(&self, named: JsValue) -> Result<JsValue, JsValue> {
        let text = |name| globals::get(&named, name).as_string();
        let Some(filename) = text("filename").filter(|name| !name.is_empty()) else {
            return Err(ApiError::bad_input(
                "file wants { filename, subfolder, type }; type is \"output\" where it is left out.",
            )
            .into());
        };
        let folder = text("type").unwrap_or_else(|| "output".to_owned());
        let subfolder = text("subfolder").unwrap_or_default();
        let outputs = format!(
            "{{\"\":{{\"files\":[{{\"filename\":{},\"subfolder\":{},\"type\":{}}}]}}}}",
            quoted(&filename),
            quoted(&subfolder),
            quoted(&folder)
        );
        let outputs = json_text::parse(&outputs).and_then(|outputs| outputs.dyn_into().ok()).unwrap_or_default();
        let files = result_files::list(&self.inner.server, &outputs, "", None);
        match files.get(0) {
            file if file.is_undefined() => Err(ApiError::bad_input("That is no name of a file on a server.").into()),
            file => Ok(file),
        }
    }

    /// What the server's node classes are, as an `ObjectInfo`; an answer younger than `maxAgeMs` is used again.
    #[wasm_bindgen(js_name = objectInfo)]
    pub fn object_info(&self, options: JsValue) -> Promise {
        let inner = self.inner.clone();
        promise(async move {
            let KnownObjectInfoOptions { max_age_ms, signal } = KnownObjectInfoOptions::read(options)?;
            if let Some(known) = inner.known_object_info(max_age_ms) {
                return Ok(known);
            }
            let work = async move {
                // Begins before the server is asked: both take their time.
                let converter = converter::load();
                let asked_at = globals::now();
                let reply = inner.ask("objectInfo", "GET", "/object_info", None).await?;
                let class = converter.await?.object_info();
                let from: Function = globals::get(&class, "from").unchecked_into();
                let info = from.call1(&class, &JsValue::from_str(&reply.text))?;
                *inner.object_info.borrow_mut() = Some((asked_at, info.clone()));
                Ok(info)
            };
            abortable(signal, || {}, work).await
        })
    }

    /// What a COMBO input of a node class offers.
    pub fn choices(&self, class_type: JsValue, input: JsValue, options: JsValue) -> Promise {
        let inner = self.inner.clone();
        self.call("choices", options, async move {
            let class_type = text_of(&class_type, "choices", "the class of a node")?;
            let input = text_of(&input, "choices", "the name of an input")?;
            let route = ["/object_info/", &percent_encode(&class_type)].concat();
            let reply = inner.ask("choices", "GET", &route, None).await?;
            let base = inner.server.address.base();
            let error = match choices(&reply.text, &class_type, &input) {
                Ok(list) => return json_text::parse(&list).ok_or_else(|| malformed(&inner.server, &reply).into()),
                Err(NoChoices::Malformed) => return Err(malformed(&inner.server, &reply).into()),
                Err(NoChoices::NoClass) => ApiError::bad_input(format!("{base} has no node class {class_type}."))
                    .hint("install_node_pack", None),
                Err(NoChoices::NoInput(names)) => {
                    let meant = nearest(&input, names.iter().map(String::as_str));
                    let meant = meant.map_or_else(String::new, |name| format!(" Did you mean {name}?"));
                    let names = names.join(", ");
                    ApiError::bad_input(format!("{class_type} has no input {input}.{meant} It has {names}."))
                        .hint("correct_input", None)
                }
                Err(NoChoices::NoCombo(kind)) => ApiError::bad_input(format!(
                    "The input {input} of {class_type} offers no choices: it is of type {kind}."
                ))
                .hint("correct_input", None),
            };
            Err(error.into())
        })
    }

    /// The names of the folders that hold models.
    #[wasm_bindgen(js_name = modelFolders)]
    pub fn model_folders(&self, options: JsValue) -> Promise {
        self.get("modelFolders", "/models", options)
    }

    /// The names of the models of a folder.
    pub fn models(&self, folder: JsValue, options: JsValue) -> Promise {
        let inner = self.inner.clone();
        self.call("models", options, async move { inner.models("models", &folder).await })
    }

    /// Whether a folder has a model of this name.
    #[wasm_bindgen(js_name = hasModel)]
    pub fn has_model(&self, folder: JsValue, name: JsValue, options: JsValue) -> Promise {
        let inner = self.inner.clone();
        self.call("hasModel", options, async move {
            text_of(&name, "hasModel", "the name of a model")?;
            let models = Array::from(&inner.models("hasModel", &folder).await?);
            Ok(models.includes(&name, 0).into())
        })
    }

    pub fn embeddings(&self, options: JsValue) -> Promise {
        self.get("embeddings", "/embeddings", options)
    }

    #[wasm_bindgen(js_name = systemStats)]
    pub fn system_stats(&self, options: JsValue) -> Promise {
        self.get("systemStats", "/system_stats", options)
    }

    pub fn features(&self, options: JsValue) -> Promise {
        self.get("features", "/features", options)
    }

    /// What the server has written, as one text.
    pub fn logs(&self, options: JsValue) -> Promise {
        self.get("logs", "/internal/logs", options)
    }

    /// Which prompts run and wait: `{ running, pending }`.
    pub fn queue(&self, options: JsValue) -> Promise {
        let inner = self.inner.clone();
        self.call("queue", options, async move {
            let reply = inner.ask("queue", "GET", "/queue", None).await?;
            let list = queue_list(&reply.text).and_then(|list| json_text::parse(&list));
            list.ok_or_else(|| malformed(&inner.server, &reply).into())
        })
    }

    /// The runs that have ended, the newest first, with their files.
    pub fn history(&self, options: JsValue) -> Promise {
        let inner = self.inner.clone();
        promise(async move {
            let HistoryOptions { limit, offset, signal } = HistoryOptions::read(options)?;
            if offset < 0 || limit.is_some_and(|limit| limit < 0) {
                return Err(ApiError::bad_input("limit and offset of history must be whole numbers from 0 on.").into());
            }
            let work = async move {
                // The server's own offset counts from the oldest run.
                let route = match limit {
                    Some(limit) => format!("/history?max_items={}", limit.saturating_add(offset)),
                    None => "/history".to_owned(),
                };
                let reply = inner.ask("history", "GET", &route, None).await?;
                let runs = history_list(&reply.text).ok_or_else(|| malformed(&inner.server, &reply))?;
                let limit = limit.map_or(usize::MAX, |limit| limit as usize);
                Ok(runs
                    .iter()
                    .skip(offset as usize)
                    .take(limit)
                    .map(|run| inner.past_run(run))
                    .collect::<Array>()
                    .into())
            };
            abortable(signal, || {}, work).await
        })
    }

    /// Takes all waiting prompts off the queue; what runs goes on.
    #[wasm_bindgen(js_name = clearQueue)]
    pub fn clear_queue(&self, options: JsValue) -> Promise {
        self.post("clearQueue", "/queue", "{\"clear\":true}".to_owned(), options)
    }

    /// Forgets runs: a list of their ids, or `"all"`.
    #[wasm_bindgen(js_name = deleteHistory)]
    pub fn delete_history(&self, prompt_ids: JsValue, options: JsValue) -> Promise {
        let body = match prompt_ids.as_string() {
            Some(all) if all == "all" => Some("{\"clear\":true}".to_owned()),
            Some(_) | None => {
                let list = Array::is_array(&prompt_ids).then(|| Array::from(&prompt_ids));
                let ids = list.and_then(|list| list.iter().map(|id| id.as_string()).collect::<Option<Vec<_>>>());
                ids.map(|ids| {
                    let ids: Vec<String> = ids.iter().map(|id| quoted(id)).collect();
                    ["{\"delete\":[", &ids.join(","), "]}"].concat()
                })
            }
        };
        match body {
            Some(body) => self.post("deleteHistory", "/history", body, options),
            None => {
                let message = "deleteHistory wants a list of prompt ids, or \"all\".";
                Promise::reject(&ApiError::bad_input(message).into())
            }
        }
    }

    /// Has the server give memory back once nothing runs.
    pub fn free(&self, options: JsValue) -> Promise {
        let FreeOptions { unload_models, free_memory, signal } = match FreeOptions::read(options) {
            Ok(options) => options,
            Err(error) => return Promise::reject(&error.into()),
        };
        let body = format!("{{\"unload_models\":{unload_models},\"free_memory\":{free_memory}}}");
        let inner = self.inner.clone();
        promise(abortable(signal, || {}, async move {
            inner.ask("free", "POST", "/free", Some(&body)).await?;
            Ok(JsValue::UNDEFINED)
        }))
    }

    /// Any other route, with base path, login and explained errors.
    pub fn fetch(&self, route: JsValue, init: JsValue) -> Promise {
        let inner = self.inner.clone();
        promise(async move {
            let route = text_of(&route, "fetch", "a route, such as \"/system_stats\"")?;
            if !route.starts_with('/') || route.starts_with("//") {
                let message =
                    format!("fetch wants a route of the server, which begins with one slash, not {}.", quoted(&route));
                return Err(ApiError::bad_input(message).into());
            }
            match inner.server.fetch_route(&route, &init).await {
                Ok(response) => Ok(response.into()),
                Err(cause) => {
                    let signal = globals::get(&init, "signal");
                    if globals::get(&signal, "aborted").is_truthy() {
                        return Err(globals::get(&signal, "reason"));
                    }
                    Err(inner.server.error_without_response(cause).await.into())
                }
            }
        })
    }
}

impl ComfyClient {
    fn call(
        &self,
        name: &'static str,
        options: JsValue,
        work: impl Future<Output = Result<JsValue, JsValue>> + 'static,
    ) -> Promise {
        match RouteOptions::read_for(name, options) {
            Ok(RouteOptions { signal }) => promise(abortable(signal, || {}, work)),
            Err(error) => Promise::reject(&error.into()),
        }
    }

    fn get(&self, name: &'static str, route: &'static str, options: JsValue) -> Promise {
        let inner = self.inner.clone();
        self.call(name, options, async move {
            let reply = inner.ask(name, "GET", route, None).await?;
            parsed(&inner.server, &reply)
        })
    }

    fn post(&self, name: &'static str, route: &'static str, body: String, options: JsValue) -> Promise {
        let inner = self.inner.clone();
        self.call(name, options, async move {
            inner.ask(name, "POST", route, Some(&body)).await?;
            Ok(JsValue::UNDEFINED)
        })
    }
}

impl Inner {
    /// The options of a call with this client's own ones where the call says nothing; what is no object is passed on to be
    /// refused.
    fn with_own(&self, groups: &[&[&str]], options: JsValue) -> JsValue {
        if !options.is_undefined() && !options.is_null() && (!options.is_object() || Array::is_array(&options)) {
            return options;
        }
        let all = Object::new();
        for name in groups.iter().copied().flatten() {
            let own = globals::get(&self.given, name);
            if !own.is_undefined() {
                globals::set(&all, name, &own);
            }
        }
        if let Some(options) = options.dyn_ref::<Object>() {
            Object::assign(&all, options);
        }
        all.into()
    }

    fn known_object_info(&self, max_age_ms: f64) -> Option<JsValue> {
        let known = self.object_info.borrow();
        known.as_ref().filter(|(asked_at, _)| globals::now() - asked_at < max_age_ms).map(|(_, info)| info.clone())
    }

    /// Asks a route. Another status than 200 is an error, as is a dialect that lacks the route.
    async fn ask(&self, call: &str, method: &str, route: &str, body: Option<&str>) -> Result<Reply, JsValue> {
        if !self.server.dialect.has_route(route) {
            let name = self.server.dialect.name();
            let message = format!(
                "{call} is not to be had from {}: the dialect {name:?} has no {route}.",
                self.server.address.base()
            );
            return Err(ApiError::new("unsupported", message).hint("use_other_server", Some("dialect")).into());
        }
        match self.server.request(method, route, body, &AbortHandle::default()).await {
            Ok(reply) if matches!(reply.status, 200..=204) => Ok(reply),
            Ok(reply) => Err(self.server.error_from_response(&reply).into()),
            Err(cause) => Err(self.server.error_without_response(cause).await.into()),
        }
    }

    async fn models(&self, call: &'static str, folder: &JsValue) -> Result<JsValue, JsValue> {
        let folder = text_of(folder, call, "the name of a folder, such as \"checkpoints\"")?;
        let route = ["/models/", &percent_encode(&folder)].concat();
        match self.ask(call, "GET", &route, None).await {
            Ok(reply) => parsed(&self.server, &reply),
            Err(error) if globals::get(&error, "status").as_f64() == Some(404.0) => {
                let base = self.server.address.base();
                let message = format!("{base} has no folder of models {}. modelFolders() lists them.", quoted(&folder));
                Err(ApiError::bad_input(message).with_status(404).hint("correct_folder", None).into())
            }
            Err(error) => Err(error),
        }
    }

    async fn status(&self, prompt_id: &str) -> Result<(&'static str, Option<usize>), JsValue> {
        let requests = AbortHandle::default();
        let failed = async |status: Option<u16>| -> JsValue {
            match status {
                Some(status) => {
                    let text = String::new();
                    self.server.error_from_response(&Reply { status, text }).into()
                }
                None => self.server.error_without_response(JsValue::UNDEFINED).await.into(),
            }
        };
        match probe::ask(&self.server, Probe::Queue, prompt_id, &requests).await {
            Answer::Queue(answer) => match answer.position {
                QueuePosition::Running => return Ok(("running", Some(0))),
                QueuePosition::Waiting(at) => return Ok(("queued", Some(at))),
                QueuePosition::Absent => {}
            },
            Answer::Failed(status) => return Err(failed(status).await),
            Answer::History(_) => {}
        }
        match probe::ask(&self.server, Probe::History, prompt_id, &requests).await {
            Answer::History(HistoryAnswer::Ended(item)) => {
                let run =
                    PastRun { prompt_id: prompt_id.to_owned(), number: None, began: None, ended: None, item: *item };
                Ok((run.status(), None))
            }
            Answer::Failed(status) => Err(failed(status).await),
            Answer::History(HistoryAnswer::Unknown) | Answer::Queue(_) => Ok(("unknown", None)),
        }
    }

    fn past_run(&self, run: &PastRun) -> JsValue {
        let described = Object::new();
        let number = |value: Option<f64>| value.map_or(JsValue::NULL, JsValue::from_f64);
        let parsed = |text: Option<&str>| text.and_then(json_text::parse).unwrap_or(JsValue::NULL);
        let prompt = run.item.prompt.as_deref();
        let outputs = parsed(Some(&run.outputs()));
        let files = match outputs.dyn_ref::<Object>() {
            Some(outputs) => result_files::list(&self.server, outputs, prompt.unwrap_or_default(), None),
            None => Array::new(),
        };
        for (name, value) in [
            ("promptId", JsValue::from_str(&run.prompt_id)),
            ("number", number(run.number)),
            ("status", JsValue::from_str(run.status())),
            ("startedAt", number(run.began.map(|at| at / 1000.0))),
            ("endedAt", number(run.ended.map(|at| at / 1000.0))),
            ("files", files.into()),
            ("outputs", outputs),
            ("prompt", parsed(prompt)),
            ("failure", parsed(run.item.failure.as_deref())),
        ] {
            globals::set(&described, name, &value);
        }
        described.into()
    }
}

fn text_of(value: &JsValue, call: &str, what: &str) -> Result<String, ApiError> {
    let text = value.as_string().filter(|text| !text.is_empty());
    text.ok_or_else(|| ApiError::bad_input([call, " wants ", what, "."].concat()).hint("correct_argument", None))
}

fn parsed(server: &Server, reply: &Reply) -> Result<JsValue, JsValue> {
    json_text::parse(&reply.text).ok_or_else(|| malformed(server, reply).into())
}

fn malformed(server: &Server, reply: &Reply) -> ApiError {
    let message = format!("{} does not answer like ComfyUI: {}", server.address.base(), excerpt(&reply.text));
    ApiError::new("http", message).with_status(reply.status).hint("check_address", Some("serverUrl"))
}
