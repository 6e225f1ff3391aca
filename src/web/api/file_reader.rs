//! Reads the workflow and the prompt that a file carries: see `metadata`.

use js_sys::{Object, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::metadata::{Embedded, LARGEST_TEXT, MetadataReader, Step};
use crate::web::js::boundary;
use crate::web::js::error::{ApiError, capitalised};
use crate::web::js::globals;
use crate::web::js::promise::promise;

/// Reads a Blob, or bytes (a `Uint8Array`): resolves to `{ format, workflow, prompt }`, where the last two are JSON texts,
/// at least one of which is there.
#[wasm_bindgen(js_name = readFile)]
pub fn read_file(file: JsValue) -> Promise {
    promise(async move {
        let Embedded { format, workflow, prompt } = match file.dyn_ref::<Blob>() {
            Some(blob) => of_blob(blob).await?,
            None => of_bytes(&Uint8Array::new(&file)).await?,
        };
        let found = Object::new();
        for (name, text) in [("format", Some(format)), ("workflow", workflow.as_deref()), ("prompt", prompt.as_deref())]
        {
            globals::set(&found, name, &JsValue::from(text));
        }
        Ok(found.into())
    })
}

async fn of_bytes(bytes: &Uint8Array) -> Result<Embedded, JsValue> {
    read(MetadataReader::whole(bytes.to_vec()), async |_| Err(JsValue::UNDEFINED)).await
}

async fn of_blob(blob: &Blob) -> Result<Embedded, JsValue> {
    let piece = async |range: std::ops::Range<u64>| {
        let part = blob.slice_with_f64_and_f64(range.start as f64, range.end as f64)?;
        Ok(Uint8Array::new(&JsFuture::from(part.array_buffer()).await?).to_vec())
    };
    read(MetadataReader::new(blob.size() as u64), piece).await
}

/// Reads a file, asking for the pieces that are needed.
async fn read(
    mut reader: MetadataReader,
    piece: impl AsyncFn(std::ops::Range<u64>) -> Result<Vec<u8>, JsValue>,
) -> Result<Embedded, JsValue> {
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
            Step::Done(embedded) => return Ok(embedded),
        }
    }
}
