//! Which format a file has, by its first bytes; names and MIME types lie too often.

use super::error::{EmbeddedError, Problem, Stop};
use super::found::Found;
use super::source::Source;
use super::{avif, bmff, ebml, flac, glb, id3, jpeg, json, ogg, png, safetensors, svg, webp};

/// A format that can carry a workflow.
pub(super) struct Kind {
    pub name: &'static str,
    pub read: fn(&Source, &mut Found) -> Result<(), Stop>,
}

/// As much of the beginning as is looked at: an SVG may begin with a long comment.
const HEAD: u64 = 4096;
/// Extensions and names of what can be read, for the error.
const READABLE: &str = "JSON, PNG, WebP, JPEG, AVIF, SVG, MP4, MOV, WebM, MKV, FLAC, MP3, Ogg, Opus, GLB, latent and \
                        safetensors";

pub(super) fn detect(source: &Source) -> Result<Kind, Stop> {
    source.rewind();
    let head = source.get(0, source.length().min(HEAD), "the beginning")?;
    let at = |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    let kind = |name, read| Ok(Kind { name, read });
    match () {
        _ if at(0, b"\x89PNG\r\n\x1a\n") => kind("PNG", png::read),
        _ if at(0, b"RIFF") && at(8, b"WEBP") => kind("WebP", webp::read),
        _ if at(0, b"\xff\xd8\xff") => kind("JPEG", jpeg::read),
        _ if at(4, b"ftyp") => match head.get(8..12) {
            Some(b"avif" | b"avis") => kind("AVIF", avif::read),
            Some(b"heic" | b"heix" | b"mif1" | b"msf1") => kind("HEIF", avif::read),
            Some(b"qt  ") => kind("MOV", bmff::read),
            _ => kind("MP4", bmff::read),
        },
        // QuickTime files of old have no `ftyp`.
        _ if at(4, b"moov") || at(4, b"wide") || at(4, b"mdat") => kind("MOV", bmff::read),
        _ if at(0, b"\x1aE\xdf\xa3") => {
            let webm = head[..head.len().min(64)].windows(4).any(|word| word == b"webm");
            kind(if webm { "WebM" } else { "Matroska file" }, ebml::read)
        }
        _ if at(0, b"fLaC") => kind("FLAC", flac::read),
        _ if at(0, b"OggS") => kind("Ogg file", ogg::read),
        _ if at(0, b"ID3") => kind("MP3", id3::read),
        // A frame of MPEG audio, layer III, without tags before it.
        _ if head.len() > 2 && head[0] == 0xff && head[1] & 0xe6 == 0xe2 => kind("MP3", |_, _| Ok(())),
        _ if at(0, b"glTF") => kind("GLB", glb::read),
        _ if at(4, b"\0\0\0\0{") => kind("safetensors file", safetensors::read),
        _ => detect_text(head).ok_or_else(|| Stop::Failed(unknown(head))).and_then(|kind| kind),
    }
}

fn detect_text(head: &[u8]) -> Option<Result<Kind, Stop>> {
    let utf16 = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    if utf16 {
        return Some(Ok(Kind { name: "JSON", read: json::read }));
    }
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    match text.first()? {
        b'{' => Some(Ok(Kind { name: "JSON", read: json::read })),
        b'<' if svg::is_svg(text) => Some(Ok(Kind { name: "SVG", read: svg::read })),
        b'[' => Some(Err(Stop::Failed(EmbeddedError::new(
            Problem::Unknown,
            "this is a JSON list; a workflow or a prompt is an object, which begins with a brace".to_owned(),
        )))),
        _ => None,
    }
}

fn unknown(head: &[u8]) -> EmbeddedError {
    let starts = |magic: &[u8]| head.starts_with(magic);
    let text = head.trim_ascii_start().to_ascii_lowercase();
    let what = match () {
        _ if head.is_empty() => "an empty file",
        _ if text.starts_with(b"<!doctype html") || text.starts_with(b"<html") => {
            "an HTML page, perhaps a server's error or login page instead of the file"
        }
        _ if starts(b"GIF8") => "a GIF, which carries no workflow",
        _ if starts(b"RIFF") => "a RIFF file (WAV, AVI), which carries no workflow",
        _ if starts(b"BM") => "a BMP, which carries no workflow",
        _ if starts(b"PK\x03\x04") => "a ZIP archive; unpack it first",
        _ if starts(b"\x1f\x8b") => "a gzip file; unpack it first",
        _ if starts(b"%PDF") => "a PDF, which carries no workflow",
        _ if text.starts_with(b"<") => "XML, but not SVG",
        _ if std::str::from_utf8(&head[..head.len().min(16)]).is_ok() => "text, but not JSON",
        _ => "of no known format",
    };
    let begin: Vec<_> = head.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let begin = if begin.is_empty() { String::new() } else { format!(" (it begins with {})", begin.join(" ")) };
    EmbeddedError::new(Problem::Unknown, format!("this is {what}{begin}; what can be read is {READABLE}"))
}
