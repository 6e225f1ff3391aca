//! Ogg: the comments of Opus, Vorbis, Theora, Speex and FLAC streams. Only the first stream of a file is read; its packets
//! are assembled, because a comment packet can span many pages.

use crate::metadata::collector::Collector;
use crate::metadata::flac;
use crate::metadata::source::{LARGEST_TEXT, Source};

const HEADER: u64 = 27;
/// Limit of packets. The comments are in the second one; FLAC has a packet for each metadata block.
const PACKETS: usize = 8;

/// The beginning of a stream's first packet, and that of its comment packet.
const CODECS: [(&[u8], &[u8]); 4] =
    [(b"OpusHead", b"OpusTags"), (b"\x01vorbis", b"\x03vorbis"), (b"\x80theora", b"\x81theora"), (b"Speex   ", b"")];

pub(super) fn read(source: &Source, collector: &mut Collector) -> Option<()> {
    let mut packets = 0;
    let mut packet = Vec::new();
    let mut comments_begin = None;
    let mut stream = None;
    let mut at = 0;
    while at < source.length() && packets < PACKETS {
        let mut page = source.cursor(at, HEADER, "a page")?;
        if page.take(4)? != b"OggS" {
            return source.damaged(at, "there is no page");
        }
        page.take(10)?;
        let serial = page.be(4)?;
        page.take(8)?;
        let segments = u64::from(page.u8()?);
        let lengths = source.get(at + HEADER, segments, "a page")?;
        let mut data = at + HEADER + segments;
        at = data + lengths.iter().map(|length| u64::from(*length)).sum::<u64>();
        if *stream.get_or_insert(serial) != serial {
            continue;
        }
        for length in lengths {
            packet.extend_from_slice(source.get(data, u64::from(*length), "a packet")?);
            data += u64::from(*length);
            if packet.len() as u64 > LARGEST_TEXT {
                return source.damaged(data, "there is a packet larger than any workflow");
            }
            if *length == 255 {
                continue;
            }
            // A segment of less than 255 bytes ends the packet.
            let start = match comments_begin {
                None if packets == 0 => {
                    let codec = CODECS.iter().find(|(first, _)| packet.starts_with(first));
                    comments_begin = codec.map(|(_, comments)| *comments);
                    if comments_begin.is_none() && !packet.starts_with(b"\x7fFLAC") {
                        return Some(());
                    }
                    None
                }
                None => packet.first().filter(|kind| **kind & 0x7f == 4).map(|_| 4),
                Some(begin) => Some(begin.len()).filter(|_| packet.starts_with(begin)),
            };
            if let Some(comments) = start.and_then(|start| packet.get(start..)) {
                return flac::comments(source.cursor_over(comments, data, "a comment"), collector);
            }
            packet.clear();
            packets += 1;
        }
    }
    Some(())
}
