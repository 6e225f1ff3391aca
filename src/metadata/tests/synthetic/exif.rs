//! EXIF in WebP and JPEG.

use crate::metadata::tests::synthetic::*;

/// A TIFF block with these texts, in either byte order.
pub fn tiff(little: bool, texts: &[Vec<u8>]) -> Vec<u8> {
    let number = |value: usize, size: usize| match little {
        true => value.to_le_bytes()[..size].to_vec(),
        false => value.to_be_bytes()[8 - size..].to_vec(),
    };
    let mut directory = number(texts.len(), 2);
    let mut data = Vec::new();
    for (index, text) in texts.iter().enumerate() {
        let place = 8 + 2 + 12 * texts.len() + 4 + data.len();
        directory
            .extend([number(0x010e + index, 2), number(2, 2), number(text.len() + 1, 4), number(place, 4)].concat());
        data.extend(text);
        data.push(0);
    }
    let magic = if little { b"II*\0" } else { b"MM\0*" };
    join(&[magic, &number(8, 4), &directory, &[0; 4], &data])
}

pub fn webp(chunks: &[u8]) -> Vec<u8> {
    join(&[b"RIFF", &le32(chunks.len() + 4), b"WEBP", chunks])
}

pub fn riff_chunk(kind: &[u8], data: &[u8]) -> Vec<u8> {
    join(&[kind, &le32(data.len()), data, if data.len() % 2 == 1 { b"\0" } else { b"" }])
}

/// A TIFF block with one text that `count` entries name.
pub fn aliased(tag: usize, kind: usize, text: &[u8], count: usize) -> Vec<u8> {
    let start = 8 + 2 + 12 * count + 4;
    let number = |value: usize, size: usize| value.to_le_bytes()[..size].to_vec();
    let entry = [number(tag, 2), number(kind, 2), number(text.len(), 4), number(start, 4)].concat();
    join(&[b"II*\0", &number(8, 4), &number(count, 2), &entry.repeat(count), &[0; 4], text])
}

fn jpeg(segments: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut file = b"\xff\xd8".to_vec();
    for (marker, data) in segments {
        file.extend(join(&[&[0xff, *marker], &(data.len() as u16 + 2).to_be_bytes(), data]));
    }
    file.extend(b"\xff\xd9");
    file
}

fn utf16(text: &str, big_endian: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn user_comments_of_every_type_and_encoding_are_read() {
    let both = format!(r#"{{"workflow": {WORKFLOW}, "prompt": {PROMPT}}}"#);
    for text in [
        join(&[b"ASCII\0\0\0", both.as_bytes()]),
        join(&[&[0; 8], both.as_bytes()]),
        both.clone().into_bytes(),
        join(&[b"\xef\xbb\xbf", both.as_bytes()]),
        join(&[b"UNICODE\0", &utf16(&both, true)]),
        join(&[b"UNICODE\0", &utf16(&both, false)]),
        join(&[b"UNICODE\0", &utf16(&format!("\u{feff}{both}"), true)]),
        join(&[b"UNICODE\0", &utf16(&format!("\u{feff}{both}"), false)]),
    ] {
        for kind in [1, 2, 7, 129] {
            let block = join(&[b"Exif\0\0", &aliased(0x9286, kind, &text, 1)]);
            assert_both(&jpeg(&[(0xe1, block)]), "JPEG");
        }
    }
    // `XPComment` of Windows, and the comment segment of JPEG itself.
    let block = join(&[b"Exif\0\0", &aliased(0x9c9c, 1, &utf16(&both, false), 1)]);
    assert_both(&jpeg(&[(0xe1, block)]), "JPEG");
    assert_both(&jpeg(&keyed(":").map(|text| (0xfe, text))), "JPEG");
}

#[test]
fn parameters_of_automatic1111_in_a_user_comment_are_recognised() {
    let parameters = "a cat: sitting\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, Seed: 1";
    for text in [join(&[b"UNICODE\0", &utf16(parameters, true)]), join(&[b"ASCII\0\0\0", parameters.as_bytes()])] {
        let block = join(&[b"Exif\0\0", &aliased(0x9286, 7, &text, 1)]);
        let (problem, message) = error(&jpeg(&[(0xe1, block)]));
        assert_eq!(problem, Problem::Nothing);
        assert!(message.starts_with("this JPEG has no workflow") && message.contains("AUTOMATIC1111"), "{message}");
    }
}

#[test]
fn webp_with_either_byte_order_and_prefix_is_read() {
    for (little, prefix) in [(true, &b""[..]), (false, b""), (true, b"Exif\0\0"), (false, b"Exif\0\0")] {
        let block = join(&[prefix, &tiff(little, &keyed(":"))]);
        assert_both(&webp(&[riff_chunk(b"VP8 ", b"odd"), riff_chunk(b"EXIF", &block)].concat()), "WebP");
    }
}

#[test]
fn keys_may_begin_with_a_capital_and_be_followed_by_a_blank() {
    let texts = [join(&[b"Workflow: ", WORKFLOW.as_bytes()]), join(&[b"Prompt:", PROMPT.as_bytes()])];
    assert_both(&webp(&riff_chunk(b"EXIF", &tiff(true, &texts))), "WebP");
}

#[test]
fn jpeg_is_read_up_to_its_picture() {
    let block = join(&[b"Exif\0\0", &tiff(false, &keyed(":"))]);
    let segment = |marker: u8, data: &[u8]| join(&[&[0xff, marker], &(data.len() as u16 + 2).to_be_bytes(), data]);
    let head = join(&[b"\xff\xd8", &segment(0xe0, b"JFIF\0"), &segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x/>")]);
    let scan = segment(0xda, b"\xff\xd9 whatever");
    assert_both(&join(&[&head, b"\xff\xff", &segment(0xe1, &block), &scan]), "JPEG");
    assert_eq!(error(&join(&[&head, &scan, &segment(0xe1, &block)])).0, Problem::Nothing);
}

#[test]
fn a_directory_that_names_one_text_ten_thousand_times_is_read_in_a_moment() {
    let mut block = tiff(true, &[join(&[b"workflow:", b"{\"a\":\"", &[b'x'; 1_000_000], b"\"}"])]);
    let entry = block[10..22].to_vec();
    let directory = block.len();
    block.extend(10_000u16.to_le_bytes());
    block.extend(entry.repeat(10_000));
    block[4..8].copy_from_slice(&le32(directory));
    assert!(read(&webp(&riff_chunk(b"EXIF", &block))).unwrap().workflow.is_some());
}
