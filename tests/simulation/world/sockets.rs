//! The shared socket: opening, closing, messages.

use std::rc::Rc;

use comfyui_autoflow::protocol::binary::{BinaryFrame, HEADER_LENGTH, Header};
use comfyui_autoflow::protocol::frame::Frame;
use comfyui_autoflow::session::endpoint::routing::Route;
use comfyui_autoflow::session::endpoint::{CLOSING_LIMIT_MS, Effect, State};
use comfyui_autoflow::session::submit;

use super::{Happening, Input, Verdict, World};
use crate::simulation::frames::{self, Content, Packet};
use crate::simulation::server::To;

impl World {
    /// Performs the effects of the endpoint.
    pub(super) fn perform_endpoint(&mut self) -> Verdict {
        while let Some(effect) = self.endpoint.poll_effect() {
            match effect {
                Effect::Connect => self.connect(),
                Effect::Send(_) => {}
                Effect::Close => {
                    self.dropped = false;
                    let closed = self.socket.take().map_or(0.0, |socket| self.shut(socket));
                    self.after(closed, Happening::Closed);
                }
                Effect::Opened(run) => {
                    self.players[run].busy_at = self.now;
                    self.feed(run, Input::SocketOpened)?;
                    self.submit_feed(run, submit::Input::SocketTried)?;
                }
                Effect::Closed(run) => {
                    self.feed(run, Input::SocketClosed)?;
                    self.submit_feed(run, submit::Input::SocketTried)?;
                }
                Effect::Impossible(run, reason) => self.feed(run, Input::SocketImpossible(reason))?,
            }
        }
        Ok(())
    }

    fn connect(&mut self) {
        let socket = self.network.connect();
        self.network.connections[socket].follows_drop = self.dropped;
        self.socket = Some(socket);
        self.log.write(self.now, || format!("socket {socket} connects"));
        let there = self.network.socket_delay(&mut self.random);
        match self.network.is_down(self.now) {
            Some(true) => {}
            _ if self.now < self.network.blackhole_until => {}
            Some(false) => self.after(there, Happening::Fails(socket)),
            None if self.refuses_sockets() => self.after(there, Happening::Fails(socket)),
            None => self.after(there, Happening::Connects(socket)),
        }
    }

    fn refuses_sockets(&self) -> bool {
        self.expired.is_some() && self.scenario.expires_at.is_some_and(|(_, sockets_too)| sockets_too)
    }

    pub(super) fn replace_socket(&mut self, run: usize) -> Verdict {
        if let Some(socket) = self.socket {
            self.judge_replacement(run, socket)?;
        }
        self.endpoint.replace(&run);
        self.perform_endpoint()
    }

    /// Closes a socket properly, and returns how long that takes.
    fn shut(&mut self, socket: usize) -> f64 {
        self.log.write(self.now, || format!("socket {socket} is closed by us"));
        self.network.connections[socket].wanted = false;
        if !self.network.connections[socket].flows {
            return CLOSING_LIMIT_MS;
        }
        let there = self.network.arrival(&mut self.random, self.now, socket) - self.now;
        self.after(there, Happening::ServerNotices(0));
        (there + self.network.socket_delay(&mut self.random)).min(CLOSING_LIMIT_MS)
    }

    /// A connection reaches the server.
    pub(super) fn connects(&mut self, socket: usize) -> Verdict {
        if !self.network.connections[socket].flows || !self.network.connections[socket].wanted {
            return Ok(());
        }
        let at = self.network.arrival(&mut self.random, self.now, socket);
        if !self.server.up || self.refuses_sockets() {
            self.at(at, Happening::Fails(socket));
            return Ok(());
        }
        self.at(at, Happening::Opens(socket));
        self.server.connect(0, socket);
        self.flush();
        Ok(())
    }

    pub(super) fn opens(&mut self, socket: usize) -> Verdict {
        let is_current = self.socket == Some(socket) && self.endpoint.state() == State::Connecting;
        if !is_current || !self.network.connections[socket].flows {
            return Ok(());
        }
        self.log.write(self.now, || format!("socket {socket} is open"));
        self.network.connections[socket].spoke_at = self.now;
        self.endpoint.socket_opened();
        self.perform_endpoint()
    }

    pub(super) fn fails(&mut self, socket: usize) -> Verdict {
        if self.socket != Some(socket) || self.endpoint.state() != State::Connecting {
            return Ok(());
        }
        self.log.write(self.now, || format!("socket {socket} fails"));
        self.ends()
    }

