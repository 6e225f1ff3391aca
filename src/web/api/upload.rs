//! Uploads: a file goes to the server, and the server's answer goes into the prompt.

use std::rc::Rc;

use js_sys::{Array, Object, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, FormData};

use crate::files::{kind, loader, safe};
use crate::protocol::dialect::Dialect;
use crate::protocol::json::{Raw, quoted};
use crate::web::api::options::{
    PromptUploadOptions, ServerOptions, UPLOAD_FOLDERS, UploadFileOptions, UploadMaskOptions, UploadOptions,
    UploadTarget, wrong_option,
};
use crate::web::http::response_error::excerpt;
use crate::web::http::server::{AbortHandle, Server};
use crate::web::js::abort;
use crate::web::js::error::ApiError;
use crate::web::js::globals;
use crate::web::js::json_text;
use crate::web::js::promise::promise;
use crate::web::js::validate::{described, has, is_bytes, is_promise};

/// Uploads a picture, or any other input file. Resolves to `{ name, subfolder, type, value }`: where the server put it
/// (not always under the name that was sent), and `value`, which is what a loader node's input wants.
#[wasm_bindgen(js_name = uploadImage)]
pub fn upload_image(file: JsValue, options: JsValue) -> Promise {
    let options = UploadOptions::read(options);
    promise(async move {
        let UploadOptions { server, target, signal } = options?;
        Upload::new("uploadImage", &file, server, target)?.send("/upload/image", None, signal).await
    })
}

/// Uploads a mask for a picture that the server has: `originalRef` is `{ filename, subfolder, type }` of that picture, or
/// what its upload gave.
#[wasm_bindgen(js_name = uploadMask)]
pub fn upload_mask(file: JsValue, options: JsValue) -> Promise {
    let options = UploadMaskOptions::read(options).and_then(|mut options| {
        let original = read_original(options.original_ref.take())?;
        Ok((options, original))
    });
    promise(async move {
        let (UploadMaskOptions { server, target, signal, .. }, original) = options?;
        Upload::new("uploadMask", &file, server, target)?.send("/upload/mask", Some(original), signal).await
    })
}

/// Checks the options of `uploadFile`; a folder has its own names.
#[wasm_bindgen(js_name = checkUpload)]
pub fn check_upload(options: JsValue) -> Result<(), JsValue> {
    UploadFileOptions::read(options)?.server.server("uploadFile")?;
    Ok(())
}

/// Uploads a file and puts its name into the loader node of a prompt: the only one that fits, or the one that the
/// options `node` and `input` name.
pub async fn into_prompt(prompt: Object, file: JsValue, options: PromptUploadOptions) -> Result<JsValue, JsValue> {
    let PromptUploadOptions { server, target, signal, node, input } = options;
    let upload = Upload::new("upload", &file, server, target)?;
    let text = json_text::text(&prompt).unwrap_or_default();
    let raw = Raw::read(&text).unwrap_or(Raw::NULL);
    let loader::Loader { node_id, input, .. } =
        loader::choose(raw, &upload.name, node.as_deref(), input.as_deref()).map_err(ApiError::bad_input)?;
    let uploaded = upload.send("/upload/image", None, signal).await?;
    let inputs = globals::get(&globals::get(&prompt, &node_id), "inputs");
    globals::set(inputs.unchecked_ref(), &input, &globals::get(&uploaded, "value"));
    globals::set(uploaded.unchecked_ref(), "node", &JsValue::from_str(&node_id));
    globals::set(uploaded.unchecked_ref(), "input", &JsValue::from_str(&input));
    Ok(uploaded)
}

/// The picture that a mask is for, as the server wants it.
fn read_original(given: Option<JsValue>) -> Result<String, ApiError> {
    let wanted = "{ filename, subfolder, type } of the picture that the mask is for, or what uploadImage gave for it";
    let Some(given) = given else {
        let message = ["uploadMask needs originalRef: ", wanted, "."].concat();
        return Err(ApiError::bad_input(message).hint("pass_option", Some("originalRef")));
    };
    let original = Object::new();
    // The answer to an upload says `name`.
    for (key, other) in [("filename", "name"), ("subfolder", ""), ("type", "")] {
        let own = globals::get(&given, key);
        let value = if own.is_undefined() && !other.is_empty() { globals::get(&given, other) } else { own };
        let is_fine = match value.as_string() {
            Some(text) if key == "type" => text.is_empty() || UPLOAD_FOLDERS.contains(&text.as_str()),
            Some(text) => !safe::escapes_root(&text) && (key != "filename" || !text.is_empty()),
            None => key != "filename" && (value.is_undefined() || value.is_null()),
        };
        if !is_fine {
            return Err(wrong_option("uploadMask", "originalRef", wanted));
        }
        if value.is_truthy() {
            globals::set(&original, key, &value);
        }
    }
    Ok(json_text::text(&original).unwrap_or_default())
}

/// A file on its way to a server: everything is read and checked.
struct Upload {
    server: Rc<Server>,
    blob: Blob,
    name: String,
    target: UploadTarget,
}

