//! Stopping a prompt on the server, and no other.

use serde_json::json;
use wasm_bindgen::JsValue;

use super::server::{Requests, Server};
use crate::protocol::address::percent_encode;
use crate::protocol::queue::{Place, QueueAnswer};

/// Takes a prompt back, whether it waits or runs. True where the server had it.
pub async fn cancel(server: &Server, prompt_id: &str) -> Result<bool, JsValue> {
    let requests = Requests::default();
    // Servers since 0.6 do it in one step.
    let route = format!("/api/jobs/{}/cancel", percent_encode(prompt_id));
    let reply = server.request("POST", &route, Some("{}"), &requests).await?;
    if reply.status == 200 {
        let answer: serde_json::Value = crate::protocol::json::parse(&reply.text).unwrap_or_default();
        return Ok(answer.get("cancelled").and_then(serde_json::Value::as_bool).unwrap_or(true));
    }
    let place = async || -> Result<Option<Place>, JsValue> {
        let reply = server.request("GET", "/queue", None, &requests).await?;
        Ok(QueueAnswer::read(&reply.text, prompt_id).map(|answer| answer.place))
    };
    let before = place().await?;
    let body = json!({ "delete": [prompt_id] }).to_string();
    server.request("POST", "/queue", Some(&body), &requests).await?;
    // It may have begun to run in between. Servers that do not know the prompt_id of an interrupt stop whatever runs:
    // so it is sent only while our own prompt is the one.
    if place().await? == Some(Place::Running) {
        let body = json!({ "prompt_id": prompt_id }).to_string();
        server.request("POST", "/interrupt", Some(&body), &requests).await?;
        return Ok(true);
    }
    Ok(matches!(before, Some(Place::Waiting(_))))
}
