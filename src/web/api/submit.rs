//! `submit`: sends a prompt and, when asked to wait, follows the run from before its first frame to its end.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;

use crate::protocol::dialect::Dialect;
use crate::protocol::history::HistoryAnswer;
use crate::protocol::json::{Raw, quoted, without_nan};
use crate::protocol::queue::QueuePosition;
use crate::protocol::submission::Accepted;
use crate::session::run::input::{Answer, Input};
use crate::session::run::machine::Run;
use crate::session::run::polling::Probe;
use crate::session::run::settings::Settings;
use crate::session::run::setup::RunSetup;
use crate::web::api::options::SubmitOptions;
use crate::web::api::submission::{Submission, default_client_id};
use crate::web::http::probe;
use crate::web::http::response_error::excerpt;
use crate::web::http::server::{ANSWER_TIMEOUT_MS, AbortHandle, LATE, Server};
use crate::web::js::abort::{abortable, aborted};
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::promise::{promise, spawn};
use crate::web::js::time::at_most;
use crate::web::js::validate;
use crate::web::run::cancel;
use crate::web::run::driver::Driver;
use crate::web::run::listeners::Callback;
use crate::web::run::outcome::Outcome;
use crate::web::run::run_handle::RunHandle;
use crate::web::transport::select::{frame_source, transport_of};

/// A submission with everything read and checked: from here on only the server can refuse it.
struct Request {
    server: Rc<Server>,
    client_id: String,
    prompt_id: String,
    prompt: String,
    prompt_text: JsValue,
    body: String,
    settings: Settings,
    is_fresh_id: bool,
    web_socket: Option<Function>,
    wait: bool,
    wait_timeout: Option<f64>,
    on_event: Option<Function>,
}

/// How long a socket that neither opens nor fails may hold back the submission.
const SOCKET_LIMIT_MS: f64 = 3_000.0;
const SOCKET_LOOK_MS: f64 = 50.0;

/// Sends a prompt. Resolves to a `Submission`: once the server has taken it or, with `wait: true`, once it is complete.
#[wasm_bindgen(unchecked_return_type = "Promise<Submission>")]
pub fn submit(prompt: JsValue, options: JsValue) -> Promise {
    promise(async move { submit_with(prompt, SubmitOptions::read(options)?, None).await })
}

/// `workflow`: what the prompt was made of; it goes into the pictures.
pub async fn submit_with(
    prompt: JsValue,
    options: SubmitOptions,
    workflow: Option<Object>,
) -> Result<JsValue, JsValue> {
    if options.on_event.is_some() && !options.wait {
        return Err(js_sys::TypeError::new(
            "onEvent needs wait: true; without waiting there is nobody to hear events. Or call run.wait({ onEvent }).",
        )
        .into());
    }
    let signal = options.signal.clone();
    let request = Request::read(&prompt, options, workflow)?;
    let driver: Rc<RefCell<Option<Rc<Driver>>>> = Rc::default();
    let abort = {
        let driver = driver.clone();
        move || {
            if let Some(driver) = &*driver.borrow() {
                driver.clear_listeners();
                driver.cancel();
            }
        }
    };
    abortable(signal.clone(), abort, request.send(driver, signal)).await
}

