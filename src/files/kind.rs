//! What a file is, by its extension: its kind, its MIME type, and which extensions mean the same.

/// What an output is, in a word that callers choose by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A picture, animated or not.
    Image,
    /// A film.
    Video,
    /// Sound.
    Audio,
    /// Text, in a file or as it is.
    Text,
    /// A 3D model, a splat, a point cloud.
    Model3d,
    /// A latent.
    Latent,
    /// Anything else.
    File,
}

impl Kind {
    /// The kind's name: `image`, `video`, `audio`, `text`, `3d`, `latent`, `file`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Image => "image",
            Kind::Video => "video",
            Kind::Audio => "audio",
            Kind::Text => "text",
            Kind::Model3d => "3d",
            Kind::Latent => "latent",
            Kind::File => "file",
        }
    }

    /// All kinds.
    pub const ALL: [Kind; 7] =
        [Kind::Image, Kind::Video, Kind::Audio, Kind::Text, Kind::Model3d, Kind::Latent, Kind::File];

    /// Whether a word means any kind, or is a key that many nodes list files of one under.
    pub fn is_word(word: &str) -> bool {
        Kind::ALL.iter().any(|kind| kind.is_called(word)) || Kind::of_key(word) != Kind::File
    }

    /// Whether a caller's word means this kind: its name, or the plural of it.
    pub fn is_called(self, word: &str) -> bool {
        word == self.name() || word.strip_suffix('s') == Some(self.name())
    }

    /// The kind of what a node listed under `key`, for a file whose extension says nothing.
    pub fn of_key(key: &str) -> Kind {
        match key {
            "images" | "image" | "gifs" => Kind::Image,
            "video" | "videos" => Kind::Video,
            "audio" | "audios" => Kind::Audio,
            "text" | "texts" | "string" | "strings" => Kind::Text,
            "3d" | "mesh" | "meshes" => Kind::Model3d,
            "latent" | "latents" => Kind::Latent,
            _ => Kind::File,
        }
    }
}

/// The MIME type of a file of which nothing is known.
pub const UNKNOWN_MIME: &str = "application/octet-stream";

/// Extensions of one format, its usual one first; its kind; its MIME type. One text instead of a list makes less wasm.
const TYPES: &[(&str, Kind, &str)] = &[
    ("png apng", Kind::Image, "image/png"),
    ("jpg jpeg", Kind::Image, "image/jpeg"),
    ("webp", Kind::Image, "image/webp"),
    ("gif", Kind::Image, "image/gif"),
    ("avif", Kind::Image, "image/avif"),
    ("heic heif", Kind::Image, "image/heic"),
    ("svg", Kind::Image, "image/svg+xml"),
    ("bmp", Kind::Image, "image/bmp"),
    ("tif tiff", Kind::Image, "image/tiff"),
    ("exr", Kind::Image, "image/x-exr"),
    ("psd", Kind::Image, "image/vnd.adobe.photoshop"),
    ("mp4 m4v", Kind::Video, "video/mp4"),
    ("mov", Kind::Video, "video/quicktime"),
    ("webm", Kind::Video, "video/webm"),
    ("mkv", Kind::Video, "video/x-matroska"),
    ("avi", Kind::Video, "video/x-msvideo"),
    ("flac", Kind::Audio, "audio/flac"),
    ("mp3", Kind::Audio, "audio/mpeg"),
    ("ogg opus", Kind::Audio, "audio/ogg"),
    ("wav", Kind::Audio, "audio/wav"),
    ("m4a", Kind::Audio, "audio/mp4"),
    ("aac", Kind::Audio, "audio/aac"),
    ("glb", Kind::Model3d, "model/gltf-binary"),
    ("gltf", Kind::Model3d, "model/gltf+json"),
    ("obj", Kind::Model3d, "model/obj"),
    ("stl", Kind::Model3d, "model/stl"),
    ("fbx", Kind::Model3d, UNKNOWN_MIME),
    ("ply", Kind::Model3d, UNKNOWN_MIME),
    ("usdz", Kind::Model3d, UNKNOWN_MIME),
    ("splat", Kind::Model3d, UNKNOWN_MIME),
    ("ksplat", Kind::Model3d, UNKNOWN_MIME),
    ("spz", Kind::Model3d, UNKNOWN_MIME),
    ("latent", Kind::Latent, UNKNOWN_MIME),
    ("safetensors", Kind::File, UNKNOWN_MIME),
    ("txt", Kind::Text, "text/plain"),
    ("md", Kind::Text, "text/markdown"),
    ("json", Kind::Text, "application/json"),
    ("csv", Kind::Text, "text/csv"),
    ("html htm", Kind::Text, "text/html"),
    ("zip", Kind::File, "application/zip"),
];

