//! `toJSON` of the exported classes, and the error of `new`.

use js_sys::Object;
use wasm_bindgen::prelude::*;

use crate::web::api::api_flow::ApiFlow;
use crate::web::api::result_files::ResultFile;
use crate::web::api::submission::Submission;
use crate::web::js::globals;
use crate::web::js::validate::not_new;

#[wasm_bindgen]
impl ApiFlow {
    /// Refuses: see `Workflow.load`.
    #[wasm_bindgen(constructor)]
    pub fn constructed() -> Result<ApiFlow, JsValue> {
        Err(not_new("ApiFlow", "await Workflow.load(…) gives one"))
    }
}

#[wasm_bindgen]
impl ResultFile {
    /// Refuses: see `fetchFiles`.
    #[wasm_bindgen(constructor)]
    pub fn constructed() -> Result<ResultFile, JsValue> {
        Err(not_new("ResultFile", "await run.fetchFiles() gives some"))
    }
}

#[wasm_bindgen]
impl Submission {
    /// Refuses: see `submit` and `fromPromptId`.
    #[wasm_bindgen(constructor)]
    pub fn constructed() -> Result<Submission, JsValue> {
        Err(not_new("Submission", "await submit(…) or Submission.fromPromptId(…) gives one"))
    }

    /// What `fromPromptId` needs to pick it up again, and how far it is known to be: `{ promptId, clientId, serverUrl,
    /// status }`.
    #[wasm_bindgen(js_name = toJSON)]
    pub fn to_json(&self) -> Object {
        let described = Object::new();
        for (name, value) in [
            ("promptId", self.prompt_id()),
            ("clientId", self.client_id()),
            ("serverUrl", self.server_url()),
            ("status", self.status()),
        ] {
            globals::set(&described, name, &JsValue::from_str(&value));
        }
        described
    }
}
