//! Requests: time limits, redirects, and the limit on the size of an answer.

use std::cell::Cell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Array, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Response};

use crate::protocol::redirect::{Follow, NotFollowed, Redirected, is_redirect, is_web, origin};
use crate::session::submit::{ANSWER_LIMIT_MS, QUESTION_LIMIT_MS};
use crate::text::number::shortest;
use crate::web::http::server::{AbortHandle, InFlight, Reply, Server, object_of};
use crate::web::js::boundary;
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::time;

/// How long an upload may take: this, and the time that a slow connection takes for its bytes.
const UPLOAD_LIMIT_MS: f64 = 60_000.0;
const SLOW_LINE_BYTES_PER_MS: f64 = 50.0;
/// The beginning of the error of a request whose answer did not come in time.
const LATE: &str = "it did not answer within ";
/// As many as browsers follow.
const MAX_REDIRECTS: usize = 20;

/// One request, as it is sent and sent again after a redirect.
#[derive(Clone)]
struct Request<'r> {
    method: &'r str,
    url: String,
    body: Option<JsValue>,
    idempotency_key: &'r str,
    /// The caller's headers and key go along.
    has_headers: bool,
    /// Another origin may answer.
    may_leave: bool,
}

/// Aborts requests after a time, until it is dropped.
struct Limit {
    ms: f64,
    is_over: Rc<Cell<bool>>,
    _timer: Timeout,
}

impl Limit {
    fn new(ms: f64, abort: &AbortHandle) -> Limit {
        let (asked, is_over) = (abort.clone(), Rc::new(Cell::new(false)));
        let ring = is_over.clone();
        let timer = time::after(ms, move || {
            ring.set(true);
            asked.abort();
        });
        Limit { ms, is_over, _timer: timer }
    }

    /// Why a request failed.
    fn explain(&self, cause: JsValue) -> JsValue {
        if self.is_over.get() { JsValue::from_str(&late(self.ms)) } else { cause }
    }
}

/// The failure of a request whose answer did not come in time.
pub fn late(ms: f64) -> String {
    [LATE, &shortest(ms / 1000.0), " seconds"].concat()
}

/// Whether a request failed because its answer did not come in time.
pub fn is_late(cause: &JsValue) -> bool {
    cause.as_string().is_some_and(|said| said.starts_with(LATE))
}

/// How long the answer of a route may take to begin. Node classes and models are looked for on the server's disks.
fn limit_of(route: &str) -> f64 {
    let is_slow = ["/object_info", "/models", "/embeddings"].iter().any(|slow| route.starts_with(slow));
    if is_slow { ANSWER_LIMIT_MS } else { QUESTION_LIMIT_MS }
}

impl Server {
    /// Asks for a route and reads the answer's text, which may take as long as parts of it come.
    pub async fn request(
        &self,
        method: &str,
        route: &str,
        body: Option<&str>,
        abort: &AbortHandle,
    ) -> Result<Reply, JsValue> {
        self.exchange(limit_of(route), true, method, route, body.map(JsValue::from_str), "", abort).await
    }

    /// `request` with a limit for the whole answer in milliseconds, and with an `Idempotency-Key` unless that is empty.
    pub async fn request_within(
        &self,
        limit: f64,
        method: &str,
        route: &str,
        body: Option<&str>,
        key: &str,
        abort: &AbortHandle,
    ) -> Result<Reply, JsValue> {
        self.exchange(limit, false, method, route, body.map(JsValue::from_str), key, abort).await
    }

    /// Sends a form with a file of so many bytes and reads the answer's text. Large files take their time.
    pub async fn send(&self, route: &str, form: JsValue, size: f64, abort: &AbortHandle) -> Result<Reply, JsValue> {
        let limit = UPLOAD_LIMIT_MS + size / SLOW_LINE_BYTES_PER_MS;
        self.exchange(limit, false, "POST", route, Some(form), "", abort).await
    }

    /// `begins`: the limit is for the beginning of the answer alone.
    #[allow(clippy::too_many_arguments, reason = "the one place where requests are sent")]
    async fn exchange(
        &self,
        limit: f64,
        begins: bool,
        method: &str,
        route: &str,
        body: Option<JsValue>,
        idempotency_key: &str,
        abort: &AbortHandle,
    ) -> Result<Reply, JsValue> {
        let mut limit = Some(Limit::new(limit, abort));
        let url = self.address.http(&self.dialect.route(route));
        let answer = async {
            let request = Request { method, url, body, idempotency_key, has_headers: true, may_leave: false };
            let response = self.follow(request, abort).await?;
            if begins {
                limit = None;
            }
            let status = response.status();
            if status == 0 {
                return Err(self.hidden_redirect().into());
            }
            let text = JsFuture::from(boundary::text_of(&response, self.max_response_bytes)).await?;
            if text.is_null() {
                return Err(self.too_large(route).into());
            }
            Ok(Reply { status, text: json_text::string(&text).unwrap_or_default() })
        };
        let answer = answer.await;
        match limit {
            Some(limit) => answer.map_err(|cause| limit.explain(cause)),
            None => answer,
        }
    }

    /// Asks for a URL of this server, or one that it names, such as that of a file in a store: there neither headers
    /// nor key go. There is no time limit on the body.
    pub async fn get(&self, url: &str, abort: &AbortHandle) -> Result<Response, JsValue> {
        if !is_web(url) {
            return Err(self.not_web().into());
        }
        self.get_given(url, abort).await
    }

