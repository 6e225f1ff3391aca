use crate::metadata::*;
use crate::protocol::json::without_nan;
use serde_json::{Value, json as value};

mod damaged;
mod files;
mod growth;
mod synthetic;

const WORKFLOW: &str = r#"{"nodes": [], "links": [], "version": 0.4}"#;
const PROMPT: &str = r#"{"1": {"class_type": "Note", "inputs": {"x": NaN}}}"#;

/// Reads a file that is in memory.
fn read(bytes: &[u8]) -> Result<Embedded, EmbeddedError> {
    let mut reader = MetadataReader::whole(bytes.to_vec());
    loop {
        match reader.step()? {
            Step::Done(embedded) => return Ok(embedded),
            Step::Inflate(bytes) => {
                let limit = LARGEST_TEXT as usize;
                reader.inflated(miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&bytes, limit).ok());
            }
            Step::Need(range) => panic!("a file that is in memory needs {range:?}"),
        }
    }
}

/// Reads a file piece by piece. Returns the number of bytes and of pieces too.
fn read_in_pieces(bytes: &[u8]) -> (Result<Embedded, EmbeddedError>, u64, usize) {
    let mut reader = MetadataReader::new(bytes.len() as u64);
    let (mut read, mut pieces) = (0, 0);
    let result = loop {
        match reader.step() {
            Ok(Step::Need(range)) => {
                assert!(range.start < range.end && range.end <= bytes.len() as u64, "{range:?}");
                read += range.end - range.start;
                pieces += 1;
                reader.feed(range.start, bytes[range.start as usize..range.end as usize].to_vec());
            }
            Ok(Step::Inflate(bytes)) => reader.inflated(miniz_oxide::inflate::decompress_to_vec_zlib(&bytes).ok()),
            Ok(Step::Done(embedded)) => break Ok(embedded),
            Err(error) => break Err(error),
        }
    };
    (result, read, pieces)
}

fn error(bytes: &[u8]) -> (Problem, String) {
    let error = read(bytes).expect_err("a workflow where there is none");
    (error.problem, error.to_string())
}

/// Asserts that both texts are read as they were written.
fn assert_both(bytes: &[u8], format: &str) {
    let embedded = read(bytes).unwrap_or_else(|error| panic!("{format}: {error}"));
    assert_eq!(embedded.format, format);
    assert_eq!(embedded.workflow.as_deref(), Some(WORKFLOW), "{format}");
    assert_eq!(embedded.prompt.as_deref(), Some(PROMPT), "{format}");
}

fn parsed(text: &Option<String>) -> Option<Value> {
    text.as_ref().map(|text| serde_json::from_str(&without_nan(text)).unwrap())
}
