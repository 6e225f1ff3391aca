//! PNG, its texts plain and compressed.

use crate::metadata::tests::synthetic::*;

pub fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    join(&[&be32(data.len()), kind, data, b"\0CRC"])
}

pub fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    join(&[
        b"\x89PNG\r\n\x1a\n",
        &chunk(b"IHDR", &[0; 13]),
        &chunks.concat(),
        &chunk(b"IDAT", b"x"),
        &chunk(b"IEND", b""),
    ])
}

/// zlib without compression.
pub fn stored(text: &str) -> Vec<u8> {
    let length = text.len() as u16;
    let (mut a, mut b) = (1u32, 0u32);
    for byte in text.bytes() {
        a = (a + u32::from(byte)) % 65521;
        b = (b + a) % 65521;
    }
    join(&[
        b"\x78\x01\x01",
        &length.to_le_bytes(),
        &(!length).to_le_bytes(),
        text.as_bytes(),
        &(b << 16 | a).to_be_bytes(),
    ])
}

#[test]
fn every_kind_of_text_chunk_is_read() {
    let text = |kind| file(&keyed("\0").map(|text| chunk(kind, &text)));
    assert_both(&text(b"tEXt"), "PNG");
    assert_both(&text(b"comf"), "PNG");
    assert_both(&file(&keyed("\0\0\0en\0Arbeitsablauf\0").map(|text| chunk(b"iTXt", &text))), "PNG");
    let deflated = |key: &str, text: &str| join(&[key.as_bytes(), b"\0\0", &stored(text)]);
    let compressed = [chunk(b"zTXt", &deflated("Workflow", WORKFLOW)), chunk(b"zTXt", &deflated("PROMPT", PROMPT))];
    assert_both(&file(&compressed), "PNG");
}

#[test]
fn a_text_that_cannot_be_decompressed_is_named_and_the_other_one_counts() {
    let broken = chunk(b"zTXt", b"workflow\0\0no zlib");
    let (problem, message) = error(&file(std::slice::from_ref(&broken)));
    assert_eq!(problem, Problem::NotJson);
    assert!(message.contains("decompressed"), "{message}");
    let embedded = read(&file(&[broken, chunk(b"tEXt", &keyed("\0")[1])])).unwrap();
    assert_eq!((embedded.workflow, embedded.prompt.as_deref()), (None, Some(PROMPT)));
}

#[test]
fn a_text_that_latin_1_was_used_for_is_read() {
    let embedded = read(&file(&[chunk(b"tEXt", b"workflow\0{\"title\": \"caf\xe9\"}")])).unwrap();
    assert_eq!(embedded.workflow.as_deref(), Some(r#"{"title": "café"}"#));
}
