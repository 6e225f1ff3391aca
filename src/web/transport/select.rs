//! Chooses the transport by the dialect of the server.

use std::rc::Rc;

use js_sys::Function;

use crate::protocol::dialect::Dialect;
use crate::session::run::setup::FrameSource;
use crate::web::http::server::Server;
use crate::web::transport::job_stream::JobStream;
use crate::web::transport::link::Transport;
use crate::web::transport::shared_socket::SharedSocket;

/// The transport of a run on this server.
pub fn transport_of(server: &Rc<Server>, client_id: &str, web_socket: Option<Function>) -> Rc<dyn Transport> {
    match server.dialect {
        Dialect::V2 => JobStream::new(server.clone()),
        Dialect::Local | Dialect::Cloud => {
            let (url, headers) = (server.socket(client_id), server.socket_headers());
            SharedSocket::of(&url, web_socket, headers, server.max_response_bytes)
        }
    }
}

/// What kind of transport that is. `took_over`: an earlier connection may have used the client id.
pub fn frame_source(server: &Server, web_socket: Option<&Function>, took_over: bool) -> FrameSource {
    match (server.dialect, web_socket) {
        (Dialect::V2, _) => FrameSource::Stream,
        (Dialect::Local | Dialect::Cloud, Some(_)) => FrameSource::Socket { took_over },
        (Dialect::Local | Dialect::Cloud, None) => FrameSource::None,
    }
}
