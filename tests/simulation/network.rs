//! A network that delays and loses messages.

use super::random::Random;
use super::scenario;

/// One TCP connection of a socket.
#[derive(Debug)]
pub struct Connection {
    /// Packets come through.
    pub flows: bool,
    /// The client's side has not closed it.
    pub wanted: bool,
    /// It has brought more than the frames that are sent on connecting.
    pub brought: bool,
    /// When it opened, or last brought something that a stale socket would not have brought.
    pub spoke_at: f64,
    /// Since when it is open and stale.
    pub stale_since: Option<f64>,
    /// It replaced one that was dropped, not closed by the client.
    pub follows_drop: bool,
    /// The job that the last packet named that names one.
    pub named: Option<usize>,
    /// Packets of one connection keep their order.
    last_arrival: f64,
}

/// The network between a client and its server.
#[derive(Debug)]
pub struct Network {
    plan: scenario::Network,
    pub connections: Vec<Connection>,
    /// Until then requests fail, silently or with an error.
    pub outage: Option<(f64, bool)>,
    pub blackhole_until: f64,
    /// Requests fail at random until then.
    trouble_until: f64,
    /// When a request last failed.
    pub last_trouble: f64,
}

/// The fate of a request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Passage {
    /// It reaches the server, and its answer comes back after these delays.
    Through { there: f64, back: f64 },
    /// An answer that is not the server's, with this status, after this delay.
    Proxy { status: Option<u16>, after: f64 },
    /// It reaches the server, its answer is lost: the connection fails after these delays.
    AnswerLost { there: f64, back: f64 },
    /// There is no answer.
    Swallowed,
}

impl Network {
    pub fn new(plan: scenario::Network, trouble_until: f64) -> Network {
        Network {
            plan,
            connections: Vec::new(),
            outage: None,
            blackhole_until: 0.0,
            trouble_until,
            last_trouble: f64::NEG_INFINITY,
        }
    }

    /// The longest that an ordinary round trip takes.
    pub fn round_trip(&self) -> f64 {
        2.0 * self.plan.http.1.max(self.plan.socket.1)
    }

    pub fn is_down(&self, now: f64) -> Option<bool> {
        self.outage.filter(|(until, _)| now < *until).map(|(_, silent)| silent)
    }

    pub fn connect(&mut self) -> usize {
        self.connections.push(Connection {
            flows: true,
            wanted: true,
            brought: false,
            spoke_at: 0.0,
            stale_since: None,
            follows_drop: false,
            named: None,
            last_arrival: 0.0,
        });
        self.connections.len() - 1
    }

    pub fn http_delay(&self, random: &mut Random) -> f64 {
        random.between(self.plan.http.0, self.plan.http.1)
    }

    pub fn socket_delay(&self, random: &mut Random) -> f64 {
        random.between(self.plan.socket.0, self.plan.socket.1)
    }

    /// When a packet that is sent now arrives.
    pub fn arrival(&mut self, random: &mut Random, now: f64, connection: usize) -> f64 {
        let at = now + self.socket_delay(random);
        let connection = &mut self.connections[connection];
        connection.last_arrival = connection.last_arrival.max(at);
        connection.last_arrival
    }

    /// Decides the fate of a request that is sent now.
    pub fn request(&mut self, random: &mut Random, now: f64, server_up: bool) -> Passage {
        let (there, back) = (self.http_delay(random), self.http_delay(random));
        let passage = match self.is_down(now) {
            Some(true) => Passage::Swallowed,
            Some(false) => Passage::Proxy { status: None, after: there },
            None if !server_up => Passage::Proxy { status: random.pick(&[None, Some(502), Some(503)]), after: there },
            None if now < self.trouble_until && random.chance(self.plan.http_trouble) => match random.below(10) {
                0..2 => Passage::Proxy { status: None, after: there },
                2..6 => {
                    let status = random.pick(&[200, 400, 404, 429, 500, 502, 503, 504]);
                    Passage::Proxy { status: Some(status), after: there }
                }
                6 => Passage::AnswerLost { there, back },
                7 => Passage::Swallowed,
                8 => Passage::Through { there: random.between(10.0, 14_000.0), back },
                _ => Passage::Through { there, back: random.between(10.0, 30_000.0) },
            },
            None => return Passage::Through { there, back },
        };
        self.last_trouble = now;
        passage
    }
}
