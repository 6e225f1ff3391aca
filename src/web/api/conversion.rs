//! `ObjectInfo` and `convert`: from the editor's workflow to a prompt.

use std::rc::Rc;

use js_sys::{Array, Date, Object};
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::convert::TryFromJsValue;
use wasm_bindgen::prelude::*;

use crate::web::api::options::{self, ConversionOptions};
use crate::web::js::error::{ApiError, capitalised};
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::validate;
use crate::workflow::{self, Chosen, Conversion, ConvertError, ConvertOptions, LocalTime, Random, UnknownType};

/// What a server says of its node classes, parsed once and used for any number of conversions.
#[wasm_bindgen]
pub struct ObjectInfo {
    parsed: Rc<workflow::ObjectInfo>,
}

#[wasm_bindgen]
impl ObjectInfo {
    /// Refuses: see `from` and `fetch`.
    #[wasm_bindgen(constructor)]
    pub fn constructed() -> Result<ObjectInfo, JsValue> {
        Err(validate::not_new("ObjectInfo", "ObjectInfo.from(json) or await ObjectInfo.fetch(serverUrl) gives one"))
    }

    /// The answer of `GET /object_info`, as an object or as text.
    pub fn from(json: JsValue) -> Result<ObjectInfo, JsValue> {
        Ok(ObjectInfo { parsed: parse(&json)? })
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

/// Makes the prompt of a workflow: `{ prompt, warnings, dropped, chosen }`. Pure, and done when it returns.
#[wasm_bindgen]
pub fn convert(workflow: JsValue, object_info: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    const WANTED: &str = "convert wants a workflow as the editor saves it, object or text.";
    let options = options::ConvertOptions::read(options)?.conversion;
    validate::settled(&workflow, WANTED)?;
    let text =
        json_text::string(&workflow).or_else(|| workflow.is_object().then(|| json_text::text(&workflow)).flatten());
    let text = text.ok_or_else(|| ApiError::bad_input(WANTED))?;
    Ok(report(&convert_text(&text, &*parse(&object_info)?, &options)?))
}

/// Converts a workflow's JSON text with the options `allowUnknown` and `random`.
pub fn convert_text(
    text: &str,
    info: &workflow::ObjectInfo,
    options: &ConversionOptions,
) -> Result<Conversion, ApiError> {
    let random = match &options.random {
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
    let allow_unknown = options.allow_unknown;
    let options = ConvertOptions { allow_unknown, random, now: Some(now) };
    workflow::convert(text, info, &options).map_err(failure)
}

/// `{ prompt, warnings, dropped, chosen }`. The prompt and the values that were chosen are JSON texts, whose large integers keep
/// their digits.
pub fn report(conversion: &Conversion) -> JsValue {
    let chosen = Array::new();
    for Chosen { node, input, value } in &conversion.chosen {
        let entry = Object::new();
        globals::set(&entry, "node", &JsValue::from_str(node));
        globals::set(&entry, "input", &JsValue::from_str(input));
        globals::set(&entry, "value", &json_text::parse(value).unwrap_or_default());
        chosen.push(&entry);
    }
    let report = Object::new();
    globals::set(&report, "prompt", &json_text::parse(conversion.prompt.as_json()).unwrap_or_default());
    globals::set(&report, "warnings", &plain(&conversion.warnings));
    globals::set(&report, "dropped", &plain(&conversion.dropped));
    globals::set(&report, "chosen", &chosen);
    report.into()
}

/// Plain objects and lists, as `JSON.parse` makes them.
fn plain(value: &impl Serialize) -> JsValue {
    value.serialize(&Serializer::json_compatible()).unwrap_or_default()
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
    let message = match &error {
        ConvertError::ObjectInfo(_) => [&capitalised(&said), "."].concat(),
        _ => ["The workflow cannot become a prompt: ", &said, "."].concat(),
    };
    let failure = ApiError::new(code, message).with_text("nodeId", node_id);
    match error {
        ConvertError::UnknownTypes(types) => {
            let (subgraphs, others): (Vec<_>, Vec<_>) = types.iter().partition(|one| one.is_subgraph());
            let (core, others): (Vec<&UnknownType>, Vec<_>) = others.into_iter().partition(|one| one.is_core());
            let mut advice = String::new();
            for (is_said, sentence) in [
                (!others.is_empty(), "Install the custom nodes they come from and fetch the object info again. "),
                (!core.is_empty(), "Nodes of ComfyUI itself need a newer ComfyUI. "),
                (
                    !subgraphs.is_empty(),
                    "Definitions of subgraphs are missing in the file: save it again in the editor. ",
                ),
                (true, "Or pass allowUnknown: true to go on without them."),
            ] {
                advice.push_str(if is_said { sentence } else { "" });
            }
            failure.with("unknownTypes", &plain(&types)).advise("allow_unknown", Some("allowUnknown"), &advice)
        }
        _ => failure,
    }
}
