//! Binary frames: a big-endian u32 for the kind, then an image or a text. The bytes of an image are not copied into this
//! crate: [`Header`] says where they begin, and only the bytes before them are read.

use std::borrow::Cow;
use std::ops::Range;

use crate::protocol::json::Raw;

/// Number of bytes that [`Header::read`] needs.
pub const HEADER_LENGTH: usize = 8;

/// Limit of metadata and texts in bytes. ComfyUI sends some hundred.
const METADATA_LIMIT: usize = 1 << 20;

/// The layout of a binary frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    kind: Kind,
    /// The bytes that [`BinaryFrame::new`] needs.
    pub metadata: Range<usize>,
    /// Where the image begins; the end of the frame where there is none.
    pub image: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Preview { format: u32 },
    Text { node_length: usize },
    PreviewWithMetadata,
}

impl Header {
    /// Reads the first bytes of a frame of `length` bytes. `None` for truncated frames and for unknown kinds; kind 2,
    /// unencoded previews, is not sent to clients.
    pub fn read(first: &[u8], length: usize) -> Option<Header> {
        let word = |at: usize| Some(u32::from_be_bytes(first.get(at..at + 4)?.try_into().ok()?));
        let (kind, second) = (word(0)?, word(4)?);
        match kind {
            1 => Some(Header { kind: Kind::Preview { format: second }, metadata: 8..8, image: 8 }),
            3 => {
                let node_length = second as usize;
                let rest = length.checked_sub(8)?;
                let fits = node_length <= rest && rest <= METADATA_LIMIT;
                fits.then_some(Header { kind: Kind::Text { node_length }, metadata: 8..length, image: length })
            }
            4 => {
                let end = 8 + (second as usize).min(METADATA_LIMIT + 1);
                let fits = end <= length && end <= 8 + METADATA_LIMIT;
                fits.then_some(Header { kind: Kind::PreviewWithMetadata, metadata: 8..end, image: end })
            }
            _ => None,
        }
    }
}

/// A binary frame without its image.
#[derive(Debug, Clone, PartialEq)]
pub enum BinaryFrame {
    /// Kinds 1 and 4: a preview image.
    Preview(Preview),
    /// Kind 3: a text for a node. The server sends it to all of its clients.
    ProgressText {
        /// The node.
        node_id: String,
        /// The text.
        text: String,
    },
}

/// A preview image's description.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Preview {
    /// MIME type of the image.
    pub mime_type: &'static str,
    /// Its metadata (kind 4 only).
    pub metadata: Option<PreviewMetadata>,
    /// Byte offset of the image in the frame.
    pub image: usize,
}

impl Preview {
    /// The extension of a file with this picture.
    pub fn extension(&self) -> &'static str {
        match self.mime_type {
            "image/png" => "png",
            "image/webp" => "webp",
            _ => "jpg",
        }
    }
}

/// The metadata of a kind 4 preview.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PreviewMetadata {
    /// The prompt that it belongs to.
    pub prompt_id: Option<String>,
    /// The node that the preview is of.
    pub node_id: Option<String>,
    /// All of the metadata as JSON text.
    pub text: String,
}

impl BinaryFrame {
    /// Builds the frame from its header, the bytes in `header.metadata`, and the first bytes of the image. The MIME type
    /// comes from these bytes, because servers have labelled PNGs as JPEG.
    pub fn new(header: &Header, metadata: &[u8], image_start: &[u8]) -> Option<BinaryFrame> {
        match header.kind {
            Kind::Preview { format } => {
                let labelled = if format == 2 { "image/png" } else { "image/jpeg" };
                let mime_type = mime_type(image_start).unwrap_or(labelled);
                Some(BinaryFrame::Preview(Preview { mime_type, metadata: None, image: header.image }))
            }
            Kind::Text { node_length } => {
                let (node, text) = metadata.split_at_checked(node_length)?;
                Some(BinaryFrame::ProgressText {
                    node_id: String::from_utf8_lossy(node).into_owned(),
                    text: String::from_utf8_lossy(text).into_owned(),
                })
            }
            Kind::PreviewWithMetadata => {
                let text = std::str::from_utf8(metadata).ok()?;
                let fields = Raw::read(text).ok()?;
                let labelled = match &*fields.string_at("image_type") {
                    "image/png" => "image/png",
                    "image/webp" => "image/webp",
                    _ => "image/jpeg",
                };
                let id = |key| fields.get(key).id().map(Cow::into_owned);
                Some(BinaryFrame::Preview(Preview {
                    mime_type: mime_type(image_start).unwrap_or(labelled),
                    image: header.image,
                    metadata: Some(PreviewMetadata {
                        prompt_id: id("prompt_id"),
                        node_id: id("node_id"),
                        text: text.to_owned(),
                    }),
                }))
            }
        }
    }
}

/// The MIME type of an image by its first 12 bytes.
pub fn mime_type(start: &[u8]) -> Option<&'static str> {
    match start {
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(frame: &[u8]) -> Option<BinaryFrame> {
        let header = Header::read(&frame[..frame.len().min(HEADER_LENGTH)], frame.len())?;
        BinaryFrame::new(&header, &frame[header.metadata.clone()], &frame[header.image..])
    }

    fn frame(words: &[u32], rest: &[u8]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_be_bytes()).chain(rest.iter().copied()).collect()
    }

    #[test]
    fn kind_1_is_a_preview_without_a_prompt_id_whose_type_comes_from_its_bytes() {
        let BinaryFrame::Preview(preview) = read(&frame(&[1, 1], b"\x89PNG....")).unwrap() else { panic!() };
        assert_eq!(preview, Preview { mime_type: "image/png", metadata: None, image: 8 });
    }

    #[test]
    fn kind_3_is_a_text_for_a_node() {
        let text = read(&frame(&[3, 2], "12héllo".as_bytes()));
        assert_eq!(text, Some(BinaryFrame::ProgressText { node_id: "12".into(), text: "héllo".into() }));
    }

    #[test]
    fn kind_4_carries_metadata() {
        let metadata = br#"{"node_id": "3", "prompt_id": "p", "image_type": "image/webp", "more": [1]}"#;
        let bytes = frame(&[4, metadata.len() as u32], &[metadata, &b"????"[..]].concat());
        let BinaryFrame::Preview(preview) = read(&bytes).unwrap() else { panic!() };
        assert_eq!(preview.mime_type, "image/webp");
        assert_eq!(preview.image, 8 + metadata.len());
        assert_eq!(preview.metadata.unwrap().node_id.as_deref(), Some("3"));
    }

    #[test]
    fn truncated_frames_and_unknown_kinds_are_refused() {
        for bytes in [&b""[..], b"\0\0\0", &frame(&[1], b""), &frame(&[2, 1], b"xx"), &frame(&[9, 1], b"xx")] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
        assert_eq!(read(&frame(&[3, 200], b"ab")), None);
        assert_eq!(read(&frame(&[4, u32::MAX], b"{}")), None);
        assert_eq!(read(&frame(&[4, 2], b"{]")), None);
    }
}
