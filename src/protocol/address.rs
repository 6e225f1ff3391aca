//! Server URLs: base URL, routes, socket. A base URL may have a path (behind a reverse proxy) and a login.

use crate::text::substring::split_once;

/// The address of a server, from which the URLs of its routes are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// `http` or `https`.
    scheme: &'static str,
    /// Host and port.
    authority: String,
    /// Path without its trailing slash; empty or `/…`.
    path: String,
    /// The query without its question mark: proxies take a token there. Part of every request, never printed.
    query: String,
    /// `user:password`, decoded, where the URL had a login. Never part of a URL that is made here.
    pub login: Option<String>,
}

/// Why a text is not a server URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressError {
    /// An empty text.
    Empty,
    /// A scheme other than http, https, ws, wss.
    Scheme,
    /// No host, or one with invalid characters.
    Host,
}

impl Address {
    /// Parses a server URL. `localhost:8188` without a scheme is `http`; `ws` and `wss` mean `http` and `https`.
    /// The fragment is dropped.
    pub fn read(url: &str) -> Result<Address, AddressError> {
        let url = url.trim();
        if url.is_empty() {
            return Err(AddressError::Empty);
        }
        let (scheme, rest) = match split_once(url, "://") {
            Some((scheme, rest)) => match scheme.to_ascii_lowercase().as_str() {
                "http" | "ws" => ("http", rest),
                "https" | "wss" => ("https", rest),
                _ => return Err(AddressError::Scheme),
            },
            None if url.split(['/', '?', '#']).next().is_some_and(looks_like_a_host) => ("http", url),
            None => return Err(AddressError::Scheme),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.find('/').map_or((rest, ""), |slash| rest.split_at(slash));
        let (login, host) = match authority.rsplit_once('@') {
            Some((login, host)) => (Some(percent_decode(login)), host),
            None => (None, authority),
        };
        let valid = |c: char| !c.is_whitespace() && !c.is_control() && !matches!(c, '<' | '>' | '"' | '\\' | '@');
        if host.is_empty() || host.starts_with(':') || !host.chars().all(valid) {
            return Err(AddressError::Host);
        }
        let path = path.trim_end_matches('/').chars().map(path_character).collect();
        let query = query.chars().map(path_character).collect();
        Ok(Address { scheme, authority: host.to_ascii_lowercase(), path, query, login })
    }

    /// Removes a suffix of the path. Returns whether it was there.
    pub fn strip_path_suffix(&mut self, end: &str) -> bool {
        let Some(rest) = self.path.strip_suffix(end).map(str::len) else { return false };
        self.path.truncate(rest);
        true
    }

    /// The URL of a route such as `/prompt`. It may hold a token: never printed.
    pub fn http(&self, route: &str) -> String {
        self.with_query(self.base() + route)
    }

    /// A URL of this server with the query of its address.
    pub fn with_query(&self, mut url: String) -> String {
        if !self.query.is_empty() {
            url.push(if url.as_bytes().contains(&b'?') { '&' } else { '?' });
            url.push_str(&self.query);
        }
        url
    }

    /// The URL of the WebSocket for a client id.
    pub fn socket(&self, client_id: &str) -> String {
        let scheme = if self.scheme == "https" { "wss" } else { "ws" };
        self.with_query(format!("{scheme}://{}{}/ws?clientId={}", self.authority, self.path, percent_encode(client_id)))
    }

    /// The base URL without login and query, for messages.
    pub fn base(&self) -> String {
        format!("{}://{}{}", self.scheme, self.authority, self.path)
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme, self.authority)
    }

    /// The host without the port, in lower case.
    pub fn host(&self) -> &str {
        let end = if self.authority.starts_with('[') { self.authority.find(']').map(|at| at + 1) } else { None };
        match end {
            Some(end) => &self.authority[..end],
            None => self.authority.split(':').next().unwrap_or_default(),
        }
    }

    /// Whether the host is this machine. ComfyUI checks the `Origin` header only there.
    pub fn is_loopback(&self) -> bool {
        let host = self.host();
        host == "localhost" || host == "[::1]" || host.starts_with("127.")
    }
}

