//! `Workflow.load`: a workflow or a prompt from wherever it is.

use std::rc::Rc;

use js_sys::{ArrayBuffer, Object, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::metadata::{Embedded, LARGEST_TEXT, Reader, Step};
use crate::protocol::address::Address;
use crate::protocol::json::{Raw, quoted};
use crate::web::api::api_flow::ApiFlow;
use crate::web::api::conversion;
use crate::web::api::options::Options;
use crate::web::http::server::{AbortHandle, Server};
use crate::web::js::abort;
use crate::web::js::boundary;
use crate::web::js::error::{ApiError, capitalised};
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::promise::promise;
use crate::web::js::validate;
use crate::workflow::{self, Form};

/// Reads workflows.
#[wasm_bindgen]
pub struct Workflow;

#[wasm_bindgen]
impl Workflow {
    /// Reads a workflow or a prompt out of an object, JSON text, bytes, a Blob, or a URL, and converts the editor's form.
    pub fn load(source: JsValue, options: JsValue) -> Promise {
        promise(async move {
            let options = Options::new(options, "Workflow.load")?;
            let signal = options.signal()?;
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

async fn find(source: &JsValue, options: &Options) -> Result<Source, JsValue> {
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
    match workflow::form(value) {
        Form::Editor => Ok(Source { workflow: Some(text), prompt: None }),
        Form::Prompt => Ok(Source { workflow: None, prompt: Some(text) }),
        Form::Other => {
            // What `POST /prompt` takes as a whole, and what pictures of some tools carry.
            let inner = value.get("prompt");
            if workflow::form(inner) == Form::Prompt {
                return Ok(Source { workflow: None, prompt: Some(inner.text().to_owned()) });
            }
            Err(ApiError::bad_input(format!(
                "This is neither a workflow of the editor (with a list of nodes) nor a prompt (nodes with class_type), \
                 but {}.",
                conversion::describe(value)
            )))
        }
    }
}

async fn fetched(url: &str, options: &Options) -> Result<Source, JsValue> {
    // Its own address: headers and keys of the server go to the server alone.
    let fetch = options.function("fetch")?;
    let nowhere = Address::read("http://localhost").map_err(|_| JsValue::UNDEFINED)?;
    let server = Server::new(nowhere, Vec::new(), fetch);
    let broken = |said: String| ApiError::bad_input(format!("Could not read {url}: {said}."));
    let response = server.get(url, &AbortHandle::default()).await.map_err(|cause| {
        let advice = if url.starts_with("file:") { ON_DISK } else { "" };
        ApiError::new("network", ["Could not fetch ", url, ".", advice].concat()).because(&cause)
    })?;
    if !response.ok() {
        return Err(broken(format!("status {}", response.status())).into());
    }
    let bytes = JsFuture::from(response.array_buffer()?).await?;
    of_bytes(&Uint8Array::new(&bytes)).await
}

async fn of_bytes(bytes: &Uint8Array) -> Result<Source, JsValue> {
    read(Reader::whole(bytes.to_vec()), async |_| Err(JsValue::UNDEFINED)).await
}

async fn of_blob(blob: &Blob) -> Result<Source, JsValue> {
    let piece = async |range: std::ops::Range<u64>| {
        let part = blob.slice_with_f64_and_f64(range.start as f64, range.end as f64)?;
        Ok(Uint8Array::new(&JsFuture::from(part.array_buffer()).await?).to_vec())
    };
    read(Reader::new(blob.size() as u64), piece).await
}

/// Reads a file, asking for the pieces that are needed.
async fn read(
    mut reader: Reader,
    piece: impl AsyncFn(std::ops::Range<u64>) -> Result<Vec<u8>, JsValue>,
) -> Result<Source, JsValue> {
    loop {
        match reader.step().map_err(|error| ApiError::bad_input(format!("{}.", capitalised(&error.to_string()))))? {
            Step::Need(range) => {
                let bytes = piece(range.clone()).await?;
                reader.feed(range.start, bytes);
            }
            Step::Inflate(bytes) => {
                let inflated = boundary::inflate(&Uint8Array::from(&bytes[..]), LARGEST_TEXT as f64);
                let inflated =
                    JsFuture::from(inflated).await.ok().and_then(|bytes| bytes.dyn_into::<Uint8Array>().ok());
                reader.inflated(inflated.map(|bytes| bytes.to_vec()));
            }
            Step::Done(Embedded { format: "JSON", workflow, prompt }) => {
                return Ok(of_json(workflow.or(prompt).unwrap_or_default())?);
            }
            Step::Done(Embedded { workflow, prompt, .. }) => return Ok(Source { workflow, prompt }),
        }
    }
}

async fn make(found: Source, options: &Options) -> Result<ApiFlow, JsValue> {
    let server_url = options.value("serverUrl");
    let workflow =
        found.workflow.as_deref().and_then(json_text::parse).and_then(|value| value.dyn_into::<Object>().ok());
    let has_schema = options.value("objectInfo").is_some()
        || server_url.is_some()
        || globals::environment("AUTOFLOW_COMFYUI_SERVER_URL").is_some();
    if let (Some(text), true) = (&found.workflow, has_schema || found.prompt.is_none()) {
        let info: Rc<workflow::ObjectInfo> = match options.value("objectInfo") {
            Some(given) => conversion::parse(&given)?,
            None if has_schema => conversion::ask(&*options.server()?).await?,
            None => {
                return Err(ApiError::new(
                    "no_server",
                    "Converting a workflow needs the schema of its nodes: pass objectInfo (what GET /object_info \
                     answers) or serverUrl, whose server is then asked.",
                )
                .into());
            }
        };
        let conversion = conversion::convert_text(text, &info, options)?;
        let report = conversion::report(&conversion);
        let part = |name| globals::get(&report, name);
        let flow = ApiFlow::new(part("prompt").unchecked_into(), workflow, server_url);
        return Ok(flow.with_report(part("warnings"), part("dropped")));
    }
    let prompt = object_of(found.prompt.as_deref().unwrap_or_default())?;
    Ok(ApiFlow::new(prompt, workflow, server_url))
}

fn object_of(text: &str) -> Result<Object, ApiError> {
    json_text::parse(text)
        .and_then(|value| value.dyn_into().ok())
        .ok_or_else(|| ApiError::bad_input("The prompt inside is not a JSON object."))
}
