//! Ogg: the comments of Opus, Vorbis, Theora, Speex and FLAC streams. A comment packet goes over as many pages as it
//! needs, so pages are put together, those of the file's first stream.

use super::error::{Stop, damaged};
use super::flac;
use super::found::Found;
use super::source::{Fields, LARGEST_TEXT, Source};

const HEADER: u64 = 27;
/// FLAC has a packet for each metadata block; with all others the comments are the second packet.
const PACKETS: usize = 8;

pub(super) fn read(source: &Source, found: &mut Found) -> Result<(), Stop> {
    let mut codec = Codec::Other;
    let mut packet = Vec::new();
    let mut packets = 0;
    let mut stream = None;
    let mut at = 0;
    while at < source.length() && packets < PACKETS {
        let mut page = source.fields(at, HEADER, "a page")?;
        if page.take(4)? != b"OggS" {
            return damaged(at, "there is no page");
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
                return damaged(data, "there is a packet larger than any workflow");
            }
            if *length < 255 {
                match (packets, codec) {
                    (0, _) => codec = Codec::of(&packet),
                    (_, Codec::Flac) => {
                        if packet.first().is_some_and(|kind| kind & 0x7f == 4) && packet.len() > 4 {
                            return flac::comments(Fields::of(&packet[4..], data, "the comments"), found);
                        }
                    }
                    (_, Codec::Comments(magic)) => {
                        let Some(comments) = packet.strip_prefix(magic) else { return Ok(()) };
                        return flac::comments(Fields::of(comments, data, "the comments"), found);
                    }
                    (_, Codec::Other) => return Ok(()),
                }
                packet.clear();
                packets += 1;
            }
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Codec {
    /// The second packet has comments behind this.
    Comments(&'static [u8]),
    Flac,
    Other,
}

impl Codec {
    fn of(packet: &[u8]) -> Codec {
        match () {
            _ if packet.starts_with(b"OpusHead") => Codec::Comments(b"OpusTags"),
            _ if packet.starts_with(b"\x01vorbis") => Codec::Comments(b"\x03vorbis"),
            _ if packet.starts_with(b"\x80theora") => Codec::Comments(b"\x81theora"),
            _ if packet.starts_with(b"Speex   ") => Codec::Comments(b""),
            _ if packet.starts_with(b"\x7fFLAC") => Codec::Flac,
            _ => Codec::Other,
        }
    }
}