/// Escapes the characters that a URL path cannot contain; existing escapes stay.
fn path_character(c: char) -> String {
    let plain = c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}');
    if plain { c.to_string() } else { percent_encode(c.encode_utf8(&mut [0; 4])) }
}

fn looks_like_a_host(text: &str) -> bool {
    let host = text.rsplit_once(':').map_or(text, |(host, port)| {
        if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) { host } else { "" }
    });
    host == "localhost" || (host.contains(['.', '[']) && !host.as_bytes().contains(&b' '))
}

/// Percent-encodes everything but unreserved characters (RFC 3986), for a path segment or a query value.
pub fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(byte as char),
            _ => {
                const HEX: &[u8; 16] = b"0123456789ABCDEF";
                encoded.extend(['%', HEX[usize::from(byte >> 4)] as char, HEX[usize::from(byte & 15)] as char]);
            }
        }
    }
    encoded
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |at: usize| bytes.get(at).and_then(|b| (*b as char).to_digit(16));
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                decoded.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_path_is_kept() {
        let address = Address::read("https://host.example/comfy/").unwrap();
        assert_eq!(address.http("/prompt"), "https://host.example/comfy/prompt");
        assert_eq!(address.socket("a b"), "wss://host.example/comfy/ws?clientId=a%20b");
        assert_eq!(address.base(), "https://host.example/comfy");
    }

    #[test]
    fn a_base_path_is_escaped_where_it_must_be_and_only_there() {
        let address = Address::read("http://localhost/a%20b/c d/é\n").unwrap();
        assert_eq!(address.base(), "http://localhost/a%20b/c%20d/%C3%A9");
    }

    #[test]
    fn a_query_goes_with_every_request_and_is_not_shown() {
        let address = Address::read("https://host.example/comfy/?token=a b#x").unwrap();
        assert_eq!(address.base(), "https://host.example/comfy");
        assert_eq!(address.http("/prompt"), "https://host.example/comfy/prompt?token=a%20b");
        assert_eq!(address.http("/view?filename=a"), "https://host.example/comfy/view?filename=a&token=a%20b");
        assert_eq!(address.socket("me"), "wss://host.example/comfy/ws?clientId=me&token=a%20b");
    }

    #[test]
    fn a_login_is_taken_out_of_the_url() {
        let address = Address::read("http://user:p%40ss@localhost:8188").unwrap();
        assert_eq!(address.login.as_deref(), Some("user:p@ss"));
        assert_eq!(address.base(), "http://localhost:8188");
    }

    #[test]
    fn a_host_alone_is_http_and_socket_schemes_are_understood() {
        for url in ["localhost:8188", "ws://localhost:8188", "HTTP://LOCALHOST:8188/", "localhost:8188/?x=1#y"] {
            assert_eq!(Address::read(url).unwrap().base(), "http://localhost:8188", "{url}");
        }
        assert_eq!(Address::read("192.168.1.4").unwrap().base(), "http://192.168.1.4");
        assert_eq!(Address::read("wss://x.example").unwrap().base(), "https://x.example");
    }

    #[test]
    fn an_invalid_address_is_refused_with_the_reason() {
        assert_eq!(Address::read("  "), Err(AddressError::Empty));
        assert_eq!(Address::read("ftp://x"), Err(AddressError::Scheme));
        assert_eq!(Address::read("file:///x"), Err(AddressError::Scheme));
        assert_eq!(Address::read("hello"), Err(AddressError::Scheme));
        assert_eq!(Address::read("http://"), Err(AddressError::Host));
        assert_eq!(Address::read("http:///x"), Err(AddressError::Host));
        assert_eq!(Address::read("http://a b"), Err(AddressError::Host));
    }

    #[test]
    fn loopback_hosts_are_recognised() {
        for (url, expected) in [
            ("http://localhost:8188", true),
            ("http://127.0.0.1", true),
            ("http://[::1]:8188", true),
            ("http://192.168.0.2:8188", false),
        ] {
            assert_eq!(Address::read(url).unwrap().is_loopback(), expected, "{url}");
        }
    }
}
