//! Options of every call that asks a server.

use std::rc::Rc;

use js_sys::Function;

use crate::protocol::address::{Address, AddressError};
use crate::protocol::dialect::Dialect;
use crate::web::api::options::declare::options;
use crate::web::http::server::{MAX_RESPONSE_BYTES, Server};
use crate::web::js::error::ApiError;
use crate::web::js::globals;

const SERVER_URL: &str = "AUTOFLOW_COMFYUI_SERVER_URL";

options! {
    /// How to reach a server.
    pub group ServerOptions;
    server_url: Option<String> = url("serverUrl"),
    dialect: Option<Dialect> = dialect("dialect"),
    /// For Comfy Cloud, the Comfy API v2, or API nodes of a prompt: never printed.
    api_key: Option<String> = key("apiKey"),
    /// Of every request, keys among them: never printed.
    headers: Vec<(String, String)> = headers("headers") or Vec::new(),
    /// In place of the global one.
    fetch: Option<Function> = function("fetch"),
    /// Of an answer, decompressed, and of a frame.
    max_response_bytes: f64 = size("maxResponseBytes") or MAX_RESPONSE_BYTES,
}

impl ServerOptions {
    /// Whether the caller or the environment names a server.
    pub fn is_named(&self) -> bool {
        self.server_url.is_some() || globals::environment(SERVER_URL).is_some()
    }

    /// The server; an error where none is named or its address is wrong. `call`: who asks.
    pub fn server(&self, call: &str) -> Result<Rc<Server>, ApiError> {
        let url = self.server_url.clone().or_else(|| globals::environment(SERVER_URL)).ok_or_else(|| {
            ApiError::new("no_server", [call, " needs the server's address."].concat()).advise(
                "pass_server",
                Some("serverUrl"),
                &["Pass serverUrl, such as \"http://127.0.0.1:8188\", or set ", SERVER_URL, "."].concat(),
            )
        })?;
        // In a page or worker a path is relative to its origin.
        let url = match globals::origin() {
            Some(origin) if url.starts_with('/') => origin + &url,
            _ => url,
        };
        let mut address = Address::read(&url).map_err(|error| {
            let (code, problem) = match error {
                AddressError::Empty => ("no_server", "is empty"),
                AddressError::Scheme => ("bad_input", "must begin with http:// or https://"),
                AddressError::Host => ("bad_input", "names no host"),
            };
            ApiError::new(code, ["The server URL ", problem, "."].concat()).advise(
                "pass_server",
                Some("serverUrl"),
                "Pass one such as \"http://127.0.0.1:8188\".",
            )
        })?;
        let found = Dialect::of(&mut address);
        let server = Server::new(address, self.headers.clone(), self.fetch.clone());
        let server = server.speaking(self.dialect.unwrap_or(found), self.api_key.clone());
        Ok(Rc::new(server.limited(self.max_response_bytes)))
    }
}
