//! Options of `new ComfyClient`.

use js_sys::Function;

use super::follow::FollowOptions;
use super::server::ServerOptions;
use crate::web::api::options::declare::options;
use crate::web::js::error::ApiError;

options! {
    pub struct ClientOptions of "ComfyClient", such as "serverUrl", with server: ServerOptions, with follow: FollowOptions;
    client_id: Option<String> = text("clientId"),
    /// In place of the global one.
    web_socket: Option<Function> = function("webSocket"),
}
