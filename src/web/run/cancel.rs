//! Stopping a prompt on the server, and no other.

use wasm_bindgen::JsValue;

use crate::protocol::address::percent_encode;
use crate::protocol::dialect::{Dialect, JobStatus};
use crate::protocol::json::{Raw, quoted};
use crate::protocol::queue::{QueueAnswer, QueuePosition};
use crate::web::http::server::{AbortHandle, Reply, Server};
use crate::web::js::error::ApiError;
use crate::web::js::time::pause;

/// A hiccup of the network does not keep a prompt running.
const TRIES: u32 = 4;
const PAUSE_MS: f64 = 250.0;

/// Why a try did not work.
enum Trouble {
    Silent(JsValue),
    Refused(Reply),
}

/// Takes a prompt back, whether it waits or runs. True where the server had it.
pub async fn cancel(server: &Server, prompt_id: &str) -> Result<bool, ApiError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match try_to_cancel(server, prompt_id).await {
            Ok(cancelled) => return Ok(cancelled),
            Err(_) if tries < TRIES => pause(PAUSE_MS * f64::from(tries)).await,
            Err(Trouble::Silent(cause)) => return Err(server.error_without_response(cause).await),
            Err(Trouble::Refused(reply)) => return Err(server.error_from_response(&reply)),
        }
    }
}

async fn try_to_cancel(server: &Server, prompt_id: &str) -> Result<bool, Trouble> {
    let requests = AbortHandle::default();
    let ask = async |method, route: &str, body: Option<&str>| {
        let reply = server.request(method, route, body, &requests).await.map_err(Trouble::Silent)?;
        if reply.status == 200 { Ok(reply) } else { Err(Trouble::Refused(reply)) }
    };
    if server.dialect == Dialect::V2 {
        let job = server.dialect.history(prompt_id);
        // One that waited is gone once it is cancelled, as one is that nobody knew.
        let before = ask("GET", &job, None).await.map(|reply| JobStatus::read(&reply.text));
        return match before {
            Ok(Some(JobStatus::Alive(_))) => {
                let reply = ask("POST", &[&job, "/cancel"].concat(), None).await?;
                let job = Raw::read(&reply.text).unwrap_or(Raw::NULL);
                // It may have come to its end before.
                Ok(!matches!(&*job.string_at("status"), "succeeded" | "failed"))
            }
            Err(Trouble::Refused(reply)) if reply.status != 404 => Err(Trouble::Refused(reply)),
            Err(Trouble::Silent(cause)) => Err(Trouble::Silent(cause)),
            _ => Ok(false),
        };
    }
    // Servers since 0.6 do it in one step. Older ones do not know the route: they answer 405, which a page of another
    // origin may not even see.
    let route = format!("/api/jobs/{}/cancel", percent_encode(prompt_id));
    if let Ok(reply) = ask("POST", &route, Some("{}")).await {
        let answer = Raw::read(&reply.text).unwrap_or(Raw::NULL);
        return Ok(answer.get("cancelled").text() != "false");
    }
    let place = async || match ask("GET", "/queue", None).await {
        Ok(reply) => match QueueAnswer::read(&reply.text, prompt_id) {
            Some(answer) => Ok(answer.position),
            None => Err(Trouble::Refused(reply)),
        },
        Err(trouble) => Err(trouble),
    };
    let before = place().await?;
    ask("POST", "/queue", Some(&format!("{{\"delete\":[{}]}}", quoted(prompt_id)))).await?;
    // It may have begun to run in between. Servers that do not know the prompt_id of an interrupt stop whatever runs:
    // so it is sent only while our own prompt is the one.
    if place().await? == QueuePosition::Running {
        ask("POST", "/interrupt", Some(&format!("{{\"prompt_id\":{}}}", quoted(prompt_id)))).await?;
        return Ok(true);
    }
    Ok(matches!(before, QueuePosition::Waiting(_)))
}
