//! Binary frames: a big-endian u32 names the kind, then comes a picture or a text. The picture's bytes never enter
//! this crate: a header tells where they begin, and only what precedes them is read.

use std::borrow::Cow;
use std::ops::Range;

use crate::protocol::json::Raw;

/// How many bytes [`Header::read`] wants.
pub const HEADER_LENGTH: usize = 8;

/// The longest metadata or text that is read, in bytes. Servers send some hundred.
const METADATA_LIMIT: usize = 1 << 20;

/// Where the parts of a binary frame are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    kind: Kind,
    /// The bytes that [`BinaryFrame::new`] wants.
    pub metadata: Range<usize>,
    /// Where the picture begins; the end of the frame where there is none.
    pub image: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Preview { format: u32 },
    Text { node_length: usize },
    PreviewWithMetadata,
}

impl Header {
    /// Reads the first bytes of a frame of `length` bytes. `None` for kinds without a meaning (2, unencoded previews,
    /// is not sent to clients) and for frames that are cut off.
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

/// A binary frame without its picture.
#[derive(Debug, Clone, PartialEq)]
pub enum BinaryFrame {
    /// Kinds 1 and 4: a picture of what a node is making.
    Preview(Preview),
    /// Kind 3: a line of text about a node, sent to every client of the server.
    ProgressText {
        /// The node it is about.
        node_id: String,
        /// The line.
        text: String,
    },
}

/// A preview picture's description.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Preview {
    /// MIME type of the picture.
    pub mime_type: &'static str,
    /// What the server said of it (kind 4 only).
    pub metadata: Option<PreviewMetadata>,
    /// Where in the frame the picture begins, in bytes.
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
    /// The prompt it belongs to.
    pub prompt_id: Option<String>,
    /// The node that makes it.
    pub node_id: Option<String>,
    /// The metadata as JSON text, all of it.
    pub text: String,
}

impl BinaryFrame {
    /// Makes the frame of its header, the bytes in `header.metadata`, and the first bytes of the picture, which tell
    /// its type better than the header does: servers have labelled PNGs as JPEG.
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

/// The MIME type of a picture by its first bytes (12 are enough).
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
    fn kind_1_is_a_preview_without_an_owner_and_the_bytes_tell_its_type() {
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
    fn frames_that_are_cut_off_or_of_no_known_kind_are_nothing() {
        for bytes in [&b""[..], b"\0\0\0", &frame(&[1], b""), &frame(&[2, 1], b"xx"), &frame(&[9, 1], b"xx")] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
        assert_eq!(read(&frame(&[3, 200], b"ab")), None);
        assert_eq!(read(&frame(&[4, u32::MAX], b"{}")), None);
        assert_eq!(read(&frame(&[4, 2], b"{]")), None);
    }
}
