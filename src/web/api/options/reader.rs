//! Reads and checks the options of one call, value by value.

use std::cell::RefCell;

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::files::selection::Folders;
use crate::protocol::dialect::Dialect;
use crate::protocol::json::quoted;
use crate::text::nearest::nearest;
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::validate::is_promise;

/// The options of one call. Each method reads one of them; undefined and null count as absent, and so does a wrong value,
/// whose error `finish` gives: an early return at each of a dozen options is code that frees all options before it.
pub struct OptionReader {
    object: JsValue,
    pub call: &'static str,
    /// The first error.
    error: RefCell<Option<ApiError>>,
}

/// A time in milliseconds: as the option has it, and as the environment variable has it.
#[derive(Debug, Clone, Copy)]
pub struct Milliseconds {
    option: Option<f64>,
    environment: Option<f64>,
}

impl Milliseconds {
    /// The option, else the environment variable.
    pub fn value(self) -> Option<f64> {
        self.option.or(self.environment)
    }

    /// The option alone.
    pub fn option(self) -> Option<f64> {
        self.option
    }
}

impl OptionReader {
    /// Refuses what is no object, and names that the call does not know. `example`: an option of the call.
    pub fn open(
        object: JsValue,
        call: &'static str,
        example: &str,
        names: &[&[&'static str]],
    ) -> Result<OptionReader, ApiError> {
        let reader = |object| OptionReader { object, call, error: RefCell::default() };
        if object.is_undefined() || object.is_null() {
            return Ok(reader(Object::new().into()));
        }
        if !object.is_object() || Array::is_array(&object) || object.is_function() {
            let message = ["The options of ", call, " must be an object, such as { ", example, " }."].concat();
            return Err(ApiError::bad_input(message));
        }
        for key in Object::keys(object.unchecked_ref::<Object>()).iter().filter_map(|key| key.as_string()) {
            if !names.iter().any(|names| names.contains(&key.as_str())) {
                let error = ApiError::bad_input([call, " has no option ", &key, "."].concat());
                return Err(did_you_mean(error, &key, names));
            }
        }
        Ok(reader(object))
    }

    /// An error where an option has a wrong value.
    pub fn finish(self) -> Result<(), ApiError> {
        self.error.into_inner().map_or(Ok(()), Err)
    }

    /// Keeps the first error.
    fn refuse(&self, error: ApiError) {
        self.error.borrow_mut().get_or_insert(error);
    }

    /// The value of an option, whatever it is.
    pub fn value(&self, name: &str) -> Option<JsValue> {
        Some(globals::get(&self.object, name)).filter(|value| !value.is_undefined() && !value.is_null())
    }

    /// Refuses the value of an option.
    pub fn wrong(&self, name: &str, wanted: &str) {
        self.refuse(wrong_option(self.call, name, wanted));
    }

    fn checked<T>(&self, name: &str, wanted: &str, convert: impl Fn(JsValue) -> Option<T>) -> Option<T> {
        let converted = convert(self.value(name)?);
        if converted.is_none() {
            self.wrong(name, wanted);
        }
        converted
    }

    pub fn text(&self, name: &str) -> Option<String> {
        self.checked(name, "a string", |value| value.as_string())
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.checked(name, "true or false", |value| value.as_bool())
    }

    pub fn function(&self, name: &str) -> Option<Function> {
        self.checked(name, "a function", |value| value.dyn_into().ok())
    }

    pub fn object(&self, name: &str) -> Option<Object> {
        self.checked(name, "an object", |value| {
            value.dyn_into::<Object>().ok().filter(|object| !Array::is_array(object))
        })
    }

    pub fn whole(&self, name: &str) -> Option<i64> {
        self.checked(name, "a whole number", |value| {
            value.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 9e15).map(|number| number as i64)
        })
    }

    /// A number of bytes.
    pub fn size(&self, name: &str) -> Option<f64> {
        self.checked(name, "a number of bytes above 0", |value| value.as_f64().filter(|number| *number > 0.0))
    }

    pub fn texts(&self, name: &str) -> Option<Vec<String>> {
        self.checked(name, "a list of strings", |value| {
            let list = Array::is_array(&value).then(|| Array::from(&value))?;
            list.iter().map(|item| item.as_string()).collect()
        })
    }

    /// The folders of the server whose files are wanted.
    pub fn folders(&self, name: &str) -> Option<Folders> {
        self.checked(name, "\"output\", \"temp\" or \"all\"", |value| Folders::named(&value.as_string()?))
    }

    pub fn signal(&self, name: &str) -> Option<JsValue> {
        self.checked(name, "an AbortSignal, such as new AbortController().signal", |value| {
            globals::get(&value, "addEventListener").is_function().then_some(value)
        })
    }

    /// Something with a method `write`.
    pub fn stream(&self, name: &str) -> Option<JsValue> {
        self.checked(name, "an object with a method write(text)", |value| {
            globals::get(&value, "write").is_function().then_some(value)
        })
    }

    /// A time in milliseconds. The variable is in seconds.
    pub fn milliseconds(&self, name: &str, variable: &str) -> Milliseconds {
        let option = self
            .checked(name, "a number of milliseconds above 0", |value| value.as_f64().filter(|number| *number > 0.0));
        let variable_value = if option.is_none() { globals::environment(variable) } else { None };
        let environment = variable_value.and_then(|text| {
            // As JavaScript reads a number; Rust's own way brings tables of 12 kB (brotli) along.
            let seconds = JsValue::from_str(text.trim()).unchecked_into_f64();
            if seconds > 0.0 {
                return Some(seconds * 1000.0);
            }
            self.refuse(ApiError::bad_input([variable, " must be a number of seconds above 0."].concat()));
            None
        });
        Milliseconds { option, environment }
    }

    /// A server's address, as text or `URL`.
    pub fn url(&self, name: &str) -> Option<String> {
        self.checked(name, "a URL, such as \"http://127.0.0.1:8188\"", |url| {
            url.as_string().or_else(|| globals::get(&url, "href").as_string())
        })
    }

    pub fn dialect(&self, name: &str) -> Option<Dialect> {
        self.checked(name, "\"local\", \"cloud\" or \"v2\"", |value| Dialect::named(&value.as_string()?))
    }

    /// A key that a header can carry.
    pub fn key(&self, name: &str) -> Option<String> {
        let key = self.text(name)?;
        if !is_header("X-API-Key", &key) {
            self.wrong(name, "a key: it has characters that no header can carry");
        }
        Some(key)
    }

    /// Headers: an object of texts, or `Headers`.
    pub fn headers(&self, name: &str) -> Option<Vec<(String, String)>> {
        let headers = self.checked(name, "an object of strings, or Headers", |value| header_list(&value))?;
        if let Some((header, _)) = headers.iter().find(|(name, value)| !is_header(name, value)) {
            self.wrong(name, &["made of what HTTP can carry; ", &quoted(header), " is not"].concat());
        }
        Some(headers)
    }

    /// An object; a promise for it is refused, because an `await` is easily forgotten.
    pub fn awaited(&self, name: &str) -> Option<JsValue> {
        let value = self.value(name);
        if value.as_ref().is_some_and(is_promise) {
            let message = ["The option ", name, " of ", self.call, " is a promise; put `await` before it."].concat();
            self.refuse(ApiError::bad_input(message).hint("await", Some(name)));
        }
        value
    }
}

/// The error of an option with a wrong value.
pub fn wrong_option(call: &str, name: &str, wanted: &str) -> ApiError {
    ApiError::bad_input(["The option ", name, " of ", call, " must be ", wanted, "."].concat())
        .hint("correct_option", Some(name))
}

/// Adds the question whether one of these names was meant.
pub fn did_you_mean(error: ApiError, word: &str, names: &[&[&'static str]]) -> ApiError {
    match nearest(word, names.iter().flat_map(|names| names.iter().copied())) {
        Some(name) => error.advise("rename_option", Some(name), &["Did you mean ", name, "?"].concat()),
        None => error.hint("remove_option", Some(word)),
    }
}

/// Whether HTTP can carry a header. Checked here: what `fetch` says of a wrong one shows its value, which may be a key.
fn is_header(name: &str, value: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let carried = |c: char| c as u32 <= 0xff && !matches!(c, '\0' | '\r' | '\n');
    !name.is_empty() && name.bytes().all(token) && value.trim().chars().all(carried)
}

fn header_list(value: &JsValue) -> Option<Vec<(String, String)>> {
    let entries = match Reflect::get(value, &JsValue::from_str("entries")).ok()?.dyn_into::<Function>() {
        Ok(entries) => Array::from(&entries.call0(value).ok()?),
        Err(_) => Object::entries(value.dyn_ref::<Object>()?),
    };
    entries
        .iter()
        .map(|entry| {
            let pair: Array = entry.dyn_into().ok()?;
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        })
        .collect()
}
