//! The fields of an event, for printers.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;

use crate::print::{EventView, Field};
use crate::web::js::globals;
use crate::web::js::json_text;

/// An event as JavaScript has it.
pub struct JsEvent(pub JsValue);

impl JsEvent {
    fn at(&self, path: &str) -> JsValue {
        match path {
            "" => self.0.clone(),
            _ => path.split('.').fold(self.0.clone(), |value, key| globals::get(&value, key)),
        }
    }
}

impl EventView for JsEvent {
    fn field(&self, path: &str) -> Field {
        let value = self.at(path);
        if let Some(text) = value.as_string() {
            Field::Text(text)
        } else if let Some(number) = value.as_f64() {
            Field::Number(number)
        } else if let Some(flag) = value.as_bool() {
            Field::Bool(flag)
        } else if Array::is_array(&value) {
            Field::List(value.unchecked_ref::<Array>().length() as usize)
        } else if value.is_object() {
            Field::Object
        } else {
            Field::Absent
        }
    }

    fn json(&self, path: &str) -> Option<String> {
        let value = self.at(path);
        if !path.is_empty() || !value.is_object() {
            return json_text::text(&value);
        }
        let event = Object::assign(&Object::new(), value.unchecked_ref());
        let _ = js_sys::Reflect::delete_property(&event, &JsValue::from_str("raw"));
        let image = globals::get(&globals::get(&value, "data"), "image");
        if image.is_object() {
            let data = Object::assign(&Object::new(), globals::get(&value, "data").unchecked_ref());
            let summary = Object::new();
            globals::set(&summary, "size", &globals::get(&image, "size"));
            globals::set(&summary, "type", &globals::get(&data, "mime_type"));
            globals::set(&data, "image", &summary);
            globals::set(&event, "data", &data);
        }
        json_text::text(&event)
    }
}
