//! Ogg and ID3.

use crate::metadata::tests::synthetic::*;

fn comments() -> Vec<u8> {
    let texts = [&[b"TITLE=x".to_vec(), b"no equals sign".to_vec(), vec![b'x'; 600]], &keyed("=")[..]].concat();
    let comment = |text: &Vec<u8>| join(&[&le32(text.len()), text]);
    join(&[&le32(4), b"Lavf", &le32(texts.len()), &texts.iter().map(comment).collect::<Vec<_>>().concat()])
}

/// Pages of at most `most` bytes, with pages of another stream between them.
pub fn ogg(packets: &[Vec<u8>], most: usize) -> Vec<u8> {
    let page = |serial: usize, lengths: &[u8], data: &[u8]| {
        join(&[b"OggS\0\0", &[0; 8], &be32(serial), &[0; 8], &[lengths.len() as u8], lengths, data])
    };
    let mut file = Vec::new();
    for packet in packets {
        let segments: Vec<&[u8]> = packet.chunks(255).chain((packet.len() % 255 == 0).then_some(&b""[..])).collect();
        for segments in segments.chunks(most / 255) {
            let lengths: Vec<u8> = segments.iter().map(|segment| segment.len() as u8).collect();
            file.extend(page(1, &lengths, &segments.concat()));
            file.extend(page(2, &[3], b"xyz"));
        }
    }
    file
}

#[test]
fn comments_of_each_ogg_codec_are_read_over_as_many_pages_as_they_take() {
    for (first, second) in
        [(&b"OpusHead"[..], &b"OpusTags"[..]), (b"\x01vorbis", b"\x03vorbis"), (b"\x80theora", b"\x81theora")]
    {
        assert_both(&ogg(&[first.to_vec(), join(&[second, &comments()])], 255), "Ogg file");
    }
    assert_both(&ogg(&[b"Speex   1.2".to_vec(), comments()], 510), "Ogg file");
    let flac = [b"\x7fFLAC\x01".to_vec(), join(&[b"\x01\0\0\x09", &[0; 9]]), join(&[b"\x84\0\0\0", &comments()])];
    assert_both(&ogg(&flac, 255), "Ogg file");
    assert_eq!(error(&ogg(&[b"fishead\0".to_vec(), comments()], 255)).0, Problem::Nothing);
}

pub fn tag(version: u8, flags: u8, frames: &[u8]) -> Vec<u8> {
    let size: Vec<u8> = (0..4).rev().map(|place| (frames.len() >> (7 * place)) as u8 & 0x7f).collect();
    join(&[b"ID3", &[version, 0, flags], &size, frames])
}

pub fn frame(version: u8, name: &[u8], flags: u8, content: &[u8]) -> Vec<u8> {
    let syncsafe: Vec<u8> = (0..4).rev().map(|place| (content.len() >> (7 * place)) as u8 & 0x7f).collect();
    match version {
        2 => join(&[name, &be32(content.len())[1..], content]),
        3 => join(&[name, &be32(content.len()), &[0, flags], content]),
        _ => join(&[name, &syncsafe, &[0, flags], content]),
    }
}

#[test]
fn texts_of_every_version_of_id3_are_read() {
    for version in [2, 3, 4] {
        let name: &[u8] = if version == 2 { b"TXX" } else { b"TXXX" };
        let title = frame(version, &b"TIT2"[..name.len()], 0, b"\0Title");
        let texts = keyed("\0").map(|text| frame(version, name, 0, &join(&[b"\x03", &text])));
        let tag = tag(version, 0, &join(&[&title, &texts.concat(), &[0; 20]]));
        assert_both(&join(&[&tag, b"\xff\xfb\x90\0"]), "MP3");
    }
}

#[test]
fn extended_headers_lengths_and_unsynchronised_frames_of_id3_are_understood() {
    // `ÿ` and a zero: the zero was put in when it was written.
    let written = join(&[b"\0workflow\0", b"{\"title\": \"\xff\0x\"}"]);
    let text = |tag: Vec<u8>| read(&tag).unwrap().workflow.unwrap();
    let of_frame = frame(4, b"TXXX", 3, &join(&[&be32(written.len()), &written]));
    assert_eq!(text(tag(4, 0x40, &join(&[&[0, 0, 0, 6, 1, 0], &of_frame]))), "{\"title\": \"ÿx\"}");
    let content = b"\0workflow\0{\"title\": \"\xffx\"}";
    let of_tag = join(&[b"TXXX", &be32(content.len()), &[0, 0], &written]);
    assert_eq!(text(tag(3, 0x80, &of_tag)), "{\"title\": \"ÿx\"}");
}

#[test]
fn a_flac_behind_an_id3_tag_is_read() {
    let block = join(&[&[0x84], &be32(comments().len())[1..], &comments()]);
    assert_both(&join(&[&tag(4, 0, &[0; 30]), b"fLaC", &block]), "MP3");
}
