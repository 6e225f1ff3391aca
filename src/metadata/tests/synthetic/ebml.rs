//! Matroska.

use crate::metadata::tests::synthetic::*;

/// An element whose length takes eight bytes.
pub fn element(id: &[u8], content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u64 | 1 << 56).to_be_bytes();
    join(&[id, &length, content])
}

fn tags() -> Vec<u8> {
    let tag = |name: &str, text: &str| {
        let simple = join(&[&element(b"\x45\xa3", name.as_bytes()), &element(b"\x44\x87", text.as_bytes())]);
        element(b"\x73\x73", &element(b"\x67\xc8", &simple))
    };
    element(b"\x12\x54\xc3\x67", &[tag("ENCODER", "x"), tag("WORKFLOW", WORKFLOW), tag("prompt", PROMPT)].concat())
}

const HEAD: &[u8] = b"\x1a\x45\xdf\xa3\x84webm";

#[test]
fn tags_behind_the_film_are_found_by_their_place() {
    let cluster = element(b"\x1f\x43\xb6\x75", &[0; 1000]);
    let seek_head = |position: usize| {
        let seek = join(&[&element(b"\x53\xab", b"\x12\x54\xc3\x67"), &element(b"\x53\xac", &be32(position))]);
        element(b"\x11\x4d\x9b\x74", &element(b"\x4d\xbb", &seek))
    };
    let position = seek_head(0).len() + cluster.len();
    let segment = join(&[&seek_head(position), &cluster, &tags()]);
    assert_both(&join(&[HEAD, &element(b"\x18\x53\x80\x67", &segment)]), "WebM");
    // A place that is wrong is a place without tags.
    let segment = join(&[&seek_head(position + 3), &cluster, &tags()]);
    assert!(read(&join(&[HEAD, &element(b"\x18\x53\x80\x67", &segment)])).is_err());
}

#[test]
fn tags_inside_of_tags_without_end_are_left() {
    let mut nested = element(b"\x67\xc8", b"");
    for _ in 0..10_000 {
        nested = element(b"\x67\xc8", &nested);
    }
    let segment = element(b"\x18\x53\x80\x67", &element(b"\x12\x54\xc3\x67", &nested));
    assert_eq!(error(&join(&[HEAD, &segment])).0, Problem::Nothing);
}

#[test]
fn a_film_that_was_streamed_has_no_lengths_and_is_read_all_the_same() {
    let unknown = b"\x01\xff\xff\xff\xff\xff\xff\xff";
    let segment = join(&[b"\x18\x53\x80\x67", unknown, &tags(), b"\x1f\x43\xb6\x75", unknown, b"film"]);
    assert_both(&join(&[HEAD, &segment]), "WebM");
}
