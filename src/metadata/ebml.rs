//! WebM and Matroska: `SimpleTag` elements. FFmpeg writes their names in capitals, before the clusters with the video.

use crate::metadata::collector::Collector;
use crate::metadata::source::{Cursor, Source};
use crate::metadata::text::decode;

const SEGMENT: u64 = 0x1853_8067;
const SEEK_HEAD: u64 = 0x114d_9b74;
const SEEK: u64 = 0x4dbb;
const SEEK_ID: u64 = 0x53ab;
const SEEK_POSITION: u64 = 0x53ac;
const CLUSTER: u64 = 0x1f43_b675;
const TAGS: u64 = 0x1254_c367;
const TAG: u64 = 0x7373;
const SIMPLE_TAG: u64 = 0x67c8;
const TAG_NAME: u64 = 0x45a3;
const TAG_STRING: u64 = 0x4487;

pub(super) fn read(source: &Source, collector: &mut Collector) -> Option<()> {
    let mut at = 0;
    let mut segment = None;
    let mut announced = None;
    while at < source.length() {
        let element = Element::at(source, at)?;
        at = element.end;
        match element.id {
            // Its content is read next.
            SEGMENT => {
                segment = Some(element.start);
                at = element.start;
            }
            TAGS => tags(element.content(source)?, 0, collector)?,
            SEEK_HEAD => announced = position_of_tags(element.content(source)?, 0)?.or(announced),
            // Tags behind the clusters are found by their position in the seek head, not by reading all clusters.
            CLUSTER => {
                if let Some(position) = announced.take()
                    && let Some(segment) = segment
                {
                    at = at.max(position.saturating_add(segment));
                }
            }
            _ => {}
        }
    }
    Some(())
}

/// An element: its id and the range of its content.
struct Element {
    id: u64,
    start: u64,
    end: u64,
}

impl Element {
    fn at(source: &Source, at: u64) -> Option<Element> {
        // An id has up to 4 bytes, a length up to 8.
        let mut header = source.cursor(at, (source.length() - at).min(12), "an element")?;
        let (id, length) = head(&mut header)?;
        let start = header.position();
        Some(Element { id, start, end: length.map_or(source.length(), |length| start.saturating_add(length)) })
    }

    fn content<'a>(&self, source: &'a Source) -> Option<Cursor<'a>> {
        source.cursor(self.start, self.end - self.start, "an element")
    }
}

/// Id (with its length marker, as ids are usually written) and length (without it). A length of all ones is unknown.
fn head(fields: &mut Cursor<'_>) -> Option<(u64, Option<u64>)> {
    let id = number(fields)?;
    let at = fields.position();
    let length = number(fields)?;
    let most = (1 << (7 * (fields.position() - at))) - 1;
    Some((id, Some(length & most).filter(|length| *length != most)))
}

/// A number of variable size, including its marker: the leading zero bits say how many bytes follow.
fn number(fields: &mut Cursor<'_>) -> Option<u64> {
    let first = fields.u8()?;
    let more = first.leading_zeros().min(7) as usize;
    Some(u64::from(first) << (8 * more) | fields.be(more)?)
}

/// The next element of a part that is in memory.
fn next<'a>(part: &mut Cursor<'a>) -> Option<(u64, Cursor<'a>)> {
    let (id, length) = head(part)?;
    Some((id, part.inner(length.unwrap_or(part.left() as u64))?))
}

/// Limit of nested elements.
const DEPTH: usize = 4;

/// Reads tags. A tag contains simple tags; each of these has a name and then a text.
fn tags(mut part: Cursor<'_>, depth: usize, collector: &mut Collector) -> Option<()> {
    let mut name: &[u8] = b"";
    while part.left() > 0 {
        let (id, mut content) = next(&mut part)?;
        match id {
            TAG | SIMPLE_TAG if depth < DEPTH => tags(content, depth + 1, collector)?,
            TAG_NAME => name = content.until_zero(),
            TAG_STRING => collector.take(name, &decode(content.rest())),
            _ => {}
        }
    }
    Some(())
}

/// The position of the tags, relative to the content of the segment.
fn position_of_tags(mut part: Cursor<'_>, depth: usize) -> Option<Option<u64>> {
    let mut wanted = false;
    while part.left() > 0 {
        let (id, mut content) = next(&mut part)?;
        let size = content.left();
        match id {
            SEEK if depth < DEPTH => match position_of_tags(content, depth + 1)? {
                None => {}
                position => return Some(position),
            },
            SEEK_ID if size <= 4 => wanted = content.be(size)? == TAGS,
            SEEK_POSITION if size <= 8 && wanted => return Some(Some(content.be(size)?)),
            _ => {}
        }
    }
    Some(None)
}
