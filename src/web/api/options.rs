//! Reading options: one place that knows their names, types, defaults and environment variables.

use std::rc::Rc;

use js_sys::{Array, Function, Object};
use wasm_bindgen::prelude::*;

use crate::protocol::address::{Address, AddressError};
use crate::protocol::dialect::Dialect;
use crate::protocol::json::quoted;
use crate::session::run::settings::Settings;
use crate::text::nearest::nearest;
use crate::web::http::server::{Server, is_header, read_headers};
use crate::web::js::error::ApiError;
use crate::web::js::globals;

/// Options of a call, read one by one.
pub struct Options {
    object: JsValue,
    call: &'static str,
}

/// Every option of every call: a misspelt one is an error, one of another call is not.
const NAMES: &[&str] = &[
    "allowUnknown",
    "apiKey",
    "clientId",
    "concurrency",
    "dialect",
    "eventTypes",
    "extension",
    "extraData",
    "fetch",
    "format",
    "front",
    "headers",
    "idleTimeoutMs",
    "indexOffset",
    "input",
    "kinds",
    "name",
    "node",
    "objectInfo",
    "onEvent",
    "onFileProgress",
    "onProgress",
    "originalRef",
    "overwrite",
    "partialExecutionTargets",
    "pattern",
    "pollIntervalMs",
    "pollQueue",
    "previews",
    "prompt",
    "promptId",
    "random",
    "raw",
    "serverUrl",
    "signal",
    "stream",
    "subfolder",
    "type",
    "wait",
    "waitTimeoutMs",
    "webSocket",
    "workflow",
];

impl Options {
    /// The options of a call; undefined and null are none.
    pub fn new(object: JsValue, call: &'static str) -> Result<Options, ApiError> {
        if object.is_undefined() || object.is_null() {
            return Ok(Options { object: Object::new().into(), call });
        }
        if !object.is_object() || Array::is_array(&object) || object.is_function() {
            let example = match call {
                "convert" => "allowUnknown",
                "fetchFiles" => "kinds",
                "progressPrinter" => "format",
                "wait" => "onEvent",
                "ObjectInfo.fetch" | "blob" | "bytes" | "events" | "fetchImages" | "stream" | "text" => "signal",
                _ => "serverUrl",
            };
            let message = ["The options of ", call, " must be an object, such as { ", example, " }."];
            return Err(ApiError::bad_input(message.concat()));
        }
        for key in Object::keys(object.unchecked_ref::<Object>()).iter().filter_map(|key| key.as_string()) {
            if !NAMES.contains(&key.as_str()) {
                return Err(ApiError::bad_input([call, " has no option ", &key, ".", &hint(&key, NAMES)].concat()));
            }
        }
        Ok(Options { object, call })
    }

    /// The object that they are in.
    pub fn all(self) -> JsValue {
        self.object
    }

