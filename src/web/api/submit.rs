//! `submit`: sends a prompt and, when asked to wait, follows the run from before its first frame to its end.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;

use crate::protocol::dialect::Dialect;
use crate::protocol::json::{Raw, quoted, without_nan};
use crate::protocol::submission::RefusedOutputs;
use crate::session::run::input::Input;
use crate::session::run::machine::Run;
use crate::session::run::settings::Settings;
use crate::session::run::setup::RunSetup;
use crate::session::submit::SubmitError;
use crate::web::api::options::SubmitOptions;
use crate::web::api::submission::{Submission, default_client_id};
use crate::web::http::response_error::excerpt;
use crate::web::http::server::{Reply, Server};
use crate::web::js::abort::abortable;
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::promise::promise;
use crate::web::js::validate;
use crate::web::run::driver::Driver;
use crate::web::run::followed::Claim;
use crate::web::run::listeners::Callback;
use crate::web::run::outcome::Outcome;
use crate::web::run::run_handle::RunHandle;
use crate::web::run::submitter::Submitter;
use crate::web::transport::select::{frame_source, transport_of};

/// A submission with everything read and checked: from here on only the server can refuse it.
pub struct Request {
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
    signal: Option<JsValue>,
}

/// Sends a prompt. Resolves to a `Submission`: once the server has taken it or, with `wait: true`, once it is complete.
/// Prompt and options count as they are at the call.
#[wasm_bindgen(unchecked_return_type = "Promise<Submission>")]
pub fn submit(prompt: JsValue, options: JsValue) -> Promise {
    send(SubmitOptions::read(options).map_err(JsValue::from).and_then(|options| read(&prompt, options, None)))
}

/// Sends a request that was read without an error, else rejects.
pub fn send(request: Result<Request, JsValue>) -> Promise {
    promise(async move { request.map_err(|error| has_taken(error, Some(false)))?.send().await })
}

