//! The shared socket: opening, closing, what comes over it.

use std::rc::Rc;

use comfyui_autoflow::protocol::binary::{BinaryFrame, HEADER_LENGTH, Header};
use comfyui_autoflow::protocol::frame::Frame;
use comfyui_autoflow::session::run::machine::Input;

use super::{Happening, Verdict, World};
use crate::simulation::frames::{self, Content, Packet};
use crate::simulation::hub::{self, Share};
use crate::simulation::server::To;

impl World {
    pub(super) fn open_socket(&mut self, run: usize) {
        match self.hub.state {
            hub::State::Idle => self.connect(),
            hub::State::Connecting(_) | hub::State::Replacing => {}
            // Open already: word of it comes at once.
            hub::State::Open(socket) => {
                let _ = run;
                self.after(0.0, Happening::Opens(socket));
            }
        }
    }

    fn connect(&mut self) {
        let socket = self.network.connect();
        self.hub.state = hub::State::Connecting(socket);
        self.hub.reset();
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
        let (hub::State::Connecting(socket) | hub::State::Open(socket)) = self.hub.state else {
            if self.hub.state == hub::State::Idle {
                self.connect();
            }
            return Ok(());
        };
        self.judge_replacement(run, socket)?;
        self.hub.state = hub::State::Replacing;
        let done = self.shut(socket);
        self.after(done, Happening::Reconnects);
        // The other runs lose their socket too.
        for other in (0..self.players.len()).filter(|other| *other != run) {
            self.feed(other, Input::SocketClosed, None)?;
        }
        Ok(())
    }

    /// Closes a socket properly, and returns how long that takes.
    fn shut(&mut self, socket: usize) -> f64 {
        self.log.write(self.now, || format!("socket {socket} is closed by us"));
        self.network.connections[socket].wanted = false;
        if !self.network.connections[socket].flows {
            return 2_000.0;
        }
        let there = self.network.arrival(&mut self.random, self.now, socket) - self.now;
        self.after(there, Happening::ServerNotices(0));
        (there + self.network.socket_delay(&mut self.random)).min(2_000.0)
    }

    pub(super) fn close_socket(&mut self) {
        if let hub::State::Connecting(socket) | hub::State::Open(socket) = self.hub.state {
            self.shut(socket);
        }
        self.hub.state = hub::State::Idle;
    }

    pub(super) fn reconnects(&mut self) -> Verdict {
        let wanted = self.players.iter().any(|player| player.run.is_some() && player.observer.finished.is_none());
        if self.hub.state == hub::State::Replacing {
            if wanted {
                self.connect();
            } else {
                self.hub.state = hub::State::Idle;
            }
        }
        Ok(())
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
        match self.hub.state {
            hub::State::Connecting(current) if current == socket && self.network.connections[socket].flows => {
                self.log.write(self.now, || format!("socket {socket} is open"));
                self.hub.state = hub::State::Open(socket);
                self.network.connections[socket].spoke_at = self.now;
            }
            hub::State::Open(current) if current == socket => {}
            _ => return Ok(()),
        }
        self.tell(&Input::SocketOpened)
    }

    pub(super) fn fails(&mut self, socket: usize) -> Verdict {
        if self.hub.state != hub::State::Connecting(socket) {
            return Ok(());
        }
        self.log.write(self.now, || format!("socket {socket} fails"));
        self.hub.state = hub::State::Idle;
        self.tell(&Input::SocketClosed)
    }

    pub(super) fn closes(&mut self, socket: usize) -> Verdict {
        self.network.connections[socket].flows = false;
        match self.hub.state {
            hub::State::Open(current) | hub::State::Connecting(current) if current == socket => {}
            _ => return Ok(()),
        }
        self.log.write(self.now, || format!("socket {socket} closes"));
        self.hub.state = hub::State::Idle;
        self.tell(&Input::SocketClosed)
    }

    fn tell(&mut self, input: &Input) -> Verdict {
        for run in 0..self.players.len() {
            if matches!(input, Input::SocketOpened) {
                self.players[run].busy_at = self.now;
            }
            self.feed(run, input.clone(), None)?;
            // Whoever waited for the socket sends its prompt now.
            if self.players[run].run.is_some() {
                self.send(run)?;
            }
        }
        Ok(())
    }

