//! The files that a run made: listed from its outputs, fetched when they are asked for, a few at a time.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Array, Function, Object, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Response};

use crate::files::outputs::{self, Content, Output, OutputFile};
use crate::files::selection::{self, Selection};
use crate::files::view;
use crate::protocol::dialect::Dialect;
use crate::protocol::json::Raw;
use crate::text::fifo::Fifo;
use crate::web::api::options::ContentOptions;
use crate::web::http::server::{AbortHandle, Server};
use crate::web::js::abort;
use crate::web::js::boundary;
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::promise::promise;
use crate::web::run::pictures::Picture;

/// A file that a run made, or a text that it showed. Its content is fetched when it is asked for.
#[wasm_bindgen]
pub struct ResultFile {
    content: Rc<Source>,
}

/// What was made, and where it comes from.
struct Source {
    output: Output,
    /// Where the server has it; empty where it does not.
    url: String,
    /// The content of a picture that came over the socket.
    picture: Option<Rc<Picture>>,
    server: Rc<Server>,
    slots: Rc<Slots>,
}

/// The method whose body is read by the caller.
const STREAM: &str = "stream";
/// How many files are fetched at the same time: browsers open six connections to a server, and events need one too.
const FETCHED_AT_ONCE: u32 = 4;

/// A semaphore that limits the fetches at the same time.
struct Slots {
    free: Cell<u32>,
    waiting: RefCell<Fifo<Function>>,
}

impl Slots {
    async fn take(self: &Rc<Self>) -> Slot {
        if self.free.get() == 0 {
            let turn = Promise::new(&mut |resolve, _| self.waiting.borrow_mut().push(resolve));
            let _ = JsFuture::from(turn).await;
        } else {
            self.free.set(self.free.get() - 1);
        }
        Slot(self.clone())
    }
}

/// A permit of the semaphore; dropping it wakes the next waiter.
struct Slot(Rc<Slots>);

impl Drop for Slot {
    fn drop(&mut self) {
        match self.0.waiting.borrow_mut().pop() {
            Some(next) => drop(next.call0(&JsValue::UNDEFINED)),
            None => self.0.free.set(self.0.free.get() + 1),
        }
    }
}

/// Lists what a run made, as far as it is wanted. `prompt`: as JSON text; `pictures`: what came over the socket.
pub fn list(
    server: &Rc<Server>,
    outputs: &Object,
    prompt: &str,
    pictures: &[Rc<Picture>],
    wanted: &Selection,
) -> Array {
    // One by one: an output that cannot be written or read hides no other.
    let texts: Vec<(String, String)> = Object::entries(outputs)
        .iter()
        .filter_map(|entry| {
            let entry: Array = entry.unchecked_into();
            Some((entry.get(0).as_string()?, json_text::text(&entry.get(1))?))
        })
        .collect();
    let nodes: Vec<(&str, Raw)> =
        texts.iter().filter_map(|(id, output)| Some((id.as_str(), Raw::read(output).ok()?))).collect();
    let slots = Rc::new(Slots { free: Cell::new(FETCHED_AT_ONCE), waiting: RefCell::default() });
    selection::select(outputs::collect(&nodes, Raw::read(prompt).unwrap_or(Raw::NULL)), wanted)
        .into_iter()
        .map(|output| {
            let picture = match &output.content {
                Content::File(file) => pictures
                    .iter()
                    .find(|picture| *picture.node == *output.node_id && *picture.filename == *file.filename)
                    .cloned(),
                Content::Text(_) => None,
            };
            let url = match &output.content {
                _ if picture.is_some() => String::new(),
                Content::File(file) if server.dialect == Dialect::V2 && !file.url.is_empty() => {
                    view::asset_url(&server.address.base(), &file.url)
                }
                Content::File(file) => view::url(&server.address.base(), &server.dialect.route("/view"), file),
                Content::Text(_) => String::new(),
            };
            let content = Source { output, url, picture, server: server.clone(), slots: slots.clone() };
            JsValue::from(ResultFile { content: Rc::new(content) })
        })
        .collect()
}

#[wasm_bindgen]
impl ResultFile {
    /// Its name, as the server gave it; empty for a text.
    #[wasm_bindgen(getter)]
    pub fn filename(&self) -> String {
        self.file().map_or_else(String::new, |file| file.filename.clone())
    }

    /// The folder below that of its type.
    #[wasm_bindgen(getter)]
    pub fn subfolder(&self) -> String {
        self.file().map_or_else(String::new, |file| file.subfolder.clone())
    }

    /// The server's folder: `"output"`, `"temp"` or `"input"`; empty for a text.
    #[wasm_bindgen(getter, js_name = type)]
    pub fn folder(&self) -> String {
        self.file().map_or_else(String::new, |file| file.folder.clone())
    }

    /// What it is: `"image"`, `"video"`, `"audio"`, `"text"`, `"3d"`, `"latent"` or `"file"`.
    #[wasm_bindgen(getter)]
    pub fn kind(&self) -> String {
        self.content.output.kind.name().to_owned()
    }

    /// What the node listed it under, such as `"images"` or `"gifs"`.
    #[wasm_bindgen(getter)]
    pub fn key(&self) -> String {
        self.content.output.key.clone()
    }

    /// The node that made it.
    #[wasm_bindgen(getter, js_name = nodeId)]
    pub fn node_id(&self) -> String {
        self.content.output.node_id.clone()
    }

    /// MIME type, by its extension.
    #[wasm_bindgen(getter, js_name = mimeType)]
    pub fn mime_type(&self) -> String {
        self.file().map_or("text/plain", OutputFile::mime_type).to_owned()
    }

