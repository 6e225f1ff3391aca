//! What a failed request means, and what to do about it: the one place where answers of a server become errors.

use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::protocol::dialect::Dialect;
use crate::protocol::submission::Rejected;
use crate::text::substring::find;
use crate::web::http::request::is_late;
use crate::web::http::server::{Reply, Server};
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::json_text;

/// What a request carried, for the error about its answer.
#[derive(Debug, Clone, Copy)]
enum Carried<'a> {
    Nothing,
    Prompt,
    File(&'a str),
}

impl Server {
    /// The error of an answer to a question.
    pub fn error_from_response(&self, reply: &Reply) -> ApiError {
        self.error_from(reply, Carried::Nothing)
    }

    /// The error of an answer to a submission.
    pub fn error_from_submission(&self, reply: &Reply) -> ApiError {
        self.error_from(reply, Carried::Prompt)
    }

    /// The error of an answer to the upload of a file.
    pub fn error_from_upload(&self, reply: &Reply, name: &str) -> ApiError {
        self.error_from(reply, Carried::File(name))
    }

    fn error_from(&self, reply: &Reply, carried: Carried) -> ApiError {
        let base = self.address.base();
        let status = reply.status;
        let refusal = Rejected::read(&reply.text);
        let said = refusal.explain();
        let error = match (status, carried) {
            (400 | 422, Carried::Prompt) if !said.is_empty() => {
                let node_errors = json_text::parse(&refusal.node_errors).unwrap_or_default();
                ApiError::new("invalid_prompt", ["ComfyUI refused the prompt: ", &said].concat())
                    .with("nodeErrors", &node_errors)
            }
            (401, _) => {
                let error = ApiError::new("unauthorized", [&base, " wants a login or a valid key (401)."].concat());
                match (self.dialect, self.has_key()) {
                    (Dialect::Local, _) => error.advise(
                        "pass_login",
                        Some("headers"),
                        "Pass what it wants as headers: { Authorization }, or a login in the server URL.",
                    ),
                    (_, true) => error.advise("check_key", Some("apiKey"), "Check apiKey."),
                    (_, false) => error.advise("pass_key", Some("apiKey"), "Pass apiKey."),
                }
            }
            (402, _) => ApiError::new("unauthorized", [&base, " asks for payment (402): ", &said].concat()),
            (403, _) if reply.text.trim().is_empty() => self.forbidden_origin(globals::origin().as_deref()),
            (404 | 405, _) => ApiError::new("http", format!("There is no ComfyUI at {base} ({status}).")).advise(
                "check_address",
                Some("serverUrl"),
                "Check the address and its path.",
            ),
            (413, carried) => {
                let what = match carried {
                    Carried::File(name) => ["The file ", name].concat(),
                    Carried::Prompt | Carried::Nothing => "The prompt".to_owned(),
                };
                ApiError::new("http", [&what, " is larger than ", &base, " takes (413)."].concat()).advise(
                    "raise_upload_size",
                    None,
                    "Raise --max-upload-size of ComfyUI, or the limit of the proxy before it.",
                )
            }
            _ => {
                let said = if said.is_empty() { excerpt(&reply.text) } else { said };
                ApiError::new("http", format!("{base} answered with status {status}: {said}"))
            }
        };
        error.with_status(status)
    }

    /// The error of a request that got no answer. `cause`: what `fetch` threw, or a text of ours.
    pub async fn error_without_response(&self, cause: JsValue) -> ApiError {
        let base = self.address.base();
        let unreachable =
            |reason: &str| ApiError::new("network", ["Could not reach ComfyUI at ", &base, reason].concat());
        let cause = match ApiError::of_thrown(cause) {
            Ok(error) => return error,
            Err(cause) => cause,
        };
        if let Some(said) = cause.as_string() {
            let error = unreachable(&[": ", &said, "."].concat()).because(&cause);
            return match is_late(&cause) {
                true => error.advise("try_again", None, "It may be busy, or hang: try again later, or restart it."),
                false => error,
            };
        }
        let foreign = globals::origin().filter(|origin| *origin != self.address.origin());
        if let Some(origin) = foreign {
            if self.answers("cors").await {
                let message = format!(
                    "ComfyUI at {base} is there, but the browser keeps this answer from the page: the prompt may be \
                     larger than it takes (413), it failed inside (500), or it does not allow one of the headers. Its \
                     console tells."
                );
                return ApiError::new("http", message).because(&cause);
            }
            if self.answers("no-cors").await {
                return self.forbidden_origin(Some(&origin)).because(&cause);
            }
            if origin.starts_with("https:") && base.starts_with("http:") && !self.address.is_loopback() {
                return unreachable(": a page served over https may not call a server over http (mixed content).")
                    .advise("serve_https", None, "Serve ComfyUI over https, or the page over http.")
                    .because(&cause);
            }
        }
        self.unreachable(&system_code(&cause), unreachable).because(&cause)
    }

