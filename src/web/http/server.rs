//! Asking a server over HTTP: the native `fetch` with a time limit, and what its failures mean.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Response};

use crate::protocol::address::{Address, percent_encode};
use crate::protocol::dialect::Dialect;
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::time;

/// A server and how to reach it.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where it is.
    pub address: Address,
    /// How it is spoken to.
    pub dialect: Dialect,
    /// Headers of every request, keys among them: never printed.
    headers: Vec<(String, String)>,
    /// The key of a cloud, which its socket wants in the URL.
    token: Option<String>,
    fetch: Option<Function>,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The body as text.
    pub text: String,
}

/// AbortHandle that are asked one after the other; the one in flight can be given up.
#[derive(Debug, Clone, Default)]
pub struct AbortHandle(Rc<RefCell<Option<InFlight>>>);

#[derive(Debug)]
struct InFlight {
    controller: AbortController,
    /// Rejects what waits for it, also where a `fetch` of the caller's pays no heed to the controller.
    reject: Function,
}

impl AbortHandle {
    /// Gives up what is in flight.
    pub fn abort(&self) {
        let in_flight = self.0.borrow_mut().take();
        if let Some(InFlight { controller, reject }) = in_flight {
            controller.abort();
            let _ = reject.call1(&JsValue::UNDEFINED, &controller.signal().reason());
        }
    }
}

/// What a request fails with whose answer did not come in time.
pub const LATE: &str = "it did not answer in time";
/// How long an answer may take: longer than any server thinks about a prompt, shorter than for ever.
pub const ANSWER_TIMEOUT_MS: f64 = 120_000.0;
/// How long an upload may take: a film over a slow line.
const UPLOAD_TIMEOUT_MS: f64 = 3_600_000.0;

impl Server {
    /// A server with the headers of every request. `fetch` stands in for the global one.
    pub fn new(address: Address, mut headers: Vec<(String, String)>, fetch: Option<Function>) -> Server {
        if let Some(login) = &address.login
            && let Ok(btoa) = globals::global("btoa").dyn_into::<Function>()
            && let Ok(encoded) = btoa.call1(&JsValue::UNDEFINED, &JsValue::from_str(login))
            && let Some(encoded) = encoded.as_string()
        {
            headers.push(("Authorization".to_owned(), format!("Basic {encoded}")));
        }
        Server { address, dialect: Dialect::Local, headers, token: None, fetch: fetch.or_else(globals::fetch) }
    }

    /// The same server in another dialect, with the key for it.
    pub fn speaking(self, dialect: Dialect, api_key: Option<String>) -> Server {
        let (mut headers, mut token) = (self.headers, None);
        if let Some(key) = api_key
            && dialect != Dialect::Local
        {
            let (name, value) = match dialect {
                Dialect::V2 => ("Authorization", ["Bearer ", &key].concat()),
                _ => ("X-API-Key", key.clone()),
            };
            headers.push((name.to_owned(), value));
            token = Some(key);
        }
        Server { dialect, headers, token, ..self }
    }

    /// Whether it is the same server, reached in the same way.
    pub fn is_same(&self, other: &Server) -> bool {
        let ways = |server: &Server| (server.address.base(), server.dialect);
        ways(self) == ways(other) && self.headers == other.headers && self.fetch == other.fetch
    }

    /// Whether a key goes along.
    pub fn has_key(&self) -> bool {
        self.token.is_some()
    }

    /// The URL of the socket of a client id. It may hold a key: never printed.
    pub fn socket(&self, client_id: &str) -> String {
        let mut url = self.address.socket(client_id);
        if let Some(token) = &self.token {
            url = url + "&token=" + &percent_encode(token);
        }
        url
    }

    /// Headers for the socket, where not its URL holds the key.
    pub fn socket_headers(&self) -> &[(String, String)] {
        if self.token.is_some() { &[] } else { &self.headers }
    }

    /// Asks for a route and reads the answer's text.
    pub async fn request(
        &self,
        method: &str,
        route: &str,
        body: Option<&str>,
        requests: &AbortHandle,
    ) -> Result<Reply, JsValue> {
        self.request_within(ANSWER_TIMEOUT_MS, method, route, body, "", requests).await
    }

    /// The same with a time limit of one's own, in milliseconds, and with an `Idempotency-Key` unless that is empty.
    pub async fn request_within(
        &self,
        limit: f64,
        method: &str,
        route: &str,
        body: Option<&str>,
        key: &str,
        requests: &AbortHandle,
    ) -> Result<Reply, JsValue> {
        self.exchange(limit, method, route, body.map(JsValue::from_str), key, requests).await
    }

    /// Sends a form and reads the answer's text. Large files take their time.
    pub async fn send(&self, route: &str, form: JsValue, requests: &AbortHandle) -> Result<Reply, JsValue> {
        self.exchange(UPLOAD_TIMEOUT_MS, "POST", route, Some(form), "", requests).await
    }