    /// Where the server has it. Of a picture that came over the socket a Blob's URL; empty for a text, which came with the
    /// history.
    #[wasm_bindgen(getter)]
    pub fn url(&self) -> String {
        self.content.picture.as_ref().map_or_else(|| self.content.url.clone(), |picture| picture.url())
    }

    /// Its content as a Blob: `{ signal, onProgress(loaded, total) }`, in bytes, the total is 0 where the server does
    /// not send it.
    pub fn blob(&self, options: JsValue) -> Promise {
        let content = self.content.clone();
        promise(async move {
            if let Some(picture) = &content.picture {
                ContentOptions::read_for("blob", options)?;
                return Ok(picture.blob.clone().into());
            }
            let bytes = content.clone().fetch(options, "blob").await?;
            let options = Object::new();
            let mime_type = content.file().map_or("text/plain", OutputFile::mime_type);
            globals::set(&options, "type", &JsValue::from_str(mime_type));
            let blob = Blob::new_with_u8_array_sequence_and_options(&Array::of1(&bytes), options.unchecked_ref())?;
            Ok(blob.into())
        })
    }

    /// Its content as bytes; options as for `blob`.
    pub fn bytes(&self, options: JsValue) -> Promise {
        let content = self.content.clone();
        promise(content.fetch(options, "bytes"))
    }

    /// Its content as a `ReadableStream` of bytes, for what is too large to be held; options as for `blob`.
    pub fn stream(&self, options: JsValue) -> Promise {
        promise(self.content.clone().fetch(options, STREAM))
    }

    /// Its content as text; options as for `blob`.
    pub fn text(&self, options: JsValue) -> Promise {
        let content = self.content.clone();
        promise(async move {
            let bytes: Uint8Array = content.fetch(options, "text").await?.unchecked_into();
            Ok(JsValue::from_str(&String::from_utf8_lossy(&bytes.to_vec())))
        })
    }

    /// What it is, for `JSON.stringify` and logs.
    #[wasm_bindgen(js_name = toJSON)]
    pub fn to_json(&self) -> JsValue {
        let described = Object::new();
        for (name, value) in self.content.output.fields() {
            globals::set(&described, name, &JsValue::from_str(value));
        }
        globals::set(&described, "url", &JsValue::from_str(&self.url()));
        described.into()
    }

    fn file(&self) -> Option<&OutputFile> {
        self.content.file()
    }
}

impl Source {
    fn file(&self) -> Option<&OutputFile> {
        match &self.output.content {
            Content::File(file) => Some(file),
            Content::Text(_) => None,
        }
    }

    async fn fetch(self: Rc<Self>, options: JsValue, call: &'static str) -> Result<JsValue, JsValue> {
        let ContentOptions { signal, on_progress } = ContentOptions::read_for(call, options)?;
        let on_progress = on_progress.map_or(JsValue::UNDEFINED, JsValue::from);
        let aborting = signal.clone().unwrap_or_default();
        let progress = on_progress.clone();
        let flow = move |response: &Response| boundary::stream_body(response, &progress, &aborting);
        if let Content::Text(text) = &self.output.content {
            if call == STREAM {
                return Ok(flow(&Response::new_with_opt_str(Some(text))?));
            }
            return Ok(Uint8Array::from(text.as_bytes()).into());
        }
        if let Some(picture) = &self.picture {
            let response = Response::new_with_opt_blob(Some(&picture.blob))?;
            return match call {
                STREAM => Ok(flow(&response)),
                _ => JsFuture::from(boundary::read_body(&response, &on_progress)).await,
            };
        }
        let requests = AbortHandle::default();
        let aborting = requests.clone();
        let work = async move {
            let _slot = self.slots.take().await;
            let response = match self.server.get(&self.url, &requests).await {
                Ok(response) => response,
                Err(cause) => return Err(self.server.error_without_response(cause).await.into()),
            };
            if response.status() == 0 {
                // Browsers do not show a page where it leads. It is not followed, because the key would be sent along.
                let message = format!(
                    "{} keeps {} on another host, and a browser does not tell a page where. Fetch it in Node, or let a \
                     server of yours pass it on.",
                    self.server.address.base(),
                    self.file().map_or("", |file| &file.filename)
                );
                return Err(ApiError::new("http", message).into());
            }
            if !response.ok() {
                return Err(self.missing(response.status()).into());
            }
            if call == STREAM {
                return Ok(flow(&response));
            }
            match JsFuture::from(boundary::read_body(&response, &on_progress)).await {
                Ok(bytes) => Ok(bytes),
                Err(cause) => {
                    let name = self.file().map_or("", |file| &file.filename);
                    let message = format!("The connection broke while {name} was fetched. Fetch it again.");
                    Err(ApiError::new("network", message).because(&cause).into())
                }
            }
        };
        abort::abortable(signal, move || aborting.abort(), work).await
    }

    fn missing(&self, status: u16) -> ApiError {
        let Some(file) = self.file() else { return ApiError::new("http", "") };
        let base = self.server.address.base();
        let folder = match file.subfolder.as_str() {
            "" => file.folder.clone(),
            subfolder => format!("{}/{subfolder}", file.folder),
        };
        let why = match (status, file.folder.as_str()) {
            (404, "temp") => " Temporary files are gone when the server restarts.",
            (404, _) => " It was moved or deleted.",
            _ => "",
        };
        let message =
            format!("{base} does not hand out {} of its folder {folder} (status {status}).{why}", file.filename);
        ApiError::new("http", message).with_status(status)
    }
}
