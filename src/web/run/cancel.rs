//! Cancels a prompt on its server. What is sent is decided by [`Cancel`](crate::session::cancel::Cancel).

use wasm_bindgen::JsValue;

use crate::session::cancel::{Cancel, CancelError, Effect};
use crate::web::http::request::is_late;
use crate::web::http::server::{AbortHandle, Reply, Server};
use crate::web::js::error::ApiError;
use crate::web::js::globals::{self, now};
use crate::web::js::time::pause;
use crate::web::run::followed;

/// Cancels a prompt, whether it waits or runs. Calls that follow it in this program get `interrupted` at once. Resolves
/// within seconds: to whether the server had it, or to an error where the server did not confirm.
pub async fn cancel(server: &Server, prompt_id: &str) -> Result<bool, ApiError> {
    followed::tell_cancelled(server, prompt_id);
    let mut machine = Cancel::<JsValue>::new(server.dialect, prompt_id, now());
    let requests = AbortHandle::default();
    loop {
        let effect = machine.poll_effect(now());
        match effect {
            Effect::Send { request, within_ms } => {
                let body = request.body.as_deref();
                let reply = server.request_within(within_ms, request.method, &request.route, body, "", &requests).await;
                match reply {
                    Ok(Reply { status, text }) => machine.answered(now(), status, text),
                    Err(cause) => machine.unanswered(now(), cause),
                }
            }
            Effect::WaitUntil(until) => {
                pause(until - now()).await;
                machine.handle_timeout(now());
            }
            Effect::Done(Ok(had)) => return Ok(had),
            Effect::Done(Err(error)) => return Err(unconfirmed(server, prompt_id, error).await),
        }
    }
}

async fn unconfirmed(server: &Server, prompt_id: &str, error: CancelError<JsValue>) -> ApiError {
    // The error of a redirect that is not followed has its own advice.
    if let CancelError::Unanswered(cause) = &error
        && globals::get(cause, "hint").is_object()
    {
        return server.error_without_response(cause.clone()).await.with_text("promptId", Some(prompt_id));
    }
    let error = match error {
        CancelError::Unanswered(cause) if is_late(&cause) => {
            let message = [&server.address.base(), " has not answered the cancelling in time."].concat();
            ApiError::new("timeout", message).because(&cause)
        }
        CancelError::Unanswered(cause) => server.error_without_response(cause).await,
        CancelError::Refused { status, text } => server.error_from_response(&Reply { status, text }),
    };
    let advice = "The run may go on: cancel it once more when the server answers again.";
    error.with_text("promptId", Some(prompt_id)).advise("may_go_on", None, advice)
}
