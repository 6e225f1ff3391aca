//! Workflows and prompts inside of files, as ComfyUI and its nodes leave them there, read as its own editor reads them
//! (frontend 1.58.1), and a little further: JPEG, `zTXt`, Matroska, and the one `comment` in which VideoHelperSuite
//! keeps both.
//!
//! | file | where |
//! |---|---|
//! | PNG, APNG | chunks `tEXt`, `iTXt`, `zTXt`, `comf`, by their keyword |
//! | WebP, JPEG, AVIF | EXIF texts `workflow:{…}` and `prompt:{…}`, `UserComment` |
//! | WebM, Matroska | tags |
//! | MP4, MOV | `moov/udta/meta` or `moov/meta`, `keys` and `ilst` |
//! | FLAC, Ogg, Opus | Vorbis comments |
//! | MP3 | ID3v2 `TXXX` |
//! | GLB | `asset.extras` |
//! | SVG | `<metadata><![CDATA[{…}]]></metadata>` |
//! | latent, safetensors | `__metadata__` |
//! | JSON | the whole file |
//!
//! A [`MetadataReader`] asks for the parts of a file that it needs, so that a film of gigabytes costs some kilobytes.

mod avif;
mod bmff;
mod ebml;
mod exif;
mod file_error;
mod flac;
mod found;
mod glb;
mod id3;
mod jpeg;
mod json_file;
mod kind;
mod ogg;
mod png;
mod safetensors;
mod source;
mod svg;
mod webp;

pub use file_error::{EmbeddedError, Problem};
pub use source::LARGEST_TEXT;

use file_error::Stop;
use found::Found;
use source::Source;
use std::ops::Range;

/// What a file carries. At least one of the two is there; both are JSON objects, `NaN` and `Infinity` as Python writes
/// them included.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedded {
    /// The file's format: `PNG`, `WebP`, `JSON`, …
    pub format: &'static str,
    /// What the editor saved, as JSON text.
    pub workflow: Option<String>,
    /// The API form, as JSON text.
    pub prompt: Option<String>,
}

/// What a [`MetadataReader`] wants next.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// These bytes of the file: give them to [`MetadataReader::feed`].
    Need(Range<u64>),
    /// These bytes decompressed (zlib, RFC 1950): give them to [`MetadataReader::inflated`]. No more than [`LARGEST_TEXT`]
    /// bytes are wanted. Every platform has a decompressor; a second one would only make the package larger.
    Inflate(Vec<u8>),
    /// Nothing more.
    Done(Embedded),
}

/// Reads what a file carries, without reading all of the file.
pub struct MetadataReader {
    source: Source,
}

impl MetadataReader {
    /// A file of so many bytes, none of which have been read.
    pub fn new(length: u64) -> Self {
        Self { source: Source::new(length) }
    }

    /// A file that is in memory.
    pub fn whole(bytes: Vec<u8>) -> Self {
        let mut reader = Self::new(bytes.len() as u64);
        reader.feed(0, bytes);
        reader
    }

    /// Bytes of the file, from `start` on.
    pub fn feed(&mut self, start: u64, bytes: Vec<u8>) {
        self.source.feed(start, bytes);
    }

    /// What [`Step::Inflate`] asked for, or `None` where it could not be decompressed.
    pub fn inflated(&mut self, bytes: Option<Vec<u8>>) {
        self.source.inflated(bytes);
    }

    /// Goes on as far as the bytes reach that are there.
    pub fn step(&self) -> Result<Step, EmbeddedError> {
        let mut found = Found::default();
        let mut format = "file";
        let read = kind::detect(&self.source).and_then(|kind| {
            format = kind.name;
            (kind.read)(&self.source, &mut found)
        });
        match self.source.why().filter(|_| read.is_none()) {
            Some(Stop::Need(range)) => Ok(Step::Need(range)),
            Some(Stop::Inflate(bytes)) => Ok(Step::Inflate(bytes)),
            Some(Stop::Failed(error)) => Err(error),
            // A file that is cut off behind its workflow has all that is wanted of it.
            Some(Stop::Damaged { at, what, size }) => {
                let size = size.map(|size| format!(" of {size} bytes")).unwrap_or_default();
                let length = self.source.length();
                let error = format!("this {format} is damaged or cut off: {what}{size} at byte {at} of {length}");
                found.finish(format, Some(EmbeddedError::new(Problem::Damaged, error)))
            }
            None => found.finish(format, None),
        }
    }
}

#[cfg(test)]
mod tests;
