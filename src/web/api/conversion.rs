//! `ObjectInfo` and `convert`: from the editor's workflow to a prompt.

use std::rc::Rc;

use js_sys::{Date, Object, Promise};
use wasm_bindgen::convert::TryFromJsValue;
use wasm_bindgen::prelude::*;

use crate::protocol::json::{Raw, quoted};
use crate::web::api::options::Options;
use crate::web::http::server::{AbortHandle, Server};
use crate::web::js::error::{ApiError, capitalised};
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::promise::promise;
use crate::web::js::validate;
use crate::workflow::{self, Conversion, ConvertError, ConvertOptions, LocalTime, Random};

/// What a server says of its node classes, parsed once and used for any number of conversions.
#[wasm_bindgen]
pub struct ObjectInfo {
    parsed: Rc<workflow::ObjectInfo>,
}

#[wasm_bindgen]
impl ObjectInfo {
    /// The answer of `GET /object_info`, as an object or as text.
    pub fn from(json: JsValue) -> Result<ObjectInfo, JsValue> {
        Ok(ObjectInfo { parsed: parse(&json)? })
    }

    /// Asks a server for it.
    pub fn fetch(server_url: JsValue, options: JsValue) -> Promise {
        promise(async move {
            let given = Options::new(options, "ObjectInfo.fetch")?.all();
            let options = Object::assign(&Object::new(), given.unchecked_ref());
            globals::set(&options, "serverUrl", &server_url);
            let options = Options::new(options.into(), "ObjectInfo.fetch")?;
            let server = options.server()?;
            let asked = async move { Ok(ObjectInfo { parsed: ask(&server).await? }.into()) };
            crate::web::js::abort::abortable(options.signal()?, || {}, asked).await
        })
    }

    /// The answer of the server as it came, to be saved and read again.
    #[wasm_bindgen(getter)]
    pub fn text(&self) -> String {
        self.parsed.text().to_owned()
    }

    /// A second handle on the same schema: taking an instance by value would leave the caller's own empty.
    #[wasm_bindgen(js_name = clone)]
    pub fn share(&self) -> ObjectInfo {
        ObjectInfo { parsed: self.parsed.clone() }
    }
}

/// Asks a server what its node classes are.
pub async fn ask(server: &Server) -> Result<Rc<workflow::ObjectInfo>, JsValue> {
    let reply = match server.request("GET", "/object_info", None, &AbortHandle::default()).await {
        Ok(reply) if reply.status == 200 => reply,
        Ok(reply) => return Err(server.error_from_response(&reply).into()),
        Err(cause) => return Err(server.error_without_response(cause).await.into()),
    };
    Ok(Rc::new(workflow::ObjectInfo::parse(&reply.text).map_err(failure)?))
}

/// Reads an object info given as instance, object or text.
pub fn parse(given: &JsValue) -> Result<Rc<workflow::ObjectInfo>, ApiError> {
    if let Ok(share) = globals::get(given, "clone").dyn_into::<js_sys::Function>()
        && let Ok(shared) = share.call0(given)
        && let Ok(info) = ObjectInfo::try_from_js_value(shared)
    {
        return Ok(info.parsed);
    }
    const WANTED: &str = "The object info must be what GET /object_info answers, as object or text, or an ObjectInfo.";
    validate::plain(given, WANTED)?;
    let text = json_text::string(given).or_else(|| given.is_object().then(|| json_text::text(given)).flatten());
    let text = text.ok_or_else(|| ApiError::bad_input(WANTED))?;
    workflow::ObjectInfo::parse(&text).map(Rc::new).map_err(failure)
}

/// Makes the prompt of a workflow: `{ prompt, warnings, dropped }`. Pure, and done when it returns.
#[wasm_bindgen]
pub fn convert(workflow: JsValue, object_info: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    const WANTED: &str = "convert wants a workflow as the editor saves it, object or text.";
    let options = Options::new(options, "convert")?;
    validate::settled(&workflow, WANTED)?;
    let text =
        json_text::string(&workflow).or_else(|| workflow.is_object().then(|| json_text::text(&workflow)).flatten());
    let text = text.ok_or_else(|| ApiError::bad_input(WANTED))?;
    Ok(report(&convert_text(&text, &*parse(&object_info)?, &options)?))
}

/// Converts a workflow's JSON text with the options `allowUnknown` and `random`.
pub fn convert_text(text: &str, info: &workflow::ObjectInfo, options: &Options) -> Result<Conversion, ApiError> {
    let random = match options.value("random") {
        None => Random::Seeded((js_sys::Math::random() * 9e15) as u64),
        Some(value) if value.as_string().as_deref() == Some("first") => Random::First,
        Some(value) => match value.as_f64() {
            Some(seed) if seed >= 0.0 && seed.fract() == 0.0 => Random::Seeded(seed as u64),
            _ => return Err(ApiError::bad_input("The option random must be a whole number, or \"first\".")),
        },
    };
    let date = Date::new_0();
    let now = LocalTime {
        year: date.get_full_year() as i32,
        month: date.get_month() + 1,
        day: date.get_date(),
        hour: date.get_hours(),
        minute: date.get_minutes(),
        second: date.get_seconds(),
    };
    let allow_unknown = options.flag("allowUnknown")?.unwrap_or(false);
    let options = ConvertOptions { allow_unknown, random, now: Some(now) };
    workflow::convert(text, info, &options).map_err(failure)
}

/// `{ prompt, warnings, dropped }`.
pub fn report(conversion: &Conversion) -> JsValue {
    json_text::parse(&conversion.to_json()).unwrap_or(JsValue::NULL)
}

fn failure(error: ConvertError) -> ApiError {
    let code = match error {
        ConvertError::ObjectInfo(_) | ConvertError::Workflow(_) | ConvertError::NotAWorkflow(_) => "bad_input",
        _ => "conversion",
    };
    let node_id = match &error {
        ConvertError::BadLink { node, .. } | ConvertError::BadValue { node, .. } => Some(node.as_str()),
        _ => None,
    };
    let said = error.to_string();
    let message = match error {
        ConvertError::ObjectInfo(_) => [&capitalised(&said), "."].concat(),
        _ => ["The workflow cannot become a prompt: ", &said, "."].concat(),
    };
    ApiError::new(code, message).with_text("nodeId", node_id)
}

/// What a JSON text is, for messages.
pub fn describe(value: Raw) -> String {
    let what = match value.text().as_bytes().first() {
        Some(b'{') => {
            let mut keys = String::new();
            for (at, (key, _)) in value.entries().iter().take(6).enumerate() {
                keys.push_str(if at == 0 { "an object with the keys " } else { ", " });
                keys.push_str(&if at < 5 { quoted(key) } else { "…".to_owned() });
            }
            if !keys.is_empty() {
                return keys;
            }
            "an object without keys"
        }
        Some(b'[') => "a list",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "true or false",
        _ if value.is_null() => "null",
        _ => "a number",
    };
    what.to_owned()
}
