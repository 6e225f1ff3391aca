//! Redirects: what is sent to the address that a server names. Headers, keys and bodies of the caller are sent only to
//! the origin that the caller chose.

use crate::text::substring::{find, split_once};

/// A request that was answered with a redirect.
#[derive(Debug, Clone, Copy)]
pub struct Redirected<'a> {
    /// Status, 301, 302, 303, 307 or 308.
    pub status: u16,
    /// Whether it was a `GET`.
    pub is_get: bool,
    /// Whether it had headers or a key of the caller.
    pub has_headers: bool,
    /// Whether another origin may answer, such as a store for a file.
    pub may_leave: bool,
    /// The absolute URL that was asked.
    pub from: &'a str,
    /// The absolute URL that the server names.
    pub to: &'a str,
}

/// How to follow a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// The same request again, to the same origin.
    Whole,
    /// A `GET` without headers and body.
    Bare,
}

/// Why a redirect is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotFollowed {
    /// Its scheme is neither http nor https.
    Scheme,
    /// It would turn a `POST` into a `GET`: the server would not get what is sent.
    BecomesGet,
    /// It would carry headers, a key or a body to another origin.
    OtherOrigin,
}

/// Whether a status is a redirect.
pub fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Whether the scheme is http or https. Other URLs that a server names are never fetched: some runtimes read local
/// files through `file:`.
pub fn is_web(url: &str) -> bool {
    let scheme = split_once(url, "://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
}

/// Scheme, host and port of an absolute URL.
pub fn origin(url: &str) -> &str {
    let authority = find(url, "://").map_or(0, |at| at + 3);
    let end = url[authority..].find(['/', '?', '#']).map_or(url.len(), |at| authority + at);
    &url[..end]
}

impl Redirected<'_> {
    pub fn follow(self) -> Result<Follow, NotFollowed> {
        if !is_web(self.to) {
            return Err(NotFollowed::Scheme);
        }
        let same_origin = origin(self.from) == origin(self.to);
        match (self.is_get, self.status) {
            (false, 301..=303) => Err(NotFollowed::BecomesGet),
            _ if same_origin => Ok(Follow::Whole),
            (true, _) if self.may_leave || !self.has_headers => Ok(Follow::Bare),
            _ => Err(NotFollowed::OtherOrigin),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: Redirected = Redirected {
        status: 307,
        is_get: false,
        has_headers: true,
        may_leave: false,
        from: "http://a.example:8188/prompt",
        to: "http://a.example:8188/comfy/prompt",
    };

    #[test]
    fn the_same_origin_gets_all_again() {
        assert_eq!(FROM.follow(), Ok(Follow::Whole));
        assert_eq!(Redirected { status: 302, is_get: true, ..FROM }.follow(), Ok(Follow::Whole));
    }

    #[test]
    fn a_post_that_would_become_a_get_is_not_followed() {
        for status in [301, 302, 303] {
            assert_eq!(Redirected { status, ..FROM }.follow(), Err(NotFollowed::BecomesGet));
        }
    }

    #[test]
    fn another_origin_gets_neither_headers_nor_body() {
        for to in [
            "https://a.example:8188/prompt",
            "http://a.example/prompt",
            "http://b.example:8188/",
            "http://a.example:8188@b/",
        ] {
            let there = Redirected { to, ..FROM };
            assert_eq!(there.follow(), Err(NotFollowed::OtherOrigin), "{to}");
            assert_eq!(Redirected { has_headers: false, ..there }.follow(), Err(NotFollowed::OtherOrigin), "{to}");
            assert_eq!(Redirected { is_get: true, ..there }.follow(), Err(NotFollowed::OtherOrigin), "{to}");
            assert_eq!(Redirected { is_get: true, may_leave: true, ..there }.follow(), Ok(Follow::Bare), "{to}");
            assert_eq!(Redirected { is_get: true, has_headers: false, ..there }.follow(), Ok(Follow::Bare), "{to}");
        }
    }

    #[test]
    fn only_addresses_of_the_web_are_followed() {
        for to in ["file:///etc/passwd", "javascript:alert(1)", "data:text/plain,x", "blob:http://a/x", "ftp://a/x", ""]
        {
            assert_eq!(
                Redirected { is_get: true, may_leave: true, to, ..FROM }.follow(),
                Err(NotFollowed::Scheme),
                "{to}"
            );
            assert!(!is_web(to), "{to}");
        }
        assert!(is_web("HTTPS://a/"));
    }
}
