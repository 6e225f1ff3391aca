//! What brings a run its frames: the socket that the runs of a client id share, or the event stream of a job.

use std::rc::Rc;

use js_sys::Function;

use crate::protocol::dialect::Dialect;
use crate::session::run::settings::Settings;
use crate::web::http::server::Server;
use crate::web::run::driver::Driver;
use crate::web::transport::job_stream::JobStream;
use crate::web::transport::shared_socket::Hub;

/// What brings a run its frames.
pub enum Line {
    /// A socket.
    Socket(Rc<Hub>),
    /// Server-sent events.
    Stream(Rc<JobStream>),
}

impl Line {
    /// The line of one run.
    pub fn of(server: &Rc<Server>, client_id: &str, web_socket: Option<Function>) -> Line {
        match server.dialect {
            Dialect::V2 => Line::Stream(Rc::new(JobStream::new(server.clone()))),
            _ => Line::Socket(Hub::of(&server.socket(client_id), web_socket, server.socket_headers())),
        }
    }

    /// The settings of a run on such a line.
    pub fn settings(server: &Server, web_socket: Option<&Function>, took_over: bool, settings: Settings) -> Settings {
        let streams = server.dialect == Dialect::V2;
        Settings {
            has_socket: streams || web_socket.is_some(),
            took_over: took_over && !streams,
            hears_queue: !streams,
            ..settings
        }
    }

    /// A run joins.
    pub fn join(&self, driver: &Rc<Driver>) {
        if let Line::Socket(hub) = self {
            hub.join(driver);
        }
    }

    /// The run's id is known.
    pub fn accept(&self, driver: &Rc<Driver>) {
        match self {
            Line::Socket(hub) => hub.accept(driver),
            Line::Stream(stream) => stream.accept(driver),
        }
    }

    /// The run leaves.
    pub fn leave(&self, driver: &Rc<Driver>) {
        match self {
            Line::Socket(hub) => hub.leave(driver),
            Line::Stream(stream) => stream.leave(),
        }
    }

    /// Opens it unless it is open.
    pub fn open(&self) {
        match self {
            Line::Socket(hub) => hub.open(),
            Line::Stream(stream) => stream.open(),
        }
    }

    /// Opens another in its place.
    pub fn replace(&self, by: &Rc<Driver>) {
        match self {
            Line::Socket(hub) => hub.replace(by),
            Line::Stream(stream) => stream.open(),
        }
    }
}