impl Request {
    fn read(prompt: &JsValue, options: SubmitOptions, workflow: Option<Object>) -> Result<Request, ApiError> {
        let prompt = read_prompt(prompt)?;
        let server = options.server.server("submit")?;
        let client_id = options.client_id.clone().unwrap_or_else(|| default_client_id(&server));
        let given_id = options.prompt_id.clone();
        let is_fresh_id = given_id.is_none();
        let prompt_id = given_id.unwrap_or_else(globals::uuid);
        if client_id.is_empty() || prompt_id.is_empty() {
            return Err(ApiError::bad_input("clientId and promptId may not be empty; leave them out for new ones."));
        }
        let is_v2 = server.dialect == Dialect::V2;
        let extra = Object::new();
        let SubmitOptions { front, partial_execution_targets: targets, .. } = &options;
        if is_v2 && (*front || targets.is_some()) {
            return Err(ApiError::bad_input("The Comfy API v2 knows no front and no partialExecutionTargets."));
        }
        let nodes = Raw::read(&prompt).unwrap_or(Raw::NULL);
        if let Some(target) = targets.iter().flatten().find(|id| nodes.find(id).is_none()) {
            let message = ["partialExecutionTargets names node ", target, ", which the prompt does not have."].concat();
            return Err(ApiError::bad_input(message).hint("correct_option", Some("partialExecutionTargets")));
        }
        if !is_v2 {
            for (key, value) in [("client_id", &client_id), ("prompt_id", &prompt_id)] {
                globals::set(&extra, key, &JsValue::from_str(value));
            }
        }
        if *front {
            globals::set(&extra, "front", &JsValue::TRUE);
        }
        if let Some(targets) = targets {
            let targets: Array = targets.iter().map(|id| JsValue::from_str(id)).collect();
            globals::set(&extra, "partial_execution_targets", &targets);
        }
        // There the key opens the server alone, and nothing but what the caller says goes on to its nodes.
        let data = if is_v2 { options.extra_data.clone() } else { Some(extra_data(&options, workflow)) };
        if let Some(data) = data {
            globals::set(&extra, "extra_data", &data);
        }
        globals::set(&extra, if is_v2 { "workflow" } else { "prompt" }, &JsValue::NULL);
        let extra = json_text::text(&extra).ok_or_else(|| {
            ApiError::bad_input("extraData cannot be sent: it must be made of plain values, without cycles.")
        })?;
        Ok(Request {
            // In place of the null at its end.
            body: [&extra[..extra.len() - "null}".len()], &prompt, "}"].concat(),
            prompt_text: JsValue::from_str(&prompt),
            wait: options.wait,
            wait_timeout: options.wait_timeout_ms.value(),
            on_event: options.on_event,
            settings: options.follow.settings(),
            is_fresh_id,
            web_socket: options.web_socket.or_else(globals::web_socket),
            server,
            client_id,
            prompt_id,
            prompt,
        })
    }

    async fn send(self, slot: Rc<RefCell<Option<Rc<Driver>>>>, signal: Option<JsValue>) -> Result<JsValue, JsValue> {
        let began = globals::now();
        let left = || self.wait_timeout.map(|wait| wait - (globals::now() - began));
        let driver = if self.wait { Some(self.listen(&slot).await) } else { None };
        if let Some(reason) = aborted(signal.as_ref()) {
            return Err(reason);
        }
        let submitted_at = globals::now();
        if let Some(driver) = &driver {
            driver.feed(Input::Submitting);
        }
        let accepted = match self.post(if self.wait { left() } else { None }).await {
            Ok(accepted) => accepted,
            // Its frames have told that the server has it.
            Err(_) if driver.as_ref().is_some_and(|driver| driver.is_accepted()) => self.unanswered(),
            Err(failure) => {
                if let Some(driver) = driver {
                    driver.leave(Outcome::Failed(failure.clone()));
                }
                return Err(failure.into());
            }
        };
        if let Some(reason) = aborted(signal.as_ref()) {
            if driver.is_some_and(|driver| driver.is_accepted()) {
                // Then it has cancelled the run itself.
                return Err(reason);
            }
            let (server, prompt_id) = (self.server.clone(), accepted.prompt_id);
            spawn(async move { drop(cancel::cancel(&server, &prompt_id).await) });
            return Err(reason);
        }
        if let Some(driver) = &driver {
            driver.feed(Input::Accepted(&accepted.prompt_id));
        }
        let left = left();
        // They are not needed any more, and a run can take hours.
        drop((self.prompt, self.body));
        let submission = Submission::new(RunHandle {
            node_errors: json_text::parse(&accepted.node_errors).unwrap_or(JsValue::NULL),
            number: accepted.number,
            prompt_id: accepted.prompt_id,
            server: self.server,
            client_id: self.client_id,
            knows_client: true,
            prompt: self.prompt_text,
            settings: self.settings,
            web_socket: self.web_socket,
            submitted_at,
            driver: RefCell::new(driver.clone()),
            history: RefCell::default(),
            known_end: Cell::default(),
        });
        match driver {
            None => Ok(submission.into()),
            Some(driver) => submission.settle(driver, left, None).await,
        }
    }

