//! The faults.

use super::{Happening, Verdict, World};
use crate::simulation::scenario::Fault;

/// A socket of another program with the same client id.
const THIEF: usize = usize::MAX;

impl World {
    pub(super) fn fault(&mut self, at: usize) -> Verdict {
        let fault = self.scenario.faults[at].1.clone();
        self.log.write(self.now, || format!("FAULT {fault:?}"));
        match fault {
            Fault::Drop { client_sees, server_sees } => self.drop_connection(client_sees, server_sees),
            Fault::Close => {
                if let Some(socket) = self.socket {
                    let at = self.network.arrival(&mut self.random, self.now, socket);
                    self.server.notice_end(0);
                    self.at(at, Happening::Closes(socket));
                }
            }
            Fault::Steal { leaves_after } => {
                self.server.sockets[0] = Some(THIEF);
                if let Some(after) = leaves_after {
                    self.after(after, Happening::ServerNotices(0));
                }
            }
            Fault::Deafen => self.server.notice_end(0),
            Fault::Restart { down } => {
                if self.server.up {
                    self.server.stop(self.now);
                    self.after(down, Happening::ServerReturns);
                    if let Some(socket) = self.socket {
                        let after = self.network.socket_delay(&mut self.random);
                        self.after(after, Happening::Closes(socket));
                    }
                }
            }
            Fault::Dequeue(run) => {
                if let Some(job) = self.players[run].job {
                    self.server.dequeue(self.now, job);
                    self.flush();
                }
            }
            Fault::Interrupt(run) => {
                if let Some(job) = self.players[run].job {
                    self.server.interrupt(job);
                }
            }
            Fault::ForgetHistory => self.server.forget_history(self.now),
            Fault::Outage { lasts, silent } => {
                self.network.outage = Some((self.now + lasts, silent));
                let seen = self.random.spread(1.0, 2_000.0);
                self.drop_connection((!silent).then_some(seen), Some(lasts.min(30_000.0)));
            }
            Fault::Blackhole { lasts } => {
                self.network.blackhole_until = self.now + lasts;
                self.drop_connection(Some(1.0), None);
            }
        }
        Ok(())
    }

    fn drop_connection(&mut self, client_sees: Option<f64>, server_sees: Option<f64>) {
        let Some(socket) = self.socket else { return };
        self.network.connections[socket].flows = false;
        if let Some(after) = client_sees {
            self.after(after, Happening::Closes(socket));
        }
        // The server notices nothing of a connection that never reached it.
        if let Some(after) = server_sees.filter(|_| self.server.sockets[0] == Some(socket)) {
            self.after(after, Happening::ServerNotices(0));
        }
    }

    pub(super) fn expires(&mut self) -> Verdict {
        self.log.write(self.now, || "FAULT the token expires".into());
        self.expired = Some(self.now);
        let sockets_too = self.scenario.expires_at.is_some_and(|(_, sockets_too)| sockets_too);
        if let Some(socket) = self.socket.filter(|_| sockets_too) {
            self.after(1.0, Happening::Closes(socket));
        }
        Ok(())
    }
}