    async fn exchange(
        &self,
        limit: f64,
        method: &str,
        route: &str,
        body: Option<JsValue>,
        key: &str,
        requests: &AbortHandle,
    ) -> Result<Reply, JsValue> {
        let (asked, late) = (requests.clone(), Rc::new(Cell::new(false)));
        let ring = late.clone();
        let _limit = time::after(limit, move || {
            ring.set(true);
            asked.abort();
        });
        let url = self.address.http(&self.dialect.route(route));
        let answer = async {
            let response = self.ask(method, &url, body, key, requests).await?;
            let status = response.status();
            let text = JsFuture::from(Promise::resolve(&response.text()?)).await?;
            Ok(Reply { status, text: json_text::string(&text).unwrap_or_default() })
        };
        answer.await.map_err(|cause| if late.get() { JsValue::from_str(LATE) } else { cause })
    }

    /// `fetch` of a route, with the caller's own `RequestInit` and the headers of this server.
    pub async fn fetch_route(&self, route: &str, init: &JsValue) -> Result<Response, JsValue> {
        let Some(fetch) = &self.fetch else {
            return Err(JsValue::from_str("this runtime has no fetch; pass one as the option fetch"));
        };
        let options = Object::new();
        if let Some(init) = init.dyn_ref::<Object>() {
            Object::assign(&options, init);
        }
        let headers = web_sys::Headers::new()?;
        for (name, value) in &self.headers {
            headers.set(name, value)?;
        }
        let own = web_sys::Headers::new_with_record_from_str_to_str(globals::get(&options, "headers").unchecked_ref())
            .or_else(|_| web_sys::Headers::new())?;
        let set = Closure::<dyn Fn(JsValue, JsValue)>::new({
            let headers = headers.clone();
            move |value: JsValue, name: JsValue| {
                let _ = headers.set(&name.as_string().unwrap_or_default(), &value.as_string().unwrap_or_default());
            }
        });
        let each: Function = globals::get(&own, "forEach").unchecked_into();
        each.call1(&own, set.as_ref())?;
        globals::set(&options, "headers", &headers);
        // No header of ours follows a redirect to another host.
        if !self.headers.is_empty() {
            globals::set(&options, "redirect", &JsValue::from_str("manual"));
        }
        let url = JsValue::from_str(&self.address.http(&self.dialect.route(route)));
        let answer = fetch.call2(&js_sys::global(), &url, &options)?;
        let response = JsFuture::from(Promise::resolve(&answer)).await?;
        Ok(response.unchecked_into())
    }

    /// Asks for a URL of this server, or one that it names. The body of the response may take as long as it takes.
    pub async fn get(&self, url: &str, requests: &AbortHandle) -> Result<Response, JsValue> {
        let asked = requests.clone();
        let _limit = time::after(ANSWER_TIMEOUT_MS, move || asked.abort());
        // Clouds keep files under signed addresses of other hosts, which must not see the key. Redirects are not followed
        // there by themselves, so that those are asked for without any header.
        let elsewhere = || Server { headers: Vec::new(), token: None, ..self.clone() };
        if !url.strip_prefix(&self.address.origin()).is_some_and(|rest| rest.starts_with('/')) {
            return elsewhere().ask("GET", url, None, "", requests).await;
        }
        let response = self.ask("GET", url, None, "", requests).await?;
        match response.headers().get("location")? {
            Some(location) if (300..400).contains(&response.status()) => {
                elsewhere().ask("GET", &location, None, "", requests).await
            }
            _ => Ok(response),
        }
    }

    async fn ask(
        &self,
        method: &str,
        url: &str,
        body: Option<JsValue>,
        key: &str,
        requests: &AbortHandle,
    ) -> Result<Response, JsValue> {
        let Some(fetch) = &self.fetch else {
            return Err(JsValue::from_str("this runtime has no fetch; pass one as the option fetch"));
        };
        let options = Object::new();
        globals::set(&options, "method", &JsValue::from_str(method));
        let headers = object_of(&self.headers);
        if !key.is_empty() {
            globals::set(&headers, "Idempotency-Key", &JsValue::from_str(key));
        }
        if let Some(body) = body {
            // A form says itself where its parts begin.
            if body.is_string() {
                globals::set(&headers, "Content-Type", &JsValue::from_str("application/json"));
            }
            globals::set(&options, "body", &body);
        }
        globals::set(&options, "headers", &headers);
        if self.token.is_some() {
            globals::set(&options, "redirect", &JsValue::from_str("manual"));
        }
        let controller = AbortController::new()?;
        globals::set(&options, "signal", &controller.signal());
        let answer = fetch.call2(&js_sys::global(), &JsValue::from_str(url), &options)?;
        // One after the other: an earlier one that has not been answered is not waited for any more.
        requests.abort();
        let given_up = Promise::new(&mut |_, reject| {
            *requests.0.borrow_mut() = Some(InFlight { controller: controller.clone(), reject });
        });
        let response = JsFuture::from(Promise::race(&Array::of2(&answer, &given_up))).await?;
        if globals::get(&response, "status").as_f64().is_none() {
            return Err(JsValue::from_str("the option fetch resolves to something that is no Response"));
        }
        Ok(response.unchecked_into())
    }
}

/// Headers as JavaScript wants them.
pub fn object_of(headers: &[(String, String)]) -> Object {
    let object = Object::new();
    for (name, value) in headers {
        globals::set(&object, name, &JsValue::from_str(value));
    }
    object
}
