//! Options of `ObjectInfo.fetch`.

use js_sys::Object;
use wasm_bindgen::{JsCast, JsValue};

use super::server::ServerOptions;
use crate::web::api::options::declare::options;
use crate::web::js::error::ApiError;
use crate::web::js::globals;

options! {
    pub struct ObjectInfoOptions of "ObjectInfo.fetch", such as "signal", with server: ServerOptions;
    signal: Option<JsValue> = signal("signal"),
}

impl ObjectInfoOptions {
    /// The server's address is a separate argument.
    pub fn read_at(server_url: JsValue, options: JsValue) -> Result<ObjectInfoOptions, ApiError> {
        let mut read = Self::read(options)?;
        let address = Object::new();
        globals::set(&address, "serverUrl", &server_url);
        read.server.server_url = Self::read(address.unchecked_into())?.server.server_url;
        Ok(read)
    }
}