    /// Sends what the server has to say, and wakes its workers.
    pub(super) fn flush(&mut self) {
        for (job, delay) in std::mem::take(&mut self.server.alarms) {
            self.after(delay, Happening::Steps { job, life: self.server.life });
        }
        for (to, packet) in std::mem::take(&mut self.server.outbox) {
            let Some(socket) = self.server.sockets[0].filter(|_| to != To::Client(1)) else { continue };
            // Programs that stole our client id have no connection here.
            let Some(connection) = self.network.connections.get(socket) else { continue };
            if !connection.flows || (packet.last && self.random.chance(self.scenario.network.lost_ends)) {
                continue;
            }
            let plan = &self.scenario.network;
            let (garbage, duplicates, echoes) = (plan.garbage, plan.duplicates, plan.echoes);
            if self.random.chance(garbage) {
                let content = frames::garbage(&mut self.random);
                self.deliver(socket, Packet { content, job: None, last: false });
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
    fn deliver(&mut self, socket: usize, packet: Packet) -> f64 {
        let at = self.network.arrival(&mut self.random, self.now, socket);
        self.at(at, Happening::Arrives(socket, packet));
        at
    }

    pub(super) fn arrives(&mut self, socket: usize, packet: &Packet) -> Verdict {
        if self.hub.state != hub::State::Open(socket) || !self.network.connections[socket].flows {
            return Ok(());
        }
        self.log.write(self.now, || format!("socket {socket} brings {packet}"));
        if !packet.is_greeting() {
            self.network.connections[socket].brought = true;
            if packet.job.is_some() || packet.is_status() {
                self.network.connections[socket].spoke_at = self.now;
            }
        }
        match &packet.content {
            Content::Text(text) => self.text_arrives(&text.clone(), packet),
            Content::Binary(bytes) => {
                let Some(frame) = read_binary(bytes) else { return Ok(()) };
                for run in 0..self.players.len() {
                    self.sign_of_life(run, packet);
                    self.feed(run, Input::Binary(&frame), Some(packet))?;
                }
                Ok(())
            }
        }
    }

    fn text_arrives(&mut self, text: &Rc<str>, packet: &Packet) -> Verdict {
        let mut verdict = Ok(());
        Frame::read(text, &mut |frame| {
            if verdict.is_ok() {
                verdict = self.frame_arrives(frame, packet);
            }
        });
        verdict
    }

    fn frame_arrives(&mut self, frame: &Frame, packet: &Packet) -> Verdict {
        let runs: Vec<(usize, Option<usize>)> = (self.players.iter().enumerate())
            .filter(|(_, player)| player.run.is_some() && player.observer.finished.is_none())
            .map(|(at, player)| (at, player.job.filter(|_| player.accepted)))
            .collect();
        let shares = match &frame.prompt_id {
            Some(id) => {
                let named = self.server.jobs.iter().position(|job| job.id == **id);
                // A prompt that nobody has heard of is still another one.
                self.hub.share(self.now, named.or(Some(usize::MAX)), &runs)
            }
            None => runs.iter().map(|(run, _)| (*run, Share::All)).collect(),
        };
        for (run, share) in shares {
            match share {
                Share::All => {
                    self.sign_of_life(run, packet);
                    self.feed(run, Input::Frame(frame), Some(packet))?;
                }
                Share::Word => self.feed(run, Input::ForeignFrame, None)?,
                Share::Nothing => {}
            }
        }
        Ok(())
    }

    fn sign_of_life(&mut self, run: usize, packet: &Packet) {
        if packet.job.is_some() && packet.job == self.players[run].job {
            self.players[run].busy_at = self.now;
        }
    }
}

/// Reads a binary message as the package does.
fn read_binary(bytes: &[u8]) -> Option<BinaryFrame> {
    let header = Header::read(&bytes[..bytes.len().min(HEADER_LENGTH)], bytes.len())?;
    let image_start = &bytes[header.image..bytes.len().min(header.image + 12)];
    BinaryFrame::new(&header, &bytes[header.metadata.clone()], image_start)
}