    /// Sends the prompt, and waits for the answer no longer than `limit`.
    async fn post(&self, limit: Option<f64>) -> Result<Accepted, ApiError> {
        let limit = limit.unwrap_or(f64::INFINITY).min(ANSWER_TIMEOUT_MS);
        let is_v2 = self.server.dialect == Dialect::V2;
        // The API v2 gives jobs ids of its own; ours keeps it from taking one twice.
        let key = if is_v2 { self.prompt_id.as_str() } else { "" };
        let route = self.server.dialect.submission();
        let body = Some(&*self.body);
        let reply = self.server.request_within(limit, "POST", route, body, key, &AbortHandle::default()).await;
        let refused = match &reply {
            Ok(reply) if matches!(reply.status, 200 | 201) => {
                return Accepted::read(&reply.text).ok_or_else(|| {
                    let said = excerpt(&reply.text);
                    let message = format!("{} does not answer like ComfyUI: {said}", self.server.address.base());
                    ApiError::new("http", message).with_status(200)
                });
            }
            Ok(reply) => reply.status < 500,
            Err(_) => false,
        };
        let late = matches!(&reply, Err(cause) if cause.as_string().as_deref() == Some(LATE));
        // The answer may be lost, or a proxy's, while the server has taken the prompt.
        if !refused && !late && !is_v2 && self.is_known().await {
            return Ok(self.unanswered());
        }
        Err(match reply {
            Ok(reply) => self.server.error_from_submission(&reply),
            Err(cause) if late && is_v2 => {
                let base = self.server.address.base();
                let message = format!(
                    "{base} has not answered the submission in time. It may have taken the prompt all the same."
                );
                ApiError::new("timeout", message).because(&cause)
            }
            Err(cause) if late => {
                let message = format!(
                    "{} has not answered the submission in time. It may have taken the prompt all the same.",
                    self.server.address.base()
                );
                let advice = format!(
                    "Submission.fromPromptId(\"{}\", {{ serverUrl, clientId: \"{}\" }}) tells.",
                    self.prompt_id, self.client_id
                );
                let error = ApiError::new("timeout", message).advise("pick_up", None, &advice);
                error.with_text("promptId", Some(&self.prompt_id)).because(&cause)
            }
            Err(cause) => self.server.error_without_response(cause).await,
        })
    }

    /// What is known of a prompt that the server has taken without our hearing its answer.
    fn unanswered(&self) -> Accepted {
        Accepted { prompt_id: self.prompt_id.clone(), number: None, node_errors: "{}".to_owned() }
    }

    /// Whether the server has the prompt, under the id that was sent. The queue first: what leaves it is in the history.
    async fn is_known(&self) -> bool {
        let requests = AbortHandle::default();
        for what in [Probe::Queue, Probe::History] {
            match probe::ask(&self.server, what, &self.prompt_id, &requests).await {
                Answer::Queue(answer) if answer.position == QueuePosition::Absent => {}
                Answer::Queue(_) | Answer::History(HistoryAnswer::Ended(_)) => return true,
                Answer::History(HistoryAnswer::Unknown) | Answer::Failed(_) => return false,
            }
        }
        false
    }

