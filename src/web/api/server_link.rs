//! The basis of `ComfyClient` (comfy-client.js): requests to one server with its login, limits and explained errors.

use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;

use crate::files::selection::Selection;
use crate::protocol::history::{HistoryAnswer, Outcome};
use crate::protocol::queue::QueuePosition;
use crate::session::run::input::Answer;
use crate::session::run::polling::Probe;
use crate::session::submit::ANSWER_LIMIT_MS;
use crate::text::nearest::nearest;
use crate::web::api::options::ClientOptions;
use crate::web::api::result_files;
use crate::web::api::server_watch;
use crate::web::api::submission::default_client_id;
use crate::web::http::probe;
use crate::web::http::request::late;
use crate::web::http::response_error::excerpt;
use crate::web::http::server::{AbortHandle, Reply, Server, object_of};
use crate::web::js::abort::abortable;
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::promise::{Work, promise};

/// A server and a client id.
#[wasm_bindgen]
pub struct ServerLink {
    server: Rc<Server>,
    client_id: String,
    web_socket: Option<Function>,
}

#[wasm_bindgen]
impl ServerLink {
    #[wasm_bindgen(constructor)]
    pub fn new(options: JsValue) -> Result<ServerLink, JsValue> {
        let options = ClientOptions::read(options)?;
        let server = options.server.server("ComfyClient")?;
        let client_id = options.client_id.unwrap_or_else(|| default_client_id(&server));
        Ok(ServerLink { server, client_id, web_socket: options.web_socket.or_else(globals::web_socket) })
    }

    /// `[serverUrl, clientId, dialect, maxResponseBytes]`.
    pub fn describe(&self) -> Array {
        let text = JsValue::from_str;
        let (base, dialect) = (self.server.address.base(), self.server.dialect.name());
        let size = JsValue::from_f64(self.server.max_response_bytes);
        Array::of4(&text(&base), &text(&self.client_id), &text(dialect), &size)
    }

    /// Asks a route. Resolves to its answer as text or parsed; every status from 205 on is an error. `call`: who asks, for
    /// the error where the server's dialect lacks the route.
    pub fn ask(
        &self,
        call: &str,
        method: String,
        route: String,
        body: Option<String>,
        as_text: bool,
        signal: Option<JsValue>,
    ) -> Promise {
        if let Err(error) = self.check(call, &route) {
            return Promise::reject(&error.into());
        }
        let (server, requests) = (self.server.clone(), AbortHandle::default());
        let asking = requests.clone();
        let work = async move {
            let reply = match server.request(&method, &route, body.as_deref(), &asking).await {
                Ok(reply) if matches!(reply.status, 200..=204) => reply,
                Ok(reply) => return Err(server.error_from_response(&reply).into()),
                Err(cause) => return Err(server.error_without_response(cause).await.into()),
            };
            if as_text {
                return Ok(JsValue::from_str(&reply.text));
            }
            json_text::parse(&reply.text).ok_or_else(|| {
                let base = server.address.base();
                let message = [&base, " does not answer like ComfyUI: ", &excerpt(&reply.text)].concat();
                ApiError::new("http", message).with_status(reply.status).hint("check_address", Some("serverUrl")).into()
            })
        };
        settling(signal, requests, Box::pin(work))
    }

    /// Resolves to `[state, position]` of a prompt.
    pub fn status(&self, prompt_id: String, signal: Option<JsValue>) -> Promise {
        let (server, requests) = (self.server.clone(), AbortHandle::default());
        let asking = requests.clone();
        let work = async move {
            // In this order: a run that ends between the two questions is in the history by then.
            for probe in [Probe::Queue, Probe::History] {
                let (state, position) = match probe::ask(&server, probe, &prompt_id, &asking).await {
                    Answer::History(HistoryAnswer::Ended(item)) => match item.outcome {
                        Outcome::Completed => ("completed", JsValue::NULL),
                        Outcome::Failed => ("error", JsValue::NULL),
                        Outcome::Interrupted => ("interrupted", JsValue::NULL),
                    },
                    Answer::Queue(answer) => match answer.position {
                        QueuePosition::Running => ("running", JsValue::from_f64(0.0)),
                        QueuePosition::Waiting(at) => ("queued", JsValue::from_f64(at as f64)),
                        QueuePosition::Absent => continue,
                    },
                    Answer::History(HistoryAnswer::Unknown) => continue,
                    Answer::Failed(Some(status)) => {
                        return Err(server.error_from_response(&Reply { status, text: String::new() }).into());
                    }
                    Answer::Failed(None) => return Err(server.error_without_response(JsValue::UNDEFINED).await.into()),
                };
                return Ok(Array::of2(&JsValue::from_str(state), &position).into());
            }
            Ok(Array::of2(&JsValue::from_str("unknown"), &JsValue::NULL).into())
        };
        settling(signal, requests, Box::pin(work))
    }

