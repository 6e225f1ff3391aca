//! Detects the format of a file by its first bytes, because names and MIME types are often wrong.

use crate::metadata::avif;
use crate::metadata::bmff;
use crate::metadata::collector::Collector;
use crate::metadata::ebml;
use crate::metadata::embedded::{EmbeddedError, Problem};
use crate::metadata::flac;
use crate::metadata::glb;
use crate::metadata::id3;
use crate::metadata::jpeg;
use crate::metadata::json_file;
use crate::metadata::ogg;
use crate::metadata::png;
use crate::metadata::safetensors;
use crate::metadata::source::{Source, Stop};
use crate::metadata::svg;
use crate::metadata::webp;

/// A format that can carry a workflow.
pub(super) struct Format {
    pub name: &'static str,
    pub read: fn(&Source, &mut Collector) -> Option<()>,
}

/// Bytes that are examined: an SVG can begin with a long comment.
const HEAD: u64 = 4096;
/// The readable formats, for error messages.
const READABLE: &str = "JSON, PNG, WebP, JPEG, AVIF, SVG, MP4, MOV, WebM, MKV, FLAC, MP3, Ogg, Opus, GLB, latent and \
                        safetensors";

pub(super) fn detect(source: &Source) -> Option<Format> {
    source.rewind();
    let head = source.get(0, source.length().min(HEAD), "the beginning")?;
    let at = |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let (name, read): (_, fn(&Source, &mut Collector) -> Option<()>) = match () {
        _ if at(0, b"\x89PNG\r\n\x1a\n") => ("PNG", png::read),
        _ if at(0, b"RIFF") && at(8, b"WEBP") => ("WebP", webp::read),
        _ if at(0, b"\xff\xd8\xff") => ("JPEG", jpeg::read),
        _ if at(4, b"ftypavi") => ("AVIF", avif::read),
        _ if at(4, b"ftyphei") || at(4, b"ftypmif1") => ("HEIF", avif::read),
        _ if at(4, b"ftypqt") => ("MOV", bmff::read),
        _ if at(4, b"ftyp") => ("MP4", bmff::read),
        // Old QuickTime files have no `ftyp`.
        _ if at(4, b"moov") || at(4, b"wide") || at(4, b"mdat") => ("MOV", bmff::read),
        // The document type is in the first element.
        _ if at(0, b"\x1aE\xdf\xa3") => {
            let webm = head[..head.len().min(64)].windows(4).any(|word| word == b"webm");
            (if webm { "WebM" } else { "Matroska file" }, ebml::read)
        }
        _ if at(0, b"fLaC") => ("FLAC", flac::read),
        _ if at(0, b"OggS") => ("Ogg file", ogg::read),
        _ if at(0, b"ID3") => ("MP3", id3::read),
        // A frame of MPEG audio, layer III, without an ID3 tag.
        _ if head.len() > 2 && head[0] == 0xff && head[1] & 0xe6 == 0xe2 => ("MP3", |_, _| Some(())),
        _ if at(0, b"glTF") => ("GLB", glb::read),
        _ if at(4, b"\0\0\0\0{") => ("safetensors file", safetensors::read),
        _ if at(0, b"\xff\xfe") || at(0, b"\xfe\xff") || text.starts_with(b"{") => ("JSON", json_file::read),
        _ if text.starts_with(b"<") && svg::is_svg(text) => ("SVG", svg::read),
        _ => return source.stop(Stop::Failed(unknown(head, text))),
    };
    Some(Format { name, read })
}

fn unknown(head: &[u8], text: &[u8]) -> EmbeddedError {
    let what = match () {
        _ if head.is_empty() => "an empty file",
        _ if text.starts_with(b"[") => "a JSON list, not an object",
        _ if text.starts_with(b"<") => "HTML or XML, perhaps a server's error or login page instead of the file",
        _ if head.starts_with(b"GIF8") => "a GIF, which carries no workflow",
        _ if head.starts_with(b"RIFF") => "a WAV or AVI, which carries no workflow",
        _ if head.starts_with(b"PK\x03\x04") || head.starts_with(b"\x1f\x8b") => "an archive; unpack it first",
        _ if head.iter().take(16).all(|byte| byte.is_ascii_graphic() || byte.is_ascii_whitespace()) => {
            "text, but not JSON"
        }
        _ => "of no known format",
    };
    EmbeddedError::new(Problem::Unknown, ["this is ", what, "; what can be read is ", READABLE].concat())
}