    /// Opens the socket before anything is sent, so that no frame is missed.
    async fn listen(&self, slot: &RefCell<Option<Rc<Driver>>>) -> Rc<Driver> {
        let setup = RunSetup {
            settings: self.settings.clone(),
            prompt_id: &self.prompt_id,
            is_fresh_id: self.is_fresh_id,
            prompt: &self.prompt,
            frames: frame_source(&self.server, self.web_socket.as_ref(), true),
            seed: globals::random_seed(),
        };
        let run = Run::new(setup, globals::now());
        let transport = transport_of(&self.server, &self.client_id, self.web_socket.clone());
        let driver = Driver::new(run, self.server.clone(), transport, &self.client_id);
        *slot.borrow_mut() = Some(driver.clone());
        if let Some(on_event) = &self.on_event {
            driver.listen(Rc::new(Callback(on_event.clone())));
        }
        driver.follow();
        // A job's stream is there once the job is.
        if self.web_socket.is_none() || self.server.dialect == Dialect::V2 {
            driver.start();
            return driver;
        }
        let tried = driver.socket_tried();
        driver.start();
        at_most(SOCKET_LIMIT_MS, &tried).await;
        // Where the page was busy for as long, the timer rings before the socket's news, which may be there already.
        at_most(SOCKET_LOOK_MS, &tried).await;
        driver
    }
}

fn extra_data(options: &SubmitOptions, workflow: Option<Object>) -> Object {
    let extra = Object::new();
    if let Some(workflow) = workflow {
        let pnginfo = Object::new();
        globals::set(&pnginfo, "workflow", &workflow);
        globals::set(&extra, "extra_pnginfo", &pnginfo);
    }
    if let Some(key) = &options.server.api_key {
        globals::set(&extra, "api_key_comfy_org", &JsValue::from_str(key));
    }
    if let Some(previews) = options.previews {
        globals::set(&extra, "preview_method", &JsValue::from_str(if previews { "auto" } else { "none" }));
    }
    if let Some(given) = &options.extra_data {
        Object::assign(&extra, given);
    }
    extra
}

/// A prompt as JSON text, out of a plain object, JSON text, or an `ApiFlow`.
fn read_prompt(prompt: &JsValue) -> Result<String, ApiError> {
    const WANTED: &str =
        "submit wants a prompt in API form: an object of nodes, {\"3\": {\"class_type\", \"inputs\"}}.";
    validate::settled(prompt, WANTED)?;
    if !prompt.is_object() && !prompt.is_string() {
        return Err(ApiError::bad_input(format!("{WANTED} It got {}.", kind_of(prompt))));
    }
    let held = globals::get(prompt, "prompt");
    // A prompt's own nodes are objects with a class_type; an ApiFlow holds the prompt in `prompt`.
    let of_flow = held.is_object() && globals::get(&held, "class_type").is_undefined();
    let source = if of_flow { &held } else { prompt };
    let text = match json_text::string(source) {
        Some(text) => without_nan(text.trim_start_matches('\u{feff}')).into_owned(),
        None => json_text::text(source)
            .ok_or_else(|| ApiError::bad_input([WANTED, " This one ", validate::UNWRITABLE, "."].concat()))?,
    };
    let value =
        Raw::read(&text).map_err(|error| ApiError::bad_input(format!("{WANTED} The text is not JSON: {error}.")))?;
    if !value.is_object() {
        return Err(ApiError::bad_input(format!("{WANTED} It got a list or a single value.")));
    }
    if value.get("nodes").is_list() {
        return Err(ApiError::bad_input("This is a workflow as the editor saves it, not a prompt.").advise(
            "load_workflow",
            None,
            "Load it with Workflow.load(workflow, { serverUrl }) and submit what that gives.",
        ));
    }
    let nodes = value.entries();
    if nodes.is_empty() {
        return Err(ApiError::bad_input(format!("{WANTED} This one has no nodes.")));
    }
    if let Some((id, _)) = nodes.iter().find(|(_, node)| !node.get("class_type").is_string()) {
        return Err(ApiError::bad_input(format!("{WANTED} Its entry {} has no class_type.", quoted(id))));
    }
    Ok(text)
}

fn kind_of(value: &JsValue) -> &'static str {
    if value.is_undefined() {
        "undefined"
    } else if value.is_null() {
        "null"
    } else if value.is_function() {
        "a function"
    } else {
        "a single value"
    }
}