    pub(super) fn closes(&mut self, socket: usize) -> Verdict {
        self.network.connections[socket].flows = false;
        if self.socket != Some(socket) {
            return Ok(());
        }
        self.log.write(self.now, || format!("socket {socket} closes"));
        self.dropped |= self.endpoint.state() == State::Open;
        self.ends()
    }

    fn ends(&mut self) -> Verdict {
        self.socket = None;
        self.endpoint.socket_closed();
        self.perform_endpoint()
    }

    /// Sends the frames of the server, and wakes its workers.
    pub(super) fn flush(&mut self) {
        for (job, delay) in std::mem::take(&mut self.server.alarms) {
            self.after(delay, Happening::Steps { job, life: self.server.life });
        }
        for (to, packet) in std::mem::take(&mut self.server.outbox) {
            let Some(socket) = self.server.sockets[0].filter(|_| to != To::Client(1)) else { continue };
            // Programs that took over the client id have no connection here.
            let Some(connection) = self.network.connections.get(socket) else { continue };
            if !connection.flows || (packet.last && self.random.chance(self.scenario.network.lost_ends)) {
                continue;
            }
            let packet = Rc::new(packet);
            let plan = &self.scenario.network;
            let (garbage, duplicates, echoes) = (plan.garbage, plan.duplicates, plan.echoes);
            if self.random.chance(garbage) {
                let content = frames::garbage(&mut self.random);
                self.deliver(socket, Rc::new(Packet { content, job: None, last: false }));
            }
            if self.random.chance(duplicates) {
                self.deliver(socket, packet.clone());
            }
            let arrives = self.deliver(socket, packet.clone());
            if self.random.chance(echoes) {
                let late = self.random.spread(1.0, 3_000.0);
                self.at(arrives + late, Happening::Arrives(socket, packet));
            }
        }
    }

    /// Sends a packet, and returns when it arrives.
    fn deliver(&mut self, socket: usize, packet: Rc<Packet>) -> f64 {
        let at = self.network.arrival(&mut self.random, self.now, socket);
        self.at(at, Happening::Arrives(socket, packet));
        at
    }

    pub(super) fn arrives(&mut self, socket: usize, packet: &Rc<Packet>) -> Verdict {
        let is_open = self.socket == Some(socket) && self.endpoint.state() == State::Open;
        if !is_open || !self.network.connections[socket].flows {
            return Ok(());
        }
        self.log.write(self.now, || format!("socket {socket} brings {packet}"));
        if packet.names_prompt() {
            self.network.connections[socket].named = packet.job;
        }
        if !packet.is_greeting() {
            self.network.connections[socket].brought = true;
            if packet.job.is_some() || packet.is_status() {
                self.network.connections[socket].spoke_at = self.now;
            }
        }
        match &packet.content {
            Content::Text(text) => {
                let mut verdict = Ok(());
                Frame::read(text, &mut |frame| {
                    if verdict.is_ok() {
                        let sole = frame.prompt_id.as_deref().and_then(|id| self.endpoint.sole_recipient(self.now, id));
                        let route = self.endpoint.route_frame(self.now, frame);
                        if let Some(run) = sole {
                            assert!(route.recipients().eq([&run]) && route.others.is_empty(), "{route:?} to {run}");
                        }
                        verdict = self.hand_out(&route, packet, |packet| Input::Frame(frame, packet));
                    }
                });
                verdict
            }
            Content::Binary(bytes) => {
                let Some(frame) = read_binary(bytes) else { return Ok(()) };
                let route = self.endpoint.route_binary(self.now, &frame);
                self.hand_out(&route, packet, |packet| Input::Binary(&frame, packet))
            }
        }
    }

    fn hand_out<'i>(
        &mut self,
        route: &Route<usize>,
        packet: &Rc<Packet>,
        input: impl Fn(Rc<Packet>) -> Input<'i>,
    ) -> Verdict {
        for run in &route.others {
            self.feed(*run, Input::OtherPromptFrame)?;
        }
        for run in route.recipients() {
            if packet.job.is_some() && packet.job == self.players[*run].job {
                self.players[*run].busy_at = self.now;
            }
            self.feed(*run, input(packet.clone()))?;
        }
        Ok(())
    }
}

/// Reads a binary message as the package does.
fn read_binary(bytes: &[u8]) -> Option<BinaryFrame> {
    let header = Header::read(&bytes[..bytes.len().min(HEADER_LENGTH)], bytes.len())?;
    let image_start = &bytes[header.image..bytes.len().min(header.image + 12)];
    BinaryFrame::new(&header, &bytes[header.metadata.clone()], image_start)
}
