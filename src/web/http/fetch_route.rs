//! `fetch` of any route of a server, with the caller's own `RequestInit`.

use js_sys::{Function, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, Response};

use crate::web::http::server::Server;
use crate::web::js::globals;

impl Server {
    /// The answer as it is, whatever its status. The caller's headers go before those of the server.
    pub async fn fetch_route(&self, route: &str, init: &JsValue) -> Result<Response, JsValue> {
        let Some(fetch) = &self.fetch else {
            return Err(JsValue::from_str("this runtime has no fetch; pass one as the option fetch"));
        };
        let options = Object::new();
        if let Some(init) = init.dyn_ref::<Object>() {
            Object::assign(&options, init);
        }
        let headers = Headers::new()?;
        for (name, value) in &self.headers {
            headers.set(name, value)?;
        }
        let given = globals::get(&options, "headers");
        if given.is_object() {
            let given = Headers::new_with_record_from_str_to_str(given.unchecked_ref())?;
            let target = headers.clone();
            let set = Closure::<dyn Fn(JsValue, JsValue)>::new(move |value: JsValue, name: JsValue| {
                let text = |text: &JsValue| text.as_string().unwrap_or_default();
                let _ = target.set(&text(&name), &text(&value));
            });
            let each: Function = globals::get(&given, "forEach").unchecked_into();
            each.call1(&given, set.as_ref())?;
        }
        globals::set(&options, "headers", &headers);
        // No header of ours follows a redirect to another host: the caller gets the redirect.
        if !self.headers.is_empty() {
            globals::set(&options, "redirect", &JsValue::from_str("manual"));
        }
        let url = JsValue::from_str(&self.address.http(&self.dialect.route(route)));
        let answer = fetch.call2(&js_sys::global(), &url, &options)?;
        Ok(JsFuture::from(Promise::resolve(&answer)).await?.unchecked_into())
    }
}
