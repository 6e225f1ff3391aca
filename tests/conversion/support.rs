//! What the tests of the conversion share.

#![allow(dead_code, reason = "each test program uses a part")]

use std::fs;
use std::path::Path;

use comfyui_autoflow::workflow::convert;
use comfyui_autoflow::workflow::{Conversion, ConvertError, ConvertOptions, ObjectInfo};
use serde_json::Value;

/// The schema of `tests/conversion/object_info.json`.
pub fn object_info() -> ObjectInfo {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conversion/object_info.json");
    ObjectInfo::parse(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The prompt of a conversion.
pub fn prompt(conversion: &Conversion) -> Value {
    serde_json::from_str(conversion.prompt.as_json()).unwrap()
}

/// Converts with the schema of this folder.
pub fn try_convert(workflow: &Value, options: &ConvertOptions) -> Result<Conversion, ConvertError> {
    convert(&workflow.to_string(), &object_info(), options)
}