impl Upload {
    fn new(call: &str, file: &JsValue, server: ServerOptions, target: UploadTarget) -> Result<Upload, JsValue> {
        let name = name_of(call, file, &target)?;
        let server = server.server(call)?;
        Ok(Upload { blob: blob_of(file, &name)?, server, name, target })
    }

    async fn send(
        self,
        route: &'static str,
        original: Option<String>,
        signal: Option<JsValue>,
    ) -> Result<JsValue, JsValue> {
        let Upload { server, blob, name, target } = self;
        let is_v2 = server.dialect == Dialect::V2;
        if is_v2 && original.is_some() {
            return Err(ApiError::bad_input("The Comfy API v2 takes no masks.").into());
        }
        let form = FormData::new()?;
        let part = if is_v2 { "file" } else { "image" };
        form.append_with_blob_and_filename(part, &blob, &name)?;
        let UploadTarget { folder, subfolder, overwrite, .. } = target;
        if is_v2 {
            let mut path = String::from("input");
            let folders = subfolder.as_deref().unwrap_or_default().split('/').filter(|folder| !folder.is_empty());
            for part in folders.chain([&*name]) {
                path.push('/');
                path.push_str(part);
            }
            form.append_with_str("file_path", &path)?;
        } else {
            for (field, text) in [("type", folder), ("subfolder", subfolder)] {
                if let Some(text) = text {
                    form.append_with_str(field, &text)?;
                }
            }
            if overwrite {
                form.append_with_str("overwrite", "true")?;
            }
        }
        if let Some(original) = original {
            form.append_with_str("original_ref", &original)?;
        }
        let requests = AbortHandle::default();
        let aborting = requests.clone();
        let size = blob.size();
        let work = async move { answer(&server, route, form, size, &name, &requests).await };
        abort::abortable(signal, move || aborting.abort(), work).await
    }
}

async fn answer(
    server: &Server,
    route: &str,
    form: FormData,
    size: f64,
    name: &str,
    requests: &AbortHandle,
) -> Result<JsValue, JsValue> {
    let route = if server.dialect == Dialect::V2 { "/api/v2/assets" } else { route };
    let reply = match server.send(route, form.into(), size, requests).await {
        Ok(reply) if matches!(reply.status, 200 | 201) => reply,
        Ok(reply) => return Err(server.error_from_upload(&reply, name).into()),
        Err(cause) => return Err(server.error_without_response(cause).await.into()),
    };
    let answer = Raw::read(&reply.text).unwrap_or(Raw::NULL);
    let field = |key| answer.string_at(key);
    let uploaded = Object::new();
    let asset = field("id");
    if server.dialect == Dialect::V2 && !asset.is_empty() {
        for (key, text) in [("name", name), ("subfolder", ""), ("type", "input")] {
            globals::set(&uploaded, key, &JsValue::from_str(text));
        }
        // The server puts the name that the node wants in its place.
        let reference = ["{\"__type\":\"core/ASSET\",\"info\":{\"id\":", &quoted(&asset), "}}"].concat();
        globals::set(&uploaded, "value", &json_text::parse(&reference).unwrap_or_default());
        return Ok(uploaded.into());
    }
    if field("name").is_empty() {
        let said = excerpt(&reply.text);
        let message = format!("{} does not say where it put the file: {said}", server.address.base());
        return Err(ApiError::new("http", message).into());
    }
    for key in ["name", "subfolder", "type"] {
        globals::set(&uploaded, key, &JsValue::from_str(&field(key)));
    }
    let value = loader::reference(&field("name"), &field("subfolder"), &field("type"));
    globals::set(&uploaded, "value", &JsValue::from_str(&value));
    Ok(uploaded.into())
}

/// The name of a file that can be sent; what cannot is refused.
fn name_of(call: &str, file: &JsValue, target: &UploadTarget) -> Result<String, ApiError> {
    if file.dyn_ref::<Blob>().is_none() && !is_bytes(file) {
        return Err(ApiError::bad_input(if is_promise(file) {
            format!("The file of {call} is a promise; put `await` before it.")
        } else {
            let advice = if file.is_string() {
                " Of a file of the disk Node makes a Blob: await openAsBlob(path), of node:fs."
            } else if has(file, "blob") {
                " Pass what its blob() resolves to."
            } else {
                ""
            };
            format!("{call} sends a File, a Blob or bytes, not {}.{advice}", described(file))
        }));
    }
    let name = target.name.clone().or_else(|| globals::get(file, "name").as_string());
    let name = name.filter(|name| !name.is_empty()).ok_or_else(|| {
        ApiError::bad_input("An upload is a File, or a Blob or bytes with the option name.")
            .hint("pass_option", Some("name"))
    })?;
    // Of a `File`: an option was checked when it was read.
    if safe::escapes_root(&name) {
        return Err(wrong_option(call, "name", "the name of a file, such as \"cat.png\": it stays in its folder"));
    }
    Ok(name)
}

fn blob_of(file: &JsValue, name: &str) -> Result<Blob, JsValue> {
    if let Some(blob) = file.dyn_ref::<Blob>() {
        return Ok(blob.clone());
    }
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind::mime(kind::split(name).1));
    Blob::new_with_u8_array_sequence_and_options(&Array::of1(file), &options)
}
