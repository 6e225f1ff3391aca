//! `Workflow.load`: reads a workflow or a prompt from an object, text, file or URL.

use js_sys::{ArrayBuffer, Object, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::protocol::address::Address;
use crate::protocol::document::{Document, DocumentKind};
use crate::protocol::json::{Raw, quoted};
use crate::web::api::api_flow::ApiFlow;
use crate::web::api::converter;
use crate::web::api::options::{LoadOptions, ObjectInfoOptions};
use crate::web::http::server::{AbortHandle, Server};
use crate::web::js::abort;
use crate::web::js::boundary;
use crate::web::js::error::{ApiError, capitalised};
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::promise::promise;
use crate::web::js::validate;

/// Reads workflows.
#[wasm_bindgen]
pub struct Workflow;

#[wasm_bindgen]
impl Workflow {
    /// Reads a workflow or a prompt out of an object, JSON text, bytes, a Blob, or a URL, and converts the editor's form.
    pub fn load(source: JsValue, options: JsValue) -> Promise {
        let options = LoadOptions::read(options);
        promise(async move {
            let options = options?;
            let signal = options.signal.clone();
            let work = async move {
                let found = find(&source, &options).await?;
                make(found, &options).await.map(JsValue::from)
            };
            abort::abortable(signal, || {}, work).await
        })
    }
}

/// JSON texts of what was found: at least one of the two.
struct Source {
    workflow: Option<String>,
    prompt: Option<String>,
}

const WANTED: &str = "Workflow.load reads an object, JSON text, bytes, a Blob or File, or a URL.";

/// Not every runtime's `fetch` opens files.
const ON_DISK: &str = " A file of the disk is read by loadFile of comfyui-autoflow/node.";

async fn find(source: &JsValue, options: &LoadOptions) -> Result<Source, JsValue> {
    validate::settled(source, WANTED)?;
    if let Some(text) = json_text::string(source) {
        let start = text.trim_start();
        if ["http://", "https://", "blob:", "data:", "file:"].iter().any(|scheme| start.starts_with(scheme)) {
            return fetched(text.trim(), options).await;
        }
        return Ok(of_json(text)?);
    }
    if let Some(blob) = source.dyn_ref::<Blob>() {
        return of_blob(blob).await;
    }
    if source.is_instance_of::<ArrayBuffer>() {
        return of_bytes(&Uint8Array::new(source)).await;
    }
    if ArrayBuffer::is_view(source.unchecked_ref::<Object>()) {
        let field = |key| globals::get(source, key);
        let number = |key| field(key).as_f64().unwrap_or_default() as u32;
        let buffer = field("buffer");
        let bytes = Uint8Array::new_with_byte_offset_and_length(&buffer, number("byteOffset"), number("byteLength"));
        return of_bytes(&bytes).await;
    }
    if let Some(href) = globals::get(source, "href").as_string() {
        return fetched(&href, options).await;
    }
    if source.is_object() && !source.is_function() {
        let text = json_text::text(source)
            .ok_or_else(|| ApiError::bad_input(["The workflow ", validate::UNWRITABLE, "."].concat()))?;
        return Ok(of_json(text)?);
    }
    Err(ApiError::bad_input(WANTED).into())
}

fn of_json(text: String) -> Result<Source, ApiError> {
    let value = Raw::read(&text).map_err(|error| {
        let start: String = text.trim_start().chars().take(40).collect();
        let advice = if start.starts_with(['{', '[']) { "" } else { ON_DISK };
        let start = quoted(&start);
        ApiError::bad_input(format!("{WANTED} This text is neither JSON nor a URL: {start} ({error}).{advice}"))
    })?;
    let document = Document::search(value);
    if document.is_empty() {
        return Err(ApiError::bad_input(capitalised(&document.explain(value)) + "."));
    }
    Ok(Source { workflow: document.workflow, prompt: document.prompt })
}

async fn fetched(url: &str, options: &LoadOptions) -> Result<Source, JsValue> {
    // Headers and keys of the server are sent to the server alone.
    let fetch = options.server.fetch.clone();
    let nowhere = Address::read("http://localhost").map_err(|_| JsValue::UNDEFINED)?;
    let server = Server::new(nowhere, Vec::new(), fetch);
    let broken = |said: String| ApiError::bad_input(format!("Could not read {url}: {said}."));
    let response = server.get_given(url, &AbortHandle::default()).await.map_err(|cause| {
        let advice = if url.starts_with("file:") { ON_DISK } else { "" };
        ApiError::new("network", ["Could not fetch ", url, ".", advice].concat()).because(&cause)
    })?;
    if !response.ok() {
        return Err(broken(format!("status {}", response.status())).into());
    }
    let bytes: Uint8Array = match JsFuture::from(boundary::read_body(&response, &JsValue::UNDEFINED)).await {
        Ok(bytes) => bytes.unchecked_into(),
        Err(cause) => {
            let message = ["The connection broke while ", url, " was fetched. Fetch it again."].concat();
            return Err(ApiError::new("network", message).because(&cause).into());
        }
    };
    of_bytes(&bytes).await
}

async fn of_bytes(bytes: &Uint8Array) -> Result<Source, JsValue> {
    let start = bytes.subarray(0, HEAD).to_vec();
    let text = if is_json(&start) { String::from_utf8(bytes.to_vec()).ok() } else { None };
    of_file(bytes.as_ref(), text).await
}

async fn of_blob(blob: &Blob) -> Result<Source, JsValue> {
    let size = blob.size().min(LARGEST_TEXT);
    let part = async |end: f64| -> Result<Vec<u8>, JsValue> {
        let part = blob.slice_with_f64_and_f64(0.0, end)?;
        Ok(Uint8Array::new(&JsFuture::from(part.array_buffer()).await?).to_vec())
    };
    let is_json = is_json(&part(size.min(f64::from(HEAD))).await?);
    let text = if is_json { String::from_utf8(part(size).await?).ok() } else { None };
    of_file(blob, text).await
}

/// How much of a file's beginning is looked at.
const HEAD: u32 = 64;
/// No file of JSON is larger than this, in bytes.
const LARGEST_TEXT: f64 = 64e6;

fn is_json(start: &[u8]) -> bool {
    start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start().starts_with(b"{")
}

/// A file. One that is a prompt itself, as JSON, needs no converter; all others are the converter's to read.
async fn of_file(file: &JsValue, text: Option<String>) -> Result<Source, JsValue> {
    if let Some(text) = text
        && let Ok(value) = Raw::read(text.trim_start_matches('\u{feff}'))
        && DocumentKind::of(value) == DocumentKind::Prompt
    {
        return Ok(Source { workflow: None, prompt: Some(value.text().to_owned()) });
    }
    let found = JsFuture::from(converter::load().await?.read_file(file)).await?;
    let part = |name| json_text::string(&globals::get(&found, name));
    Ok(Source { workflow: part("workflow"), prompt: part("prompt") })
}

async fn make(found: Source, options: &LoadOptions) -> Result<ApiFlow, JsValue> {
    let workflow =
        found.workflow.as_deref().and_then(json_text::parse).and_then(|value| value.dyn_into::<Object>().ok());
    let has_schema = options.object_info.is_some() || options.server.is_named();
    if let (Some(text), true) = (&found.workflow, has_schema || found.prompt.is_none()) {
        if !has_schema {
            return Err(ApiError::new("no_server", "Converting a workflow needs the schema of its nodes.")
                .advise(
                    "pass_object_info",
                    Some("objectInfo"),
                    "Pass objectInfo, which is what GET /object_info answers, or serverUrl, whose server is then asked.",
                )
                .into());
        }
        // Begins before the server is asked: both take their time.
        let converter = converter::load();
        let info = match &options.object_info {
            Some(given) => given.clone(),
            None => object_info(&*options.server.server("Workflow.load")?).await?,
        };
        let conversion = converter.await?.convert(&JsValue::from_str(text), &info, &options.conversion.to_object())?;
        let part = |name| globals::get(&conversion, name);
        let flow = ApiFlow::new(part("prompt").unchecked_into(), workflow);
        return Ok(flow.with_report(["warnings", "dropped", "chosen"].map(part)));
    }
    let prompt = object_of(found.prompt.as_deref().unwrap_or_default())?;
    Ok(ApiFlow::new(prompt, workflow))
}

/// Asks a server what its node classes are: the text of its answer.
async fn object_info(server: &Server) -> Result<JsValue, JsValue> {
    match server.request("GET", "/object_info", None, &AbortHandle::default()).await {
        Ok(reply) if reply.status == 200 => Ok(JsValue::from_str(&reply.text)),
        Ok(reply) => Err(server.error_from_response(&reply).into()),
        Err(cause) => Err(server.error_without_response(cause).await.into()),
    }
}

/// `ObjectInfo.fetch` without the parsing, which is the converter's: the text of the server's answer.
#[wasm_bindgen(js_name = fetchObjectInfo)]
pub fn fetch_object_info(server_url: JsValue, options: JsValue) -> Promise {
    promise(async move {
        let options = ObjectInfoOptions::read_at(server_url, options)?;
        let server = options.server.server("ObjectInfo.fetch")?;
        abort::abortable(options.signal, || {}, async move { object_info(&server).await }).await
    })
}

fn object_of(text: &str) -> Result<Object, ApiError> {
    json_text::parse(text)
        .and_then(|value| value.dyn_into().ok())
        .ok_or_else(|| ApiError::bad_input("The prompt inside is not a JSON object."))
}
