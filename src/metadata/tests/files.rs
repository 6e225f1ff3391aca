//! Files made by the writers that ComfyUI uses: see tests/metadata/make.py.

use crate::metadata::tests::*;

const fn file(name: &'static str, format: &'static str, bytes: &'static [u8]) -> File {
    File { name, format, bytes }
}

pub(super) struct File {
    pub name: &'static str,
    pub format: &'static str,
    pub bytes: &'static [u8],
}

macro_rules! files {
    ($($name:literal is $format:literal,)*) => {
        &[$(file($name, $format, include_bytes!(concat!("../../../tests/metadata/", $name))),)*]
    };
}

pub(super) const FILES: &[File] = files![
    "animated.png" is "PNG",
    "animated.webp" is "WebP",
    "comment.mp4" is "MP4",
    "comment.webm" is "WebM",
    "compressed.png" is "PNG",
    "picture.avif" is "AVIF",
    "picture.jpg" is "JPEG",
    "save_audio.flac" is "FLAC",
    "save_audio.mp3" is "MP3",
    "save_audio.opus" is "Ogg file",
    "save_image.png" is "PNG",
    "save_video.mkv" is "Matroska file",
    "save_video.mov" is "MOV",
    "save_video.mp4" is "MP4",
    "save_webm.webm" is "WebM",
    "user_comment.jpg" is "JPEG",
    "utf16.mp3" is "MP3",
];

fn workflow() -> Value {
    value!({"nodes": [{"id": 1, "type": "Note", "title": "café 图"}], "links": [], "version": 0.4})
}

fn prompt() -> Value {
    value!({"1": {"class_type": "Note", "inputs": {"text": "café 图", "nan": null}}})
}

#[test]
fn what_comfyuis_savers_write_is_read() {
    for File { name, format, bytes } in FILES {
        let embedded = read(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(embedded.format, *format, "{name}");
        assert_eq!(parsed(&embedded.workflow), Some(workflow()), "{name}");
        assert_eq!(parsed(&embedded.prompt), Some(prompt()), "{name}");
    }
}

#[test]
fn text_beyond_latin_1_is_read_as_it_was_written() {
    let embedded = read(include_bytes!("../../../tests/metadata/unicode.png")).unwrap();
    assert!(embedded.workflow.as_ref().unwrap().contains("café 图"), "{embedded:?}");
    assert_eq!((parsed(&embedded.workflow), embedded.prompt), (Some(workflow()), None));
}

#[test]
fn read_in_pieces_it_is_the_same() {
    for File { name, bytes, .. } in FILES {
        let (result, ..) = read_in_pieces(bytes);
        assert_eq!(result, read(bytes), "{name}");
    }
}

#[test]
fn a_file_that_becomes_shorter_while_it_is_read_is_cut_off() {
    let film = include_bytes!("../../../tests/metadata/save_video.mp4");
    let mut reader = MetadataReader::new(film.len() as u64 + 1_000_000);
    let error = loop {
        match reader.step() {
            Ok(Step::Need(range)) => {
                let end = (range.end as usize).min(300);
                reader.feed(range.start, film[(range.start as usize).min(end)..end].to_vec());
            }
            Ok(step) => panic!("{step:?}"),
            Err(error) => break error,
        }
    };
    assert_eq!(error.problem, Problem::Damaged);
}

#[test]
fn of_a_long_film_only_its_metadata_is_read() {
    // FFmpeg puts the film itself before `moov`: make it 40 MB long.
    let film = include_bytes!("../../../tests/metadata/save_video.mp4");
    let data = film.windows(4).position(|word| word == b"mdat").unwrap();
    let size = u32::from_be_bytes(film[data - 4..data].try_into().unwrap()) as usize;
    let mut long = film[..data - 4].to_vec();
    long.extend((size as u32 + 40_000_000).to_be_bytes());
    long.extend(&film[data..data - 4 + size]);
    long.resize(long.len() + 40_000_000, 0);
    long.extend(&film[data - 4 + size..]);

    let (result, bytes, pieces) = read_in_pieces(&long);
    assert_eq!(parsed(&result.unwrap().workflow), Some(workflow()));
    assert!(bytes < 200_000 && pieces <= 3, "{bytes} bytes in {pieces} pieces");
}