    /// The files that outputs name. `prompt`: as JSON text; empty where it is not known.
    pub fn files(&self, outputs: &Object, prompt: &str) -> Array {
        result_files::list(&self.server, outputs, prompt, &[], &Selection::default())
    }

    /// How to ask a route by `fetch`: `[url, headers, fetch, limit]`, the limit in milliseconds. The headers may hold a key:
    /// never printed.
    pub fn route(&self, route: &str) -> Array {
        let url = JsValue::from_str(&self.server.address.http(&self.server.dialect.route(route)));
        let fetch = self.server.fetch_function().cloned().unwrap_or_else(|| JsValue::UNDEFINED.unchecked_into());
        Array::of4(&url, &object_of(self.server.headers()), &fetch, &JsValue::from_f64(ANSWER_LIMIT_MS))
    }

    /// Asks for any URL; the headers go along to this server alone.
    pub fn get(&self, url: String, signal: Option<JsValue>) -> Promise {
        let (server, requests) = (self.server.clone(), AbortHandle::default());
        let asking = requests.clone();
        let work = async move {
            server.get_given(&url, &asking).await.map(JsValue::from).map_err(|cause| {
                let reason = globals::get(&cause, "message").as_string().or(cause.as_string()).unwrap_or_default();
                let shown = url.split(['?', '#']).next().unwrap_or_default();
                ApiError::new("network", ["Could not read ", shown, ": ", &reason].concat()).because(&cause).into()
            })
        };
        settling(signal, requests, Box::pin(work))
    }

    /// The `ComfyError` of a request that got no answer; a number is the limit that has passed, in milliseconds.
    pub fn explain(&self, cause: JsValue) -> Promise {
        let server = self.server.clone();
        let cause = cause.as_f64().map_or(cause, |ms| JsValue::from_str(&late(ms)));
        promise(async move { Ok(server.error_without_response(cause).await.into()) })
    }

    /// Listens to everything that the socket of the client id brings: see `server_watch`. Undefined where there is no
    /// WebSocket. `call`: who listens.
    pub fn watch(&self, call: &str, on: Function) -> Result<JsValue, JsValue> {
        self.check(call, "/ws")?;
        if self.web_socket.is_none() {
            return Ok(JsValue::UNDEFINED);
        }
        Ok(server_watch::watch(&self.server, &self.client_id, self.web_socket.clone(), on))
    }

    fn check(&self, call: &str, route: &str) -> Result<(), ApiError> {
        if self.server.dialect.has_route(route) {
            return Ok(());
        }
        let base = self.server.address.base();
        let message = [call, " does not work with ", &base, ": the dialect ", self.server.dialect.name(), " lacks it."];
        Err(ApiError::new("unsupported", message.concat()).hint("use_other_server", Some("dialect")))
    }
}

/// Work that settles when the signal is aborted, with its requests.
fn settling(signal: Option<JsValue>, requests: AbortHandle, work: Work) -> Promise {
    promise(abortable(signal, move || requests.abort(), work))
}

/// The name of a list that a misspelt word means.
#[wasm_bindgen(js_name = nearestName)]
pub fn nearest_name(word: &str, names: &Array) -> JsValue {
    let names: Vec<String> = names.iter().filter_map(|name| name.as_string()).collect();
    nearest(word, names.iter().map(String::as_str)).map_or(JsValue::UNDEFINED, JsValue::from_str)
}
