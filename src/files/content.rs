//! What a file is, by its first bytes.

use crate::files::kind::{Kind, are_alike, is_known, of_extension};

/// How many bytes from the start of a file are enough for [`extension`].
pub const HEAD: usize = 64;

/// The usual extension of the format that the bytes begin with; `None` for an unknown format.
pub fn extension(head: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, magic: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(magic));
    let has =
        |needle: &[u8]| head.get(..HEAD.min(head.len())).is_some_and(|h| h.windows(needle.len()).any(|w| w == needle));
    Some(match () {
        _ if at(0, b"\x89PNG\r\n\x1a\n") => "png",
        _ if at(0, b"\xff\xd8\xff") => "jpg",
        _ if at(0, b"GIF87a") || at(0, b"GIF89a") => "gif",
        _ if at(0, b"RIFF") && at(8, b"WEBP") => "webp",
        _ if at(0, b"RIFF") && at(8, b"WAVE") => "wav",
        _ if at(0, b"RIFF") && at(8, b"AVI ") => "avi",
        _ if at(4, b"ftypavif") || at(4, b"ftypavis") => "avif",
        _ if at(4, b"ftyphei") || at(4, b"ftypmif1") => "heic",
        _ if at(4, b"ftypM4A") => "m4a",
        _ if at(4, b"ftypqt") => "mov",
        _ if at(4, b"ftyp") => "mp4",
        _ if at(0, b"\x1aE\xdf\xa3") => {
            if has(b"webm") {
                "webm"
            } else {
                "mkv"
            }
        }
        _ if at(0, b"fLaC") => "flac",
        _ if at(0, b"OggS") => {
            if has(b"OpusHead") {
                "opus"
            } else {
                "ogg"
            }
        }
        _ if at(0, b"ID3") || at(0, b"\xff\xfb") || at(0, b"\xff\xf3") || at(0, b"\xff\xf2") => "mp3",
        _ if at(0, b"glTF") => "glb",
        _ if at(0, b"\x76\x2f\x31\x01") => "exr",
        _ if at(0, b"8BPS") => "psd",
        _ if at(0, b"II*\0") || at(0, b"MM\0*") => "tif",
        _ if at(0, b"%PDF-") => "pdf",
        _ => return None,
    })
}

/// The extension that a file should have, where its first bytes are of another format than its extension says.
pub fn contradiction(file_extension: &str, head: &[u8]) -> Option<&'static str> {
    let real = extension(head).filter(|real| !are_alike(real, file_extension))?;
    // ID3 tags also come before audio formats other than MP3.
    let tagged = head.starts_with(b"ID3") && of_extension(file_extension) == Some(Kind::Audio);
    (is_known(file_extension) && !tagged).then_some(real)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[test]
    fn formats_are_known_by_their_first_bytes() {
        for (head, expected) in [
            (PNG, Some("png")),
            (b"\xff\xd8\xff\xe0", Some("jpg")),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some("webp")),
            (b"\0\0\0\x20ftypisom", Some("mp4")),
            (b"\0\0\0\x20ftypavif", Some("avif")),
            (b"\x1aE\xdf\xa3\x9fB\x82\x84webm", Some("webm")),
            (b"\x1aE\xdf\xa3\x9fB\x82\x88matroska", Some("mkv")),
            (b"OggS\0\x02\0\0\0\0\0\0\0\0OpusHead", Some("opus")),
            (b"ID3\x04", Some("mp3")),
            (b"{\"a\": 1}", None),
            (b"", None),
        ] {
            assert_eq!(extension(head), expected, "{head:?}");
        }
    }

    #[test]
    fn only_a_known_extension_with_other_bytes_is_a_contradiction() {
        assert_eq!(contradiction("jpg", PNG), Some("png"));
        assert_eq!(contradiction("png", PNG), None);
        assert_eq!(contradiction("mov", b"\0\0\0\x20ftypisom"), None);
        assert_eq!(contradiction("png", b"anything"), None);
        assert_eq!(contradiction("flac", b"ID3\x04"), None);
        assert_eq!(contradiction("png", b"ID3\x04"), Some("mp3"));
        assert_eq!(contradiction("bin", PNG), None);
    }
}