/// Formats that share a container: files of one may carry the extension of another.
const CONTAINERS: [&str; 4] = ["mp4 m4v mov m4a", "webm mkv", "ogg opus", "safetensors latent"];

fn has(list: &str, extension: &str) -> bool {
    list.split(' ').any(|listed| listed.eq_ignore_ascii_case(extension))
}

fn row(extension: &str) -> Option<&'static (&'static str, Kind, &'static str)> {
    TYPES.iter().find(|(extensions, ..)| has(extensions, extension))
}

/// Whether the extension, without its dot, is one of a format known here.
pub fn is_known(extension: &str) -> bool {
    row(extension).is_some()
}

/// The kind of files with this extension; `None` where it says nothing.
pub fn of_extension(extension: &str) -> Option<Kind> {
    row(extension).map(|(_, kind, _)| *kind)
}

/// The MIME type of files with this extension.
pub fn mime(extension: &str) -> &'static str {
    row(extension).map_or(UNKNOWN_MIME, |(_, _, mime)| mime)
}

/// Whether files of one extension may carry the other: `jpg` and `jpeg`, `mp4` and `mov`.
pub fn are_alike(one: &str, other: &str) -> bool {
    let mut lists = TYPES.iter().map(|(extensions, ..)| *extensions).chain(CONTAINERS);
    one.eq_ignore_ascii_case(other) || lists.any(|list| has(list, one) && has(list, other))
}

/// A file name in stem and extension, the dot in neither, as Python's `Path` splits it: `.hidden` and `name.` have no
/// extension.
pub fn split(filename: &str) -> (&str, &str) {
    match filename.rfind('.') {
        Some(dot) if dot > 0 && dot + 1 < filename.len() => (&filename[..dot], &filename[dot + 1..]),
        _ => (filename, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_tells_kind_and_mime_type() {
        for (extension, kind, mime_type) in [
            ("PNG", Kind::Image, "image/png"),
            ("mp4", Kind::Video, "video/mp4"),
            ("flac", Kind::Audio, "audio/flac"),
            ("opus", Kind::Audio, "audio/ogg"),
            ("glb", Kind::Model3d, "model/gltf-binary"),
            ("latent", Kind::Latent, UNKNOWN_MIME),
        ] {
            assert_eq!((of_extension(extension), mime(extension)), (Some(kind), mime_type));
        }
        assert_eq!((of_extension("xyz"), mime("xyz")), (None, UNKNOWN_MIME));
    }

    #[test]
    fn extensions_of_one_format_or_container_are_alike() {
        assert!(
            are_alike("jpg", "JPEG") && are_alike("mp4", "mov") && are_alike("xyz", "xyz") && are_alike("ogg", "opus")
        );
        assert!(!are_alike("png", "jpg") && !are_alike("fbx", "ply") && !are_alike("webm", "mp4"));
    }

    #[test]
    fn names_split_as_python_splits_them() {
        assert_eq!(split("lab_00004_.png"), ("lab_00004_", "png"));
        assert_eq!(split("a.tar.gz"), ("a.tar", "gz"));
        assert_eq!(split(".hidden"), (".hidden", ""));
        assert_eq!(split("name."), ("name.", ""));
        assert_eq!(split(""), ("", ""));
    }

    #[test]
    fn kinds_are_called_by_name_or_plural() {
        assert!(Kind::Image.is_called("image") && Kind::Image.is_called("images") && Kind::Model3d.is_called("3d"));
        assert!(!Kind::Image.is_called("video") && !Kind::Audio.is_called("audi"));
        for word in ["images", "3d", "file", "files", "gifs", "latents"] {
            assert!(Kind::is_word(word), "{word}");
        }
        assert!(!Kind::is_word("foo") && !Kind::is_word("") && !Kind::is_word("png"));
    }
}
