//! `ApiFlow`: a prompt to look into, edit and submit.

use js_sys::{Array, Object, Promise};
use wasm_bindgen::prelude::*;

use crate::web::api::options::{PromptUploadOptions, SubmitOptions, did_you_mean};
use crate::web::api::{submit, upload};
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::promise::promise;

/// A prompt, with the workflow it was made of.
#[wasm_bindgen]
pub struct ApiFlow {
    prompt: Object,
    workflow: Option<Object>,
    warnings: JsValue,
    dropped: JsValue,
    chosen: JsValue,
}

impl ApiFlow {
    /// A prompt, and what is known beside it.
    pub fn new(prompt: Object, workflow: Option<Object>) -> ApiFlow {
        let [warnings, dropped, chosen] = [(); 3].map(|()| Array::new().into());
        ApiFlow { prompt, workflow, warnings, dropped, chosen }
    }

    /// With what the conversion had to say.
    pub fn with_report(self, [warnings, dropped, chosen]: [JsValue; 3]) -> ApiFlow {
        ApiFlow { warnings, dropped, chosen, ..self }
    }
}

#[wasm_bindgen]
impl ApiFlow {
    /// The prompt itself, a plain object: what is changed here is what is submitted.
    #[wasm_bindgen(getter)]
    pub fn prompt(&self) -> Object {
        self.prompt.clone()
    }

    /// The workflow that it was made of; null where there was none. It travels with the submission into the pictures.
    #[wasm_bindgen(getter)]
    pub fn workflow(&self) -> JsValue {
        self.workflow.clone().map_or(JsValue::NULL, JsValue::from)
    }

    /// What the conversion warned of.
    #[wasm_bindgen(getter)]
    pub fn warnings(&self) -> JsValue {
        self.warnings.clone()
    }

    /// Nodes of the workflow that did not reach the prompt.
    #[wasm_bindgen(getter)]
    pub fn dropped(&self) -> JsValue {
        self.dropped.clone()
    }

    /// Values that the conversion decided.
    #[wasm_bindgen(getter)]
    pub fn chosen(&self) -> JsValue {
        self.chosen.clone()
    }

    /// The nodes that fit all of `{ classType, title, id }`: the prompt's own objects, to edit in place.
    pub fn find(&self, wanted: JsValue) -> Result<Array, JsValue> {
        const WANTED: &str = "find wants an object with classType, title or id.";
        const KNOWN: &[&str] = &["classType", "title", "id"];
        let object = wanted.dyn_ref::<Object>().filter(|wanted| !Array::is_array(wanted));
        let object = object.ok_or_else(|| ApiError::bad_input(WANTED))?;
        let keys = Object::keys(object);
        if let Some(other) = keys.iter().filter_map(|key| key.as_string()).find(|key| !KNOWN.contains(&key.as_str())) {
            let error = ApiError::bad_input([WANTED, " It knows no ", &other, "."].concat());
            return Err(did_you_mean(error, &other, &[KNOWN]).into());
        }
        let text = |key: &str| {
            let value = globals::get(&wanted, key);
            if value.is_undefined() || value.is_null() {
                return Ok(None);
            }
            // Ids are often written as numbers.
            let number = value.as_f64().filter(|_| key == "id").and_then(|_| json_text::text(&value));
            let wrong = || ApiError::bad_input([WANTED, " Its ", key, " must be a string."].concat());
            value.as_string().or(number).map(Some).ok_or_else(wrong)
        };
        let (class_type, title, id) = (text("classType")?, text("title")?, text("id")?);
        let entries = Object::entries(&self.prompt);
        let found = entries.iter().filter_map(|entry| {
            let entry: Array = entry.unchecked_into();
            let node = entry.get(1);
            let is = |wanted: &Option<String>, found: JsValue| wanted.is_none() || *wanted == found.as_string();
            let fits = is(&id, entry.get(0))
                && is(&class_type, globals::get(&node, "class_type"))
                && is(&title, globals::get(&globals::get(&node, "_meta"), "title"));
            fits.then_some(node)
        });
        Ok(found.collect())
    }

    /// Submits the prompt as it is now: see `submit`. The server that it was loaded with is put in by api-flow.js.
    pub fn submit(&self, options: JsValue) -> Promise {
        let options = SubmitOptions::read(options).map_err(JsValue::from);
        submit::send(options.and_then(|options| submit::read(&self.prompt, options, self.workflow.clone())))
    }

    /// Uploads a file and puts its name into the loader node that fits: see `uploadImage` for the options, `node` and
    /// `input` say where where several fit. Resolves to `{ name, subfolder, type, value, node, input }`.
    pub fn upload(&self, file: JsValue, options: JsValue) -> Promise {
        let prompt = self.prompt.clone();
        let options = PromptUploadOptions::read(options);
        promise(async move { upload::into_prompt(prompt, file, options?).await })
    }

    /// The same with another prompt.
    #[wasm_bindgen(js_name = withPrompt)]
    pub fn with_prompt(&self, prompt: Object) -> ApiFlow {
        ApiFlow::new(prompt, self.workflow.clone()).with_report([self.warnings(), self.dropped(), self.chosen()])
    }

    /// The prompt, for `JSON.stringify`.
    #[wasm_bindgen(js_name = toJSON)]
    pub fn to_json(&self) -> Object {
        self.prompt.clone()
    }
}