/// Reads a call. `workflow`: what the prompt was made of; it goes into the pictures.
pub fn read(prompt: &JsValue, options: SubmitOptions, workflow: Option<Object>) -> Result<Request, JsValue> {
    if options.on_event.is_some() && !options.wait {
        return Err(js_sys::TypeError::new(
            "onEvent needs wait: true, because without waiting no events are delivered. Or call run.wait({ onEvent }).",
        )
        .into());
    }
    Ok(Request::read(prompt, options, workflow)?)
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
        // There the key is for the server alone; nodes get only what the caller puts into `extraData`.
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
            signal: options.signal,
            settings: Settings { previews: options.previews != Some(false), ..options.follow.settings() },
            is_fresh_id,
            web_socket: options.web_socket.or_else(globals::web_socket),
            server,
            client_id,
            prompt_id,
            prompt,
        })
    }

    /// Sends the prompt and, where the caller waits, follows the run to its end.
    async fn send(mut self) -> Result<JsValue, JsValue> {
        let began = globals::now();
        let signal = self.signal.clone();
        let claim = self.claim()?;
        let driver = self.wait.then(|| self.driver());
        // A run can take hours; the texts are freed before it.
        self.prompt.clear();
        self.prompt.shrink_to_fit();
        // The stream of a job is there once the job is.
        let opens_socket = self.wait && self.web_socket.is_some() && self.server.dialect != Dialect::V2;
        let wait_ms = self.wait_timeout.filter(|_| self.wait);
        let submitter = Submitter::new(
            self.server.clone(),
            &self.prompt_id,
            std::mem::take(&mut self.body),
            driver.clone(),
            opens_socket,
            wait_ms,
        );
        let (aborting, aborted) = (submitter.clone(), driver.clone());
        let on_abort = move || {
            aborting.abort();
            if let Some(driver) = &aborted {
                driver.clear_listeners();
                driver.cancel();
            }
        };
        // An abort ends the call at once, the use of the id with its answer or its run.
        abortable(signal, on_abort, self.finish(claim, submitter, driver, began)).await
    }

    /// Keeps an id that the caller chose from being submitted again before its run has ended. The API v2 gives jobs ids of
    /// its own.
    fn claim(&self) -> Result<Option<Claim>, JsValue> {
        if self.is_fresh_id || self.server.dialect == Dialect::V2 {
            return Ok(None);
        }
        if let Some(claim) = Claim::new(&self.server, &self.prompt_id) {
            return Ok(Some(claim));
        }
        let message = ["A run of this program has the promptId ", &self.prompt_id, " and has not ended."].concat();
        let error = ApiError::bad_input(message).with_text("promptId", Some(&self.prompt_id)).advise(
            "use_new_id",
            Some("promptId"),
            "Leave promptId out for a new id, or follow that run with Submission.fromPromptId.",
        );
        Err(with_taken(error, Some(false)).into())
    }

    async fn finish(
        self,
        _claim: Option<Claim>,
        submitter: Rc<Submitter>,
        driver: Option<Rc<Driver>>,
        began: f64,
    ) -> Result<JsValue, JsValue> {
        let accepted = match submitter.clone().send().await {
            Ok(accepted) => accepted,
            Err(error) => {
                let taken = submitter.taken(&error);
                let error = with_taken(self.explain(error).await, taken);
                if let Some(driver) = driver {
                    driver.leave(Outcome::Failed(error.clone()));
                }
                return Err(error.into());
            }
        };
        if let Some(driver) = &driver {
            driver.feed(Input::Accepted(&accepted.prompt_id));
            if RefusedOutputs::read(&accepted.node_errors).is_some() {
                driver.feed(Input::Refused(&accepted.node_errors));
            }
        }
        let left = self.wait_timeout.map(|wait| wait - (globals::now() - began));
        let submission = Submission::new(RunHandle {
            node_errors: json_text::parse(&accepted.node_errors).unwrap_or(JsValue::NULL),
            number: accepted.number,
            prompt_id: accepted.prompt_id,
            server: self.server,
            client_id: self.client_id,
            knows_client: true,
            is_confirmed: Cell::new(true),
            prompt: self.prompt_text,
            settings: self.settings,
            web_socket: self.web_socket,
            submitted_at: submitter.posted_at(),
            driver: RefCell::new(driver.clone()),
            history: RefCell::default(),
            known_end: Cell::default(),
        });
        match driver {
            None => Ok(submission.into()),
            Some(driver) => submission.settle(driver, left, None).await.map_err(|error| has_taken(error, Some(true))),
        }
    }

    /// The run that follows the submission. It opens its socket before anything is sent, so that no frame is missed.
    fn driver(&self) -> Rc<Driver> {
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
        if let Some(on_event) = &self.on_event {
            driver.listen(Rc::new(Callback(on_event.clone())));
        }
        driver.follow();
        driver
    }

    /// The error of a submission that failed.
    async fn explain(&self, error: SubmitError<JsValue>) -> ApiError {
        let base = self.server.address.base();
        match error {
            SubmitError::Refused { status, text } => self.server.error_from_submission(&Reply { status, text }),
            SubmitError::NotComfy { text } => {
                let message = [&base, " does not answer like ComfyUI: ", &excerpt(&text)].concat();
                ApiError::new("http", message).with_status(200)
            }
            SubmitError::Unanswered(cause) => self.server.error_without_response(cause).await,
            SubmitError::Aborted => ApiError::new("interrupted", "The submission was given up."),
            SubmitError::Late(cause) => {
                let message = " has not answered the submission in time. It may have taken the prompt all the same.";
                let error = ApiError::new("timeout", [&base, message].concat()).because(&cause);
                // The API v2 chooses the ids of jobs itself.
                if self.server.dialect == Dialect::V2 {
                    return error;
                }
                let advice = format!(
                    "Submission.fromPromptId(\"{}\", {{ serverUrl, clientId: \"{}\" }}) finds out.",
                    self.prompt_id, self.client_id
                );
                error.advise("pick_up", None, &advice).with_text("promptId", Some(&self.prompt_id))
            }
        }
    }
}

/// The error with `taken`: whether the server has the prompt.
fn with_taken(error: ApiError, taken: Option<bool>) -> ApiError {
    error.with("taken", &taken.map_or_else(|| JsValue::from_str("unknown"), JsValue::from_bool))
}

fn has_taken(error: JsValue, taken: Option<bool>) -> JsValue {
    ApiError::of_thrown(error).map_or_else(|other| other, |error| with_taken(error, taken).into())
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
