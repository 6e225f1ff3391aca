//! A server: its address, its dialect, and the headers of every request.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Function, Object};
use wasm_bindgen::prelude::*;
use web_sys::AbortController;

use crate::protocol::address::{Address, percent_encode};
use crate::protocol::dialect::Dialect;
use crate::web::js::globals;

/// A server and how to reach it.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where it is.
    pub address: Address,
    /// Its routes and how it takes a key.
    pub dialect: Dialect,
    /// Headers of every request, keys among them: never printed.
    pub(super) headers: Vec<(String, String)>,
    /// The key of a cloud, which its socket wants in the URL.
    token: Option<String>,
    pub(super) fetch: Option<Function>,
    /// The most that an answer may have, in bytes, decompressed.
    pub max_response_bytes: f64,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// The body as text.
    pub text: String,
}

/// Requests that are sent one after the other; the one in flight can be aborted.
#[derive(Debug, Clone, Default)]
pub struct AbortHandle(Rc<RefCell<Option<InFlight>>>);

#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) controller: AbortController,
    /// Rejects the promise that waits for it, even if an injected `fetch` ignores the signal.
    pub(super) reject: Function,
}

impl AbortHandle {
    pub(super) fn set(&self, in_flight: InFlight) {
        *self.0.borrow_mut() = Some(in_flight);
    }

    /// Aborts the request in flight.
    pub fn abort(&self) {
        let in_flight = self.0.borrow_mut().take();
        if let Some(InFlight { controller, reject }) = in_flight {
            controller.abort();
            let _ = reject.call1(&JsValue::UNDEFINED, &controller.signal().reason());
        }
    }
}

/// How large an answer may be, unless the caller says otherwise.
pub const MAX_RESPONSE_BYTES: f64 = 64e6;

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
        Server {
            address,
            dialect: Dialect::Local,
            headers,
            token: None,
            fetch: fetch.or_else(globals::fetch),
            max_response_bytes: MAX_RESPONSE_BYTES,
        }
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

    /// With a limit on answers, in bytes.
    pub fn limited(self, max_response_bytes: f64) -> Server {
        Server { max_response_bytes, ..self }
    }

    /// Whether it is the same server, reached in the same way.
    pub fn is_same(&self, other: &Server) -> bool {
        self.address == other.address
            && self.dialect == other.dialect
            && self.headers == other.headers
            && self.fetch == other.fetch
            && self.max_response_bytes == other.max_response_bytes
    }

    /// Headers of every request, keys among them: never printed.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The function that asks; none where the runtime has none.
    pub fn fetch_function(&self) -> Option<&Function> {
        self.fetch.as_ref()
    }

    pub(super) fn has_own_headers(&self) -> bool {
        !self.headers.is_empty()
    }

    /// Whether requests carry a key.
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

    /// Headers for the socket, unless its URL holds the key.
    pub fn socket_headers(&self) -> &[(String, String)] {
        if self.token.is_some() { &[] } else { &self.headers }
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