    /// `get` for a URL that the caller gave: any that the runtime opens.
    pub async fn get_given(&self, url: &str, abort: &AbortHandle) -> Result<Response, JsValue> {
        let limit = Limit::new(QUESTION_LIMIT_MS, abort);
        let is_own = origin(url) == origin(&self.address.base());
        let url = if is_own { self.address.with_query(url.to_owned()) } else { url.to_owned() };
        let request =
            Request { method: "GET", url, body: None, idempotency_key: "", has_headers: is_own, may_leave: true };
        self.follow(request, abort).await.map_err(|cause| limit.explain(cause))
    }

    /// Sends a request and follows redirects.
    async fn follow(&self, mut request: Request<'_>, abort: &AbortHandle) -> Result<Response, JsValue> {
        for _ in 0..=MAX_REDIRECTS {
            let response = self.send_once(&request, abort).await?;
            let location = if is_redirect(response.status()) { response.headers().get("location")? } else { None };
            let Some(location) = location else { return Ok(response) };
            let (from, to) = (boundary::resolve_url(&request.url, ""), boundary::resolve_url(&location, &request.url));
            let redirected = Redirected {
                status: response.status(),
                is_get: request.method == "GET",
                has_headers: request.has_headers && self.has_own_headers(),
                may_leave: request.may_leave,
                from: &from,
                to: &to,
            };
            match redirected.follow() {
                Ok(Follow::Whole) => {}
                Ok(Follow::Bare) => request.has_headers = false,
                Err(reason) => return Err(self.not_followed(reason, response.status(), &to).into()),
            }
            request.url = to;
        }
        Err(JsValue::from_str("it redirects without end"))
    }

    async fn send_once(&self, request: &Request<'_>, abort: &AbortHandle) -> Result<Response, JsValue> {
        let Some(fetch) = &self.fetch else {
            return Err(JsValue::from_str("this runtime has no fetch; pass one as the option fetch"));
        };
        let options = Object::new();
        globals::set(&options, "method", &JsValue::from_str(request.method));
        let headers = if request.has_headers { object_of(&self.headers) } else { Object::new() };
        // Without headers or a body to protect, the runtime follows redirects itself.
        let is_plain = request.body.is_none() && Object::keys(&headers).length() == 0;
        if !is_plain {
            globals::set(&options, "redirect", &JsValue::from_str("manual"));
        }
        if !request.idempotency_key.is_empty() {
            globals::set(&headers, "Idempotency-Key", &JsValue::from_str(request.idempotency_key));
        }
        if let Some(body) = &request.body {
            // The runtime sets the content type of a form, with its boundary.
            if body.is_string() {
                globals::set(&headers, "Content-Type", &JsValue::from_str("application/json"));
            }
            globals::set(&options, "body", body);
        }
        globals::set(&options, "headers", &headers);
        let controller = AbortController::new()?;
        globals::set(&options, "signal", &controller.signal());
        let answer = fetch.call2(&js_sys::global(), &JsValue::from_str(&request.url), &options)?;
        // One after the other: an earlier request without an answer is aborted.
        abort.abort();
        let aborted = Promise::new(&mut |_, reject| {
            abort.set(InFlight { controller: controller.clone(), reject });
        });
        let response = JsFuture::from(Promise::race(&Array::of2(&answer, &aborted))).await?;
        if globals::get(&response, "status").as_f64().is_none() {
            return Err(JsValue::from_str("the option fetch resolves to something that is no Response"));
        }
        Ok(response.unchecked_into())
    }

    fn not_followed(&self, reason: NotFollowed, status: u16, to: &str) -> ApiError {
        let base = self.address.base();
        let to = origin(to);
        let message = match reason {
            NotFollowed::Scheme => return self.not_web(),
            NotFollowed::BecomesGet => {
                format!(
                    "{base} redirects to {to} ({status}), and the request would arrive there without what it sends."
                )
            }
            NotFollowed::OtherOrigin => {
                format!(
                    "{base} redirects to {to} ({status}). Headers, keys and what is sent do not go to another address."
                )
            }
        };
        ApiError::new("http", message).with_status(status).advise(
            "check_address",
            Some("serverUrl"),
            "If that is the server, pass its address as serverUrl.",
        )
    }

    /// Browsers do not show a page where a redirect leads. It is not followed, because headers, key and body would be
    /// sent along.
    pub fn hidden_redirect(&self) -> ApiError {
        let message = [
            &self.address.base(),
            " redirects the request, and a browser does not tell a page where. Headers, keys and what is sent do not go to \
             another address.",
        ];
        ApiError::new("http", message.concat()).advise(
            "check_address",
            Some("serverUrl"),
            "Pass the address that it redirects to as serverUrl.",
        )
    }

    fn not_web(&self) -> ApiError {
        ApiError::new("http", [&self.address.base(), " names an address that is neither http nor https."].concat())
    }

    fn too_large(&self, route: &str) -> ApiError {
        let size = shortest(self.max_response_bytes / 1e6);
        let route = route.split('?').next().unwrap_or_default();
        ApiError::new("too_large", [&self.address.base(), route, " answers with more than ", &size, " MB."].concat())
            .advise("raise_limit", Some("maxResponseBytes"), "If that is meant, pass a larger maxResponseBytes.")
    }
}
