//! `chainCallbacks`: one callback made of several.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use crate::web::js::boundary;
use crate::web::js::error::ApiError;

/// One callback that calls each in turn. Null and undefined are left out; what one throws is reported and keeps none of
/// the others from being called.
#[wasm_bindgen(js_name = chainCallbacks, variadic)]
pub fn chain_callbacks(callbacks: Vec<JsValue>) -> Result<JsValue, JsValue> {
    let mut chain = Vec::new();
    for callback in callbacks {
        if callback.is_undefined() || callback.is_null() {
            continue;
        }
        let callback: Function = callback
            .dyn_into()
            .map_err(|_| ApiError::bad_input("chainCallbacks takes functions, null and undefined."))?;
        chain.push(callback);
    }
    let call = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        for callback in &chain {
            boundary::notify(callback, &event);
        }
    });
    Ok(call.into_js_value())
}
