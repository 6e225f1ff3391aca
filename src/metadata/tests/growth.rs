//! No file costs more than linear work: each hostile file in sizes n, 2n and 4n.

use crate::metadata::tests::synthetic::{be32, boxes, ebml, exif, join, le32, png, sound, texts};
use crate::metadata::tests::*;
use crate::text::work::assert_linear;

fn grows(name: &str, size: usize, file: &dyn Fn(usize) -> Vec<u8>) {
    assert_linear(name, size, &|n| {
        let _ = read(&file(n));
    });
    // In pieces, each pass begins at the start of the file. Larger, because the first pieces have a fixed size.
    assert_linear(&format!("{name}, in pieces"), size * 4, &|n| {
        let _ = read_in_pieces(&file(n));
    });
}

#[test]
fn of_svg() {
    grows("svg, CDATA without end", 2000, &|n| [b"<svg>".to_vec(), b"<metadata><![CDATA[".repeat(n)].concat());
    grows("svg, metadata without CDATA", 2000, &|n| [b"<svg>".to_vec(), b"<metadata>".repeat(n)].concat());
    grows("svg, elements without end", 2000, &|n| [b"<svg>".to_vec(), b"<desc ".repeat(n)].concat());
    grows("svg, entities", 2000, &|n| [b"<svg><desc>{".to_vec(), b"&quot;&".repeat(n)].concat());
    grows("svg, blanks", 2000, &|n| [b"<svg>".to_vec(), [&b"<desc>"[..], &[b' '; 100]].concat().repeat(n)].concat());
}

#[test]
fn of_png() {
    let many = |chunk: Vec<u8>| move |n: usize| png::file(&vec![chunk.clone(); n]);
    grows("png, texts that cannot be inflated", 500, &many(png::chunk(b"zTXt", b"workflow\0\0no zlib")));
    grows(
        "png, compressed texts",
        500,
        &many(png::chunk(b"zTXt", &join(&[b"workflow\0\0", &png::stored("{\"a\": 1}")]))),
    );
    grows("png, texts", 2000, &many(png::chunk(b"tEXt", b"workflow\0{\"a\": 1}")));
    grows("png, empty chunks", 20_000, &many(png::chunk(b"vpAg", b"")));
    grows("png, one long text", 20_000, &|n| {
        png::file(&[png::chunk(b"tEXt", &[&b"prompt\0{\"a\":["[..], &b"1,".repeat(n), b"1]}"].concat())])
    });
}

#[test]
fn of_exif() {
    // Every entry names the same text, which grows too.
    let texts = |tag: usize, kind: usize, start: &'static [u8]| {
        move |n: usize| {
            let text = [start, &b"\0{".repeat(10 * n)].concat();
            exif::webp(&exif::riff_chunk(b"EXIF", &exif::aliased(tag, kind, &text, n.min(65_000))))
        }
    };
    grows("exif, UTF-16 comments of one text", 1000, &texts(0x9286, 7, b"UNICODE\0"));
    grows("exif, ASCII comments of one text", 1000, &texts(0x9286, 1, b"ASCII\0\0\0"));
    grows("exif, texts of one text", 1000, &texts(0x010e, 2, b"workflow:{\"a\": \""));
    grows("exif, Windows comments of one text", 1000, &texts(0x9c9c, 1, b""));
    grows("webp, empty chunks", 10_000, &|n| exif::webp(&exif::riff_chunk(b"VP8 ", b"").repeat(n)));
    let segment = join(&[b"Exif\0\0", &exif::tiff(true, &[b"workflow:{\"a\": 1}".to_vec()])]);
    let segment = join(&[b"\xff\xe1", &(segment.len() as u16 + 2).to_be_bytes(), &segment]);
    grows("jpeg, EXIF segments", 1000, &|n| join(&[b"\xff\xd8", &segment.repeat(n)]));
    grows("jpeg, comments", 2000, &|n| join(&[b"\xff\xd8", &b"\xff\xfe\0\x11workflow:{\"a\": ".repeat(n)]));
    grows("jpeg, fill bytes", 20_000, &|n| join(&[b"\xff\xd8", &vec![0xff; n]]));
}

#[test]
fn of_boxes() {
    let file = |brand: &[u8], content: Vec<u8>| join(&[&boxes::atom(b"ftyp", brand), &content]);
    grows("mp4, boxes", 10_000, &|n| file(b"isom", boxes::atom(b"free", b"").repeat(n)));
    grows("mp4, items", 2000, &|n| {
        let item = boxes::atom(&be32(1), &boxes::atom(b"data", b"\0\0\0\x01\0\0\0\0{\"a\": 1}"));
        let keys = join(&[&[0; 4], &be32(1), &be32(16), b"mdtaworkflow"]);
        let meta = [boxes::atom(b"hdlr", &[0; 25]), boxes::atom(b"keys", &keys), boxes::atom(b"ilst", &item.repeat(n))];
        file(b"qt  ", boxes::atom(b"moov", &boxes::atom(b"meta", &meta.concat())))
    });
    grows("mp4, keys", 5000, &|n| {
        let keys = join(&[&[0; 4], &be32(n), &be32(8).repeat(2 * n)]);
        let meta = [boxes::atom(b"hdlr", &[0; 25]), boxes::atom(b"keys", &keys)].concat();
        file(b"qt  ", boxes::atom(b"moov", &boxes::atom(b"meta", &meta)))
    });
    grows("mov, comments", 2000, &|n| {
        let text = join(&[&[0, 8, 0, 0], b"{\"a\": 1}"]);
        file(b"qt  ", boxes::atom(b"moov", &boxes::atom(b"udta", &boxes::atom(b"\xa9cmt", &text.repeat(n)))))
    });
    // Extents whose numbers have no bytes.
    grows("avif, extents", 150, &|n| {
        let info = boxes::atom(b"infe", &join(&[&[2, 0, 0, 0, 0, 7, 0, 0], b"Exif", b"\0"]));
        let infos = boxes::atom(b"iinf", &join(&[&[0, 0, 0, 0, 0, 1], &info]));
        let items = [0, 1, 0, 0, 0xff, 0xff].repeat(n);
        let locations = boxes::atom(b"iloc", &join(&[&[0, 0, 0, 0, 0, 0], &(n as u16).to_be_bytes(), &items]));
        file(b"avif", boxes::atom(b"meta", &join(&[&[0; 4], &infos, &locations])))
    });
}

