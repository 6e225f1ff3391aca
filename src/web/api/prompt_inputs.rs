//! Inputs of an `ApiFlow` by name, its seeds, and copies of it.

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::prompt::path::{self, InputRef};
use crate::prompt::seeds::{self, LARGEST};
use crate::protocol::json::Raw;
use crate::web::api::api_flow::ApiFlow;
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::validate;

#[wasm_bindgen]
impl ApiFlow {
    /// Sets the input that a path names: `NODE.INPUT`, see `prompt::path`.
    pub fn set(&self, path: JsValue, value: JsValue) -> Result<(), JsValue> {
        const WANTED: &str = "set wants a path to an input, such as \"KSampler.seed\", and a value.";
        let Some(path) = path.as_string() else { return Err(ApiError::bad_input(WANTED).into()) };
        validate::settled(&value, WANTED)?;
        if json_text::text(&value).is_none() {
            return Err(ApiError::bad_input([WANTED, " This value ", validate::UNWRITABLE, "."].concat()).into());
        }
        let text = self.prompt_text()?;
        let found = path::resolve(Raw::read(&text).unwrap_or(Raw::NULL), &path)
            .map_err(|message| ApiError::bad_input(message).hint("correct_path", None))?;
        self.write(&found, &value);
        Ok(())
    }

    /// The inputs that hold seeds: `[{ node, input, value }]`.
    pub fn seeds(&self) -> Result<Array, JsValue> {
        let text = self.prompt_text()?;
        let found = seeds::find(Raw::read(&text).unwrap_or(Raw::NULL));
        Ok(found.iter().map(|seed| described(seed, &globals::get(&self.inputs_of(seed), &seed.input))).collect())
    }

    /// Gives every seed a new value, or this one: `[{ node, input, value }]`.
    pub fn seed(&self, value: JsValue) -> Result<Array, JsValue> {
        let given = if value.is_undefined() || value.is_null() {
            None
        } else {
            let whole = value
                .as_f64()
                .filter(|number| number.fract() == 0.0 && (0.0..=9_007_199_254_740_991.0).contains(number));
            Some(whole.ok_or_else(|| {
                ApiError::bad_input("seed wants a whole number from 0 to 2^53 - 1, or nothing for new seeds.")
            })?)
        };
        let text = self.prompt_text()?;
        let chosen = seeds::find(Raw::read(&text).unwrap_or(Raw::NULL)).into_iter().map(|seed| {
            let random = || (globals::random_seed() >> 16) % (u64::from(LARGEST) + 1);
            let value = JsValue::from_f64(given.unwrap_or_else(|| random() as f64));
            self.write(&seed, &value);
            described(&seed, &value)
        });
        Ok(chosen.collect())
    }

    /// A copy with a prompt of its own, and the same workflow.
    #[wasm_bindgen(js_name = clone)]
    pub fn copy(&self) -> Result<ApiFlow, JsValue> {
        let clone: Function = globals::global("structuredClone").unchecked_into();
        Ok(self.with_prompt(clone.call1(&JsValue::UNDEFINED, self.nodes())?.unchecked_into()))
    }
}

impl ApiFlow {
    fn prompt_text(&self) -> Result<String, ApiError> {
        json_text::text(self.nodes())
            .ok_or_else(|| ApiError::bad_input(["The prompt ", validate::UNWRITABLE, "."].concat()))
    }

    fn inputs_of(&self, place: &InputRef) -> JsValue {
        globals::get(&globals::get(self.nodes(), &place.node), "inputs")
    }

    fn write(&self, place: &InputRef, value: &JsValue) {
        let _ = Reflect::set(&self.inputs_of(place), &JsValue::from_str(&place.input), value);
    }
}

fn described(place: &InputRef, value: &JsValue) -> JsValue {
    let described = Object::new();
    globals::set(&described, "node", &JsValue::from_str(&place.node));
    globals::set(&described, "input", &JsValue::from_str(&place.input));
    globals::set(&described, "value", value);
    described.into()
}
