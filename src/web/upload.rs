//! Uploads: a file goes to the server, and the server's answer goes into the prompt.

use js_sys::{Array, ArrayBuffer, Object, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, FormData};

use super::error::Failure;
use super::options::Options;
use super::server::{Requests, Server};
use super::task::promise;
use super::{given, globals, json, signal};
use crate::files::{kind, loader};
use crate::protocol::dialect::Dialect;
use crate::protocol::json::{Raw, quoted};

/// Uploads a picture, or any other input file. Resolves to `{ name, subfolder, type, value }`: where the server put it
/// (not always under the name that was sent), and `value`, which is what a loader node's input wants.
#[wasm_bindgen(js_name = uploadImage)]
pub fn upload_image(file: JsValue, options: JsValue) -> Promise {
    promise(async move {
        let options = Options::new(options, "uploadImage")?;
        send(file, &options, "/upload/image", None).await
    })
}

/// Uploads a mask for a picture that the server has: `originalRef` is `{ filename, subfolder, type }` of that picture.
#[wasm_bindgen(js_name = uploadMask)]
pub fn upload_mask(file: JsValue, options: JsValue) -> Promise {
    promise(async move {
        let options = Options::new(options, "uploadMask")?;
        let original = options.object("originalRef")?.and_then(|original| json::text(&original)).ok_or_else(|| {
            Failure::bad_input(
                "uploadMask needs originalRef: { filename, subfolder, type } of the picture it belongs to.",
            )
        })?;
        send(file, &options, "/upload/mask", Some(original)).await
    })
}

/// Uploads a file and puts its name into the loader node of a prompt: the only one that fits, or the one that the
/// options `node` and `input` name.
pub async fn into_prompt(prompt: Object, file: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let options = Options::new(options, "upload")?;
    let name = name_of(&file, &options)?;
    let (node_id, input) = choose(&prompt, &name, &options)?;
    let uploaded = send(file, &options, "/upload/image", None).await?;
    let inputs = globals::get(&globals::get(&prompt, &node_id), "inputs");
    globals::set(inputs.unchecked_ref(), &input, &globals::get(&uploaded, "value"));
    globals::set(uploaded.unchecked_ref(), "node", &JsValue::from_str(&node_id));
    globals::set(uploaded.unchecked_ref(), "input", &JsValue::from_str(&input));
    Ok(uploaded)
}

fn choose(prompt: &Object, name: &str, options: &Options) -> Result<(String, String), Failure> {
    let wanted = options.text("node")?;
    let input = options.text("input")?;
    let prompt = json::text(prompt).unwrap_or_default();
    let prompt = Raw::read(&prompt).unwrap_or(Raw::NULL);
    if let (Some(node), Some(input)) = (&wanted, &input) {
        if prompt.get(node).get("inputs").is_object() {
            return Ok((node.clone(), input.clone()));
        }
        return Err(Failure::bad_input(format!("The prompt has no node {node} with inputs.")));
    }
    let mut loaders = loader::find(prompt, name);
    loaders.retain(|loader| wanted.as_ref().is_none_or(|node| *node == loader.node_id));
    loaders.retain(|loader| input.as_ref().is_none_or(|input| *input == loader.input));
    match loaders.as_slice() {
        [only] => Ok((only.node_id.clone(), only.input.clone())),
        [] => Err(Failure::bad_input(format!(
            "No node of the prompt loads a file like {name}. Say where it goes: upload(file, {{ node, input }})."
        ))),
        several => {
            let list: Vec<String> =
                several.iter().map(|l| format!("{} ({}, input {})", l.node_id, l.class_type, l.input)).collect();
            Err(Failure::bad_input(format!(
                "Several nodes load a file like {name}: {}. Say which: upload(file, {{ node }}).",
                list.join(", ")
            )))
        }
    }
}

async fn send(
    file: JsValue,
    options: &Options,
    route: &'static str,
    original: Option<String>,
) -> Result<JsValue, JsValue> {
    let server = options.server()?;
    let name = name_of(&file, options)?;
    let is_v2 = server.dialect == Dialect::V2;
    if is_v2 && original.is_some() {
        return Err(Failure::bad_input("The Comfy API v2 takes no masks.").into());
    }
    let form = FormData::new()?;
    let part = if is_v2 { "file" } else { "image" };
    form.append_with_blob_and_filename(part, &blob_of(&file, &name)?, &name)?;
    let (folder, subfolder) = (options.text("type")?, options.text("subfolder")?);
    if is_v2 {
        let path = ["input", subfolder.as_deref().unwrap_or_default(), &name].join("/").replace("//", "/");
        form.append_with_str("file_path", &path)?;
    } else {
        for (field, text) in [("type", folder), ("subfolder", subfolder)] {
            if let Some(text) = text {
                form.append_with_str(field, &text)?;
            }
        }
        if options.flag("overwrite")? == Some(true) {
            form.append_with_str("overwrite", "true")?;
        }
    }
    if let Some(original) = original {
        form.append_with_str("original_ref", &original)?;
    }
    let requests = Requests::default();
    let aborting = requests.clone();
    let work = async move { answer(&server, route, form, &name, &requests).await };
    signal::abortable(options.signal()?, move || aborting.abort(), work).await
}

async fn answer(
    server: &Server,
    route: &str,
    form: FormData,
    name: &str,
    requests: &Requests,
) -> Result<JsValue, JsValue> {
    let route = if server.dialect == Dialect::V2 { "/api/v2/assets" } else { route };
    let reply = match server.send(route, form.into(), requests).await {
        Ok(reply) if matches!(reply.status, 200 | 201) => reply,
        Ok(reply) => return Err(server.explain_refusal(&reply).into()),
        Err(cause) => return Err(server.explain_silence(cause).await.into()),
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
        globals::set(&uploaded, "value", &json::parse(&reference).unwrap_or_default());
        return Ok(uploaded.into());
    }
    if field("name").is_empty() {
        let said = super::server::excerpt(&reply.text);
        let message = format!("{} does not say where it put the file: {said}", server.address.base());
        return Err(Failure::new("http", message).into());
    }
    for key in ["name", "subfolder", "type"] {
        globals::set(&uploaded, key, &JsValue::from_str(&field(key)));
    }
    let value = loader::reference(&field("name"), &field("subfolder"), &field("type"));
    globals::set(&uploaded, "value", &JsValue::from_str(&value));
    Ok(uploaded.into())
}

const WANTED: &str = "An upload is a File, or a Blob or bytes with the option name.";

fn name_of(file: &JsValue, options: &Options) -> Result<String, Failure> {
    given::settled(file, WANTED)?;
    let name = options.text("name")?.or_else(|| globals::get(file, "name").as_string());
    name.filter(|name| !name.is_empty()).ok_or_else(|| Failure::bad_input(WANTED))
}

fn blob_of(file: &JsValue, name: &str) -> Result<Blob, JsValue> {
    if let Some(blob) = file.dyn_ref::<Blob>() {
        return Ok(blob.clone());
    }
    if !file.is_instance_of::<ArrayBuffer>() && !ArrayBuffer::is_view(file.unchecked_ref::<Object>()) {
        return Err(Failure::bad_input(WANTED).into());
    }
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind::mime(kind::split(name).1));
    Blob::new_with_u8_array_sequence_and_options(&Array::of1(file), &options)
}
