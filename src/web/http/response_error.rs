//! What a failed request means, and what to do about it: the one place where answers of a server become errors.

use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::protocol::submission::Rejected;
use crate::web::http::server::{Reply, Server};
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::json_text;

impl Server {
    /// What a request that got no answer means, and what to do.
    pub async fn error_without_response(&self, cause: JsValue) -> ApiError {
        let base = self.address.base();
        // Not what `fetch` throws, but what we say of it.
        if let Some(said) = cause.as_string() {
            let message = format!("Could not reach ComfyUI at {base}: {said}.");
            return ApiError::new("network", message).because(&cause);
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
                let message = format!(
                    "Could not reach ComfyUI at {base}: a page served over https may not call a server over http \
                     (mixed content). Serve ComfyUI over https, or the page over http."
                );
                return ApiError::new("network", message).because(&cause);
            }
        }
        let message = format!(
            "Could not reach ComfyUI at {base}. Is it running, and is this the right address and port? Nothing answered."
        );
        ApiError::new("network", message).because(&cause)
    }

    /// Whether the server answers a plain request: `cors`, and the page may read the answer; `no-cors`, at all. To a page
    /// a server that refuses its origin, one whose answer it may not read and one that is not there look the same.
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

    /// What an answer other than 200 to a submission means, and what to do.
    pub fn error_from_response(&self, reply: &Reply) -> ApiError {
        let base = self.address.base();
        let status = reply.status;
        let refusal = Rejected::read(&reply.text);
        let said = refusal.explain();
        let failure = match status {
            400 | 422 if !said.is_empty() => {
                let message = format!("ComfyUI refused the prompt: {said}");
                let node_errors = json_text::parse(&refusal.node_errors).unwrap_or_default();
                ApiError::new("invalid_prompt", message).with("nodeErrors", &node_errors)
            }
            401 => ApiError::new(
                "unauthorized",
                format!(
                    "{base} wants a login or a valid key (401). Pass apiKey, headers, or a login in the server URL."
                ),
            ),
            402 => ApiError::new("unauthorized", format!("{base} asks for payment (402): {said}")),
            403 if reply.text.trim().is_empty() => self.forbidden_origin(globals::origin().as_deref()),
            404 | 405 => ApiError::new(
                "http",
                format!("There is no ComfyUI at {base} ({status}). Check the address and its path."),
            ),
            413 => ApiError::new(
                "http",
                format!("The prompt is larger than {base} takes (413). Raise --max-upload-size of ComfyUI."),
            ),
            _ => {
                let said = if said.is_empty() { excerpt(&reply.text) } else { said };
                ApiError::new("http", format!("{base} answered with status {status}: {said}"))
            }
        };
        failure.with_status(status)
    }

    /// The 403 that ComfyUI gives without a word.
    fn forbidden_origin(&self, origin: Option<&str>) -> ApiError {
        let base = self.address.base();
        let who = origin.map_or_else(|| "this caller".to_owned(), |origin| format!("pages of {origin}"));
        let fix = match origin {
            Some(origin) if origin == self.address.origin() => "The page has the same address, so a proxy in between \
                changes the header Host: let it pass Host on as it is (Vite: without changeOrigin), or take Origin off."
                .to_owned(),
            Some(origin) if origin.contains("-extension://") => {
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
        let message =
            format!("ComfyUI at {base} refuses {who} (403): it takes requests from its own origin only. {fix}");
        ApiError::new("forbidden_origin", message).with_status(403)
    }
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
