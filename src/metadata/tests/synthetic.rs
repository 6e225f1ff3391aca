//! Files built byte by byte, for what the writers of tests/metadata/make.py do not write, but others do.

use crate::metadata::tests::*;

pub(super) mod boxes;
pub(super) mod ebml;
pub(super) mod exif;
pub(super) mod png;
pub(super) mod sound;
pub(super) mod texts;

pub(super) fn be32(number: usize) -> [u8; 4] {
    (number as u32).to_be_bytes()
}

pub(super) fn le32(number: usize) -> [u8; 4] {
    (number as u32).to_le_bytes()
}

pub(super) fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// Workflow and prompt, each with its key and a separator.
fn keyed(between: &str) -> [Vec<u8>; 2] {
    [
        join(&[b"workflow", between.as_bytes(), WORKFLOW.as_bytes()]),
        join(&[b"prompt", between.as_bytes(), PROMPT.as_bytes()]),
    ]
}