    /// The call that the options are of.
    pub fn call(&self) -> &'static str {
        self.call
    }

    /// An option's value; none where it is undefined or null.
    pub fn value(&self, name: &str) -> Option<JsValue> {
        Some(globals::get(&self.object, name)).filter(|value| !value.is_undefined() && !value.is_null())
    }

    /// What is said of an option's value that cannot be.
    pub fn wrong(&self, name: &str, wanted: &str) -> ApiError {
        ApiError::bad_input(format!("The option {name} of {} must be {wanted}.", self.call))
    }

    /// A text option.
    pub fn text(&self, name: &str) -> Result<Option<String>, ApiError> {
        self.value(name).map(|value| value.as_string().ok_or_else(|| self.wrong(name, "a string"))).transpose()
    }

    /// A yes-or-no option.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, ApiError> {
        self.value(name).map(|value| value.as_bool().ok_or_else(|| self.wrong(name, "true or false"))).transpose()
    }

    /// A function option.
    pub fn function(&self, name: &str) -> Result<Option<Function>, ApiError> {
        self.value(name).map(|value| value.dyn_into().map_err(|_| self.wrong(name, "a function"))).transpose()
    }

    /// An object option.
    pub fn object(&self, name: &str) -> Result<Option<Object>, ApiError> {
        let object = |value: JsValue| match value.dyn_into::<Object>() {
            Ok(object) if !Array::is_array(&object) => Ok(object),
            _ => Err(self.wrong(name, "an object")),
        };
        self.value(name).map(object).transpose()
    }

    /// A whole number.
    pub fn whole(&self, name: &str) -> Result<Option<i64>, ApiError> {
        let whole = |value: JsValue| match value.as_f64() {
            Some(number) if number.fract() == 0.0 && number.abs() < 9e15 => Ok(number as i64),
            _ => Err(self.wrong(name, "a whole number")),
        };
        self.value(name).map(whole).transpose()
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>, ApiError> {
        let texts = |value: JsValue| {
            let list = Array::is_array(&value).then(|| Array::from(&value));
            list.and_then(|list| list.iter().map(|item| item.as_string()).collect::<Option<Vec<_>>>())
                .ok_or_else(|| self.wrong(name, "a list of strings"))
        };
        self.value(name).map(texts).transpose()
    }

    /// An abort signal.
    pub fn signal(&self) -> Result<Option<JsValue>, ApiError> {
        let signal = |value: JsValue| match globals::get(&value, "addEventListener").is_function() {
            true => Ok(value),
            false => Err(self.wrong("signal", "an AbortSignal, such as new AbortController().signal")),
        };
        self.value("signal").map(signal).transpose()
    }

    /// A time in milliseconds, else the environment variable's seconds.
    pub fn milliseconds(&self, name: &str, variable: &str) -> Result<Option<f64>, ApiError> {
        if let Some(value) = self.value(name) {
            return match value.as_f64() {
                Some(number) if number > 0.0 => Ok(Some(number)),
                _ => Err(self.wrong(name, "a number of milliseconds above 0")),
            };
        }
        let Some(text) = globals::environment(variable) else { return Ok(None) };
        // As JavaScript reads a number; Rust's own way brings tables of 12 kB (brotli) along.
        match JsValue::from_str(text.trim()).unchecked_into_f64() {
            seconds if seconds > 0.0 => Ok(Some(seconds * 1000.0)),
            _ => Err(ApiError::bad_input(format!("{variable} must be a number of seconds above 0."))),
        }
    }

    /// `onEvent`, as a function or not at all.
    pub fn on_event(&self) -> Result<Option<Function>, ApiError> {
        self.function("onEvent")
    }

    /// The server: `serverUrl`, `headers`, `apiKey`, `fetch`.
    pub fn server(&self) -> Result<Rc<Server>, ApiError> {
        let given = self.value("serverUrl").map(|url| {
            let text = url.as_string().or_else(|| globals::get(&url, "href").as_string());
            text.ok_or_else(|| self.wrong("serverUrl", "a URL, such as \"http://127.0.0.1:8188\""))
        });
        let url = match given {
            Some(url) => url?,
            None => globals::environment("AUTOFLOW_COMFYUI_SERVER_URL").ok_or_else(|| {
                ApiError::new(
                    "no_server",
                    format!(
                        "{} needs the server's address: pass serverUrl, such as \"http://127.0.0.1:8188\", or set \
                     AUTOFLOW_COMFYUI_SERVER_URL.",
                        self.call
                    ),
                )
            })?,
        };
        // Of a page or worker: a path is one of its own server.
        let url = match globals::origin() {
            Some(origin) if url.starts_with('/') => origin + &url,
            _ => url,
        };
        let mut address = Address::read(&url).map_err(|error| {
            let problem = match error {
                AddressError::Empty => "is empty",
                AddressError::Scheme => "must begin with http:// or https://",
                AddressError::Host => "names no host",
            };
            let message = format!("The server URL {problem}. Pass one such as \"http://127.0.0.1:8188\".");
            ApiError::new(if error == AddressError::Empty { "no_server" } else { "bad_input" }, message)
        })?;
        let headers = match self.value("headers") {
            Some(value) => {
                read_headers(&value).ok_or_else(|| self.wrong("headers", "an object of strings, or Headers"))?
            }
            None => Vec::new(),
        };
        if let Some((name, _)) = headers.iter().find(|(name, value)| !is_header(name, value)) {
            return Err(self.wrong("headers", &format!("made of what HTTP can carry; {} is not", quoted(name))));
        }
        let found = Dialect::of(&mut address);
        let dialect = match self.text("dialect")? {
            None => found,
            Some(name) => {
                Dialect::named(&name).ok_or_else(|| self.wrong("dialect", "\"local\", \"cloud\" or \"v2\""))?
            }
        };
        let api_key = self.text("apiKey")?;
        if api_key.as_ref().is_some_and(|key| !is_header("X-API-Key", key)) {
            return Err(self.wrong("apiKey", "a key: it has characters that no header can carry"));
        }
        Ok(Rc::new(Server::new(address, headers, self.function("fetch")?).speaking(dialect, api_key)))
    }

    /// How to follow a run.
    pub fn settings(&self) -> Result<Settings, ApiError> {
        let default = Settings::default();
        Ok(Settings {
            idle_timeout_ms: self
                .milliseconds("idleTimeoutMs", "AUTOFLOW_WS_IDLE_TIMEOUT_S")?
                .unwrap_or(default.idle_timeout_ms),
            poll_interval_ms: self
                .milliseconds("pollIntervalMs", "AUTOFLOW_POLL_INTERVAL_S")?
                .unwrap_or(default.poll_interval_ms),
            poll_queue: self.flag("pollQueue")?.unwrap_or(default.poll_queue),
            seed: globals::random_seed(),
            ..default
        })
    }

    /// How long to wait.
    pub fn wait_timeout(&self) -> Result<Option<f64>, ApiError> {
        self.milliseconds("waitTimeoutMs", "AUTOFLOW_WAIT_TIMEOUT_S")
    }

    /// The WebSocket class: the option, else the global one.
    pub fn web_socket(&self) -> Result<Option<Function>, ApiError> {
        Ok(self.function("webSocket")?.or_else(globals::web_socket))
    }
}

/// The question whether one of these names was meant; empty where none is near.
pub fn hint(word: &str, names: &[&'static str]) -> String {
    nearest(word, names.iter().copied()).map_or_else(String::new, |name| [" Did you mean ", name, "?"].concat())
}

/// A `TypeError`, for calls that contradict themselves.
pub fn type_error(message: &str) -> JsValue {
    js_sys::TypeError::new(message).into()
}