#[test]
fn of_ebml() {
    let file = |content: Vec<u8>| join(&[b"\x1a\x45\xdf\xa3\x84webm", &ebml::element(b"\x18\x53\x80\x67", &content)]);
    let simple = |text: &[u8]| {
        let name = ebml::element(b"\x45\xa3", b"WORKFLOW");
        ebml::element(b"\x73\x73", &ebml::element(b"\x67\xc8", &join(&[&name, &ebml::element(b"\x44\x87", text)])))
    };
    let tags = ebml::element(b"\x12\x54\xc3\x67", &simple(b"{\"a\": 1}"));
    grows("webm, elements of tags", 2000, &|n| file(tags.repeat(n)));
    grows("webm, tags", 2000, &|n| file(ebml::element(b"\x12\x54\xc3\x67", &simple(b"{\"a\": 1}").repeat(n))));
    grows("webm, seek heads", 2000, &|n| {
        file(ebml::element(b"\x11\x4d\x9b\x74", &ebml::element(b"\x4d\xbb", b"")).repeat(n))
    });
    grows("webm, clusters", 5000, &|n| file(ebml::element(b"\x1f\x43\xb6\x75", b"").repeat(n)));
}

#[test]
fn of_sound() {
    let comment = join(&[&le32(16), b"WORKFLOW={\"a\":1}"]);
    let comments = |n: usize| join(&[&le32(0), &le32(n), &comment.repeat(n)]);
    grows("flac, comments", 5000, &|n| {
        let block = comments(n);
        join(&[b"fLaC\x84", &be32(block.len())[1..], &block])
    });
    grows("flac, blocks", 5000, &|n| join(&[b"fLaC", &[1, 0, 0, 0].repeat(n)]));
    grows("ogg, a packet over many pages", 2000, &|n| {
        sound::ogg(&[b"OpusHead".to_vec(), join(&[b"OpusTags", &comments(n)])], 255)
    });
    grows("mp3, frames", 2000, &|n| {
        let frame = sound::frame(3, b"TXXX", 0, b"\0workflow\0{\"a\": 1}");
        sound::tag(3, 0, &frame.repeat(n))
    });
    grows("mp3, UTF-16 comments", 2000, &|n| {
        let frame = sound::frame(3, b"COMM", 0, b"\x01eng\xff\xfe\0\0\xff\xfe{\0");
        sound::tag(3, 0, &frame.repeat(n))
    });
}

#[test]
fn of_json() {
    let fields = |n: usize| format!("{{{}\"x\":0}}", "\"workflow\":{\"a\":{}},".repeat(n));
    grows("glb, keys", 2000, &|n| texts::glb(&format!("{{\"asset\":{{\"extras\":{}}}}}", fields(n))));
    grows("safetensors, keys", 2000, &|n| texts::safetensors(&format!("{{\"__metadata__\":{}}}", fields(n))));
    grows("json, keys", 5000, &|n| fields(n).into_bytes());
    grows("json, nodes without a class", 5000, &|n| {
        format!("{{{}\"x\":0}}", "\"1\":{\"a\":{}},".repeat(n)).into_bytes()
    });
    grows("json, history items", 2000, &|n| {
        format!("{{{}\"x\":0}}", "\"1\":{\"prompt\":[1,2,{}],\"outputs\":{}},".repeat(n)).into_bytes()
    });
    grows("json, wrappers in wrappers", 5000, &|n| [b"{\"data\":".repeat(n), b"1".to_vec(), b"}".repeat(n)].concat());
    grows("json, escapes in strings in strings", 2000, &|n| {
        let text = format!("{{\"data\":{}}}", Value::from("{\"a\\u0020\":".repeat(n)));
        format!("{{\"data\":{}}}", Value::from(text)).into_bytes()
    });
}

/// Bytes that are held for decompressed texts.
#[test]
fn decompression_bombs_stop_at_one_text_beyond_the_limit() {
    let bomb = png::chunk(b"zTXt", b"workflow\0\0bomb");
    let mut reader = MetadataReader::whole(png::file(&vec![bomb; 30]));
    let mut inflated = 0;
    let error = loop {
        match reader.step() {
            Ok(Step::Inflate(_)) => {
                inflated += 1;
                reader.inflated(Some(vec![b' '; LARGEST_TEXT as usize]));
            }
            Ok(step) => panic!("{step:?}"),
            Err(error) => break error,
        }
    };
    assert_eq!((inflated, error.problem), (1, Problem::NotJson));
}
