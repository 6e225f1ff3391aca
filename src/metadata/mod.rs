//! Workflows and prompts that are embedded in files, as ComfyUI and its custom nodes save them. Read as the editor reads
//! them (frontend 1.58.1), and beyond that: JPEG, `zTXt`, Matroska, and the `comment` of VideoHelperSuite.
//!
//! | file | where |
//! |---|---|
//! | PNG, APNG | chunks `tEXt`, `iTXt`, `zTXt`, `comf`, by their keyword |
//! | WebP, JPEG, AVIF | EXIF texts `workflow:{…}` and `prompt:{…}`, `UserComment` |
//! | WebM, Matroska | tags |
//! | MP4, MOV | `moov/udta/meta` or `moov/meta` with `keys` and `ilst`; `moov/udta/©cmt` |
//! | FLAC, Ogg, Opus | Vorbis comments |
//! | MP3 | ID3v2 `TXXX` and comments |
//! | GLB | `asset.extras` |
//! | SVG | JSON in `<metadata>` or `<desc>`, as CDATA or escaped |
//! | latent, safetensors | `__metadata__` |
//! | JSON | the whole file, and what APIs wrap around it |
//!
//! A [`MetadataReader`] asks for the ranges of a file that it needs, so that of a video only some kilobytes are read.

mod avif;
mod bmff;
mod collector;
mod ebml;
mod embedded;
mod exif;
mod flac;
mod format;
mod glb;
mod id3;
mod jpeg;
mod json_file;
mod metadata_reader;
mod ogg;
mod png;
mod safetensors;
mod source;
mod svg;
mod text;
mod webp;

pub use embedded::{Embedded, EmbeddedError, Problem};
pub use metadata_reader::{MetadataReader, Step};
pub use source::LARGEST_TEXT;

#[cfg(test)]
mod tests;