    /// What the runtime's code of a failed connection means.
    fn unreachable(&self, code: &str, error: impl Fn(&str) -> ApiError) -> ApiError {
        let is_https = self.address.base().starts_with("https:");
        match code {
            "ENOTFOUND" | "EAI_AGAIN" => error(&[": there is no host of this name (", code, ")."].concat()).advise(
                "check_address",
                Some("serverUrl"),
                "Check the address.",
            ),
            _ if ["CERT", "SIGNATURE"].iter().any(|word| find(code, word).is_some()) => {
                error(&[": its certificate is not trusted (", code, ")."].concat()).advise(
                    "trust_certificate",
                    None,
                    "Node trusts the authorities in the file that NODE_EXTRA_CA_CERTS names.",
                )
            }
            "EPROTO" | "ERR_SSL_WRONG_VERSION_NUMBER" | "ERR_SSL_PACKET_LENGTH_TOO_LONG" if is_https => error(
                &[": it does not speak https there (", code, ")."].concat(),
            )
            .advise("use_http", Some("serverUrl"), "Begin the address with http://."),
            "ECONNRESET" | "UND_ERR_SOCKET" | "HPE_INVALID_CONSTANT" if !is_https => {
                error(&[": it ended the connection without an answer (", code, ")."].concat()).advise(
                    "use_https",
                    Some("serverUrl"),
                    "If it is served over https, begin the address with https://.",
                )
            }
            _ => {
                let silent = if matches!(code, "" | "ECONNREFUSED") {
                    "Nothing answered.".to_owned()
                } else {
                    ["The reason: ", code, "."].concat()
                };
                let advice = ["Is it running, and is this the right address and port? ", &silent].concat();
                error(".").advise("start_server", Some("serverUrl"), &advice)
            }
        }
    }

    /// Whether the server answers a plain request: with `cors` and the page may read the answer, with `no-cors` at all.
    /// Without it a page cannot distinguish a server that refuses its origin, one whose answer it may not read and one
    /// that does not exist.
    async fn answers(&self, mode: &str) -> bool {
        let Some(fetch) = globals::fetch() else { return false };
        let options = Object::new();
        globals::set(&options, "mode", &JsValue::from_str(mode));
        let url = JsValue::from_str(&self.address.http("/system_stats"));
        match fetch.call2(&js_sys::global(), &url, &options) {
            Ok(answer) => JsFuture::from(Promise::resolve(&answer)).await.is_ok(),
            Err(_) => false,
        }
    }

    /// The 403 with an empty body that ComfyUI answers.
    fn forbidden_origin(&self, origin: Option<&str>) -> ApiError {
        let base = self.address.base();
        let who = origin.map_or_else(|| "this caller".to_owned(), |origin| format!("pages of {origin}"));
        let fix = match origin {
            Some(origin) if origin == self.address.origin() => "The page has the same address, so a proxy in between \
                changes the header Host: let it pass Host on as it is (Vite: without changeOrigin), or take Origin off."
                .to_owned(),
            Some(origin) if find(origin, "-extension://").is_some() => {
                "Use allowServer() of comfyui-autoflow/extension, or start ComfyUI with --enable-cors-header."
                    .to_owned()
            }
            Some(origin) => {
                format!(
                    "Start ComfyUI with --enable-cors-header {origin}, or serve the page from ComfyUI's own address."
                )
            }
            None => "Start ComfyUI with --enable-cors-header, or send no Origin header.".to_owned(),
        };
        let message = ["ComfyUI at ", &base, " refuses ", &who, " (403): it takes requests from its own origin only."];
        ApiError::new("forbidden_origin", message.concat()).with_status(403).advise("allow_origin", None, &fix)
    }
}

/// The code that a system gave the failure of a connection: on the error, or on what is underneath. Empty where the
/// runtime hides it, as browsers do.
fn system_code(cause: &JsValue) -> String {
    let mut error = cause.clone();
    for _ in 0..4 {
        if let Some(code) = globals::get(&error, "code").as_string() {
            return code;
        }
        let tried = globals::get(&globals::get(&error, "errors"), "0");
        error = if tried.is_object() { tried } else { globals::get(&error, "cause") };
    }
    String::new()
}

/// The start of a body that is not ComfyUI's, for a message: a proxy's HTML page in one line.
pub fn excerpt(text: &str) -> String {
    if text.trim().is_empty() {
        return "an empty answer".to_owned();
    }
    let mut plain = String::new();
    let mut in_tag = false;
    for character in text.chars() {
        match character {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                plain.push(' ');
            }
            _ if !in_tag => plain.push(character),
            _ => {}
        }
    }
    let line: Vec<&str> = plain.split_whitespace().collect();
    line.join(" ").chars().take(200).collect()
}
