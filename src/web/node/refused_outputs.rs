//! The message of the command line about outputs that a server refused.

use wasm_bindgen::prelude::*;

use crate::protocol::submission::RefusedOutputs;
use crate::web::js::json_text;

/// Names the outputs that the server refused, with the reasons. None where it refused none.
#[wasm_bindgen(js_name = refusedOutputs)]
pub fn refused_outputs(node_errors: &JsValue) -> Option<String> {
    RefusedOutputs::read(&json_text::text(node_errors)?).map(|refused| refused.message)
}
