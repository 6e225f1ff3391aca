//! Files that are truncated or inconsistent, or contain neither workflow nor prompt.

use crate::metadata::tests::files::FILES;
use crate::metadata::tests::synthetic::boxes;
use crate::metadata::tests::synthetic::png;
use crate::metadata::tests::synthetic::texts;
use crate::metadata::tests::*;
use proptest::prelude::*;

#[test]
fn a_file_without_a_workflow_says_so_by_its_format() {
    let film = boxes::atom(b"ftyp", b"isom");
    for (format, bytes) in [
        ("PNG", png::file(&[])),
        ("WebP", b"RIFF\x04\0\0\0WEBP".to_vec()),
        ("JPEG", b"\xff\xd8\xff\xd9".to_vec()),
        ("MP4", film),
        ("WebM", b"\x1a\x45\xdf\xa3\x84webm".to_vec()),
        ("FLAC", b"fLaC\x84\0\0\x08\0\0\0\0\0\0\0\0".to_vec()),
        ("MP3", b"\xff\xfb\x90\x64".to_vec()),
        ("GLB", texts::glb("{}")),
        ("safetensors file", texts::safetensors("{}")),
        ("SVG", b"<svg></svg>".to_vec()),
    ] {
        let (problem, message) = error(&bytes);
        assert_eq!(problem, Problem::Nothing, "{message}");
        assert!(message.starts_with(&format!("this {format} has no workflow")), "{message}");
    }
}

#[test]
fn what_can_carry_nothing_is_named() {
    for (bytes, says) in [
        (&b""[..], "an empty file"),
        (b"GIF89a", "a GIF"),
        (b"<!DOCTYPE html><html>", "HTML or XML, perhaps a server's error"),
        (b"<rss/>", "HTML or XML"),
        (b"PK\x03\x04", "an archive"),
        (b"hello", "text, but not JSON"),
        (b"[1, 2]", "a JSON list"),
        (b"\x00\x01\x02\xfe", "of no known format"),
    ] {
        let (problem, message) = error(bytes);
        assert_eq!(problem, Problem::Unknown, "{message}");
        assert!(message.contains(says), "{message}");
    }
}

#[test]
fn of_an_empty_file_nothing_is_asked_for() {
    assert_eq!(MetadataReader::new(0).step().unwrap_err().problem, Problem::Unknown);
}

#[test]
fn json_that_is_broken_says_where() {
    let (problem, message) = error(b"{\"nodes\": [\n  {\"id\": 1,}\n]}");
    assert_eq!(problem, Problem::NotJson);
    assert!(message.contains("line 2"), "{message}");
    assert_eq!(error(b"{}").0, Problem::Nothing);
}

#[test]
fn a_workflow_that_is_no_json_is_passed_over_for_the_prompt_or_shown() {
    let chunk = |text: &str| png::chunk(b"tEXt", text.as_bytes());
    let embedded = read(&png::file(&[chunk("workflow\0{broken"), chunk(&format!("prompt\0{PROMPT}"))])).unwrap();
    assert_eq!((embedded.workflow, embedded.prompt.as_deref()), (None, Some(PROMPT)));

    let (problem, message) = error(&png::file(&[chunk("workflow\0{broken")]));
    assert_eq!(problem, Problem::NotJson);
    assert!(message.contains("the workflow in it is not JSON") && message.contains("column"), "{message}");
    for empty in ["", "null", "{}", "undefined", " \n"] {
        assert_eq!(error(&png::file(&[chunk(&format!("workflow\0{empty}"))])).0, Problem::Nothing, "{empty}");
    }
}

#[test]
fn parameters_of_another_program_are_recognised() {
    let (_, message) = error(&png::file(&[png::chunk(b"tEXt", b"parameters\0a cat\nSteps: 20")]));
    assert!(message.contains("AUTOMATIC1111"), "{message}");
}

#[test]
fn a_length_that_goes_beyond_the_file_is_named_with_its_place() {
    let mut cut = png::file(&[png::chunk(b"tEXt", format!("workflow\0{WORKFLOW}").as_bytes())]);
    cut.truncate(60);
    let (problem, message) = error(&cut);
    assert_eq!(problem, Problem::Damaged);
    assert_eq!(message, "this PNG is damaged or cut off: a text of 51 bytes at byte 41 of 60");

    let (problem, message) = error(b"\0\0\0\x10ftypisom\0\0\0\0\xff\xff\xff\xffmoov");
    assert_eq!(problem, Problem::Damaged);
    assert!(message.contains("a box that ends outside of the one it is in at byte 16"), "{message}");
}

#[test]
fn a_file_that_is_cut_off_behind_its_workflow_is_read() {
    let mut cut = png::file(&[png::chunk(b"tEXt", format!("workflow\0{WORKFLOW}").as_bytes())]);
    cut.truncate(cut.len() - 15);
    assert_eq!(read(&cut).unwrap().workflow.as_deref(), Some(WORKFLOW));
}

#[test]
fn every_file_cut_anywhere_gives_what_it_has_or_an_error() {
    for file in FILES {
        let whole = read(file.bytes).unwrap();
        for length in 0..file.bytes.len() {
            match read(&file.bytes[..length]) {
                Ok(part) => {
                    assert!(part.workflow.is_none() || part.workflow == whole.workflow, "{} {length}", file.name);
                    assert!(part.prompt.is_none() || part.prompt == whole.prompt, "{} {length}", file.name);
                }
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]
    #[test]
    fn any_bytes_behind_any_beginning_are_read_without_a_panic(
        file in 0..FILES.len(),
        kept in 0..40usize,
        rest in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        let bytes = [&FILES[file].bytes[..kept], &rest].concat();
        let (in_pieces, ..) = read_in_pieces(&bytes);
        prop_assert_eq!(in_pieces, read(&bytes));
    }

    #[test]
    fn any_change_to_a_file_is_survived(
        file in 0..FILES.len(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = FILES[file].bytes.to_vec();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let (in_pieces, ..) = read_in_pieces(&bytes);
        prop_assert_eq!(in_pieces, read(&bytes));
    }
}
