//! WebM and Matroska: `SimpleTag` elements. FFmpeg writes their names in capitals, before the film's clusters.

use super::error::{Stop, damaged};
use super::found::{Found, decode};
use super::source::{Fields, Source};

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

pub(super) fn read(source: &Source, found: &mut Found) -> Result<(), Stop> {
    let mut at = 0;
    while at < source.length() {
        let element = Element::at(source, at)?;
        if element.id == SEGMENT {
            return segment(source, &element, found);
        }
        at = element.end(source)?;
    }
    Ok(())
}

/// An element: its id, where its content is, and how long, where that is known.
struct Element {
    id: u64,
    start: u64,
    length: Option<u64>,
}

impl Element {
    fn at(source: &Source, at: u64) -> Result<Element, Stop> {
        // An id has up to 4 bytes, a length up to 8.
        let mut header = source.fields(at, source.length().saturating_sub(at).min(12), "an element")?;
        let (id, length) = header_of(&mut header)?;
        Ok(Element { id, start: header.position(), length })
    }

    fn end(&self, source: &Source) -> Result<u64, Stop> {
        // A length that is not known ends with the file.
        Ok(self.length.map_or(source.length(), |length| self.start.saturating_add(length)))
    }

    fn content<'a>(&self, source: &'a Source, what: &'static str) -> Result<Fields<'a>, Stop> {
        source.fields(self.start, self.length.unwrap_or(source.length() - self.start), what)
    }
}

fn segment(source: &Source, segment: &Element, found: &mut Found) -> Result<(), Stop> {
    let end = segment.end(source)?.min(source.length());
    let mut announced = None;
    let mut at = segment.start;
    while at < end {
        let element = Element::at(source, at)?;
        match element.id {
            TAGS => tags(element.content(source, "the tags")?, found)?,
            SEEK_HEAD => announced = announced.or(position_of_tags(element.content(source, "the list of places")?)?),
            // Tags behind the film are found by their place, not by walking through the film.
            CLUSTER if announced.is_some() => break,
            _ => {}
        }
        at = element.end(source)?;
    }
    let announced = announced.map(|position| segment.start.saturating_add(position));
    if let Some(place) = announced.filter(|place| *place >= at && *place < end) {
        let element = Element::at(source, place)?;
        if element.id == TAGS {
            tags(element.content(source, "the tags")?, found)?;
        }
    }
    Ok(())
}

/// Calls for each element inside of a part that is in memory.
fn each<'a>(mut part: Fields<'a>, mut call: impl FnMut(u64, Fields<'a>) -> Result<(), Stop>) -> Result<(), Stop> {
    while part.left() > 0 {
        let (id, length) = header_of(&mut part)?;
        let length = length.map_or(part.left(), |length| usize::try_from(length).unwrap_or(usize::MAX));
        call(id, part.inner(length, "an element")?)?;
    }
    Ok(())
}

fn tags(tags: Fields<'_>, found: &mut Found) -> Result<(), Stop> {
    each(tags, |id, tag| match id {
        TAG => each(tag, |id, simple| if id == SIMPLE_TAG { simple_tag(simple, found) } else { Ok(()) }),
        _ => Ok(()),
    })
}

fn simple_tag(simple: Fields<'_>, found: &mut Found) -> Result<(), Stop> {
    let (mut name, mut text): (&[u8], &[u8]) = (b"", b"");
    each(simple, |id, mut value| {
        match id {
            TAG_NAME => name = value.until_zero(),
            TAG_STRING => text = value.rest(),
            _ => {}
        }
        Ok(())
    })?;
    found.take(&decode(name), text);
    Ok(())
}

/// Where the tags are, from the segment's content on.
fn position_of_tags(head: Fields<'_>) -> Result<Option<u64>, Stop> {
    let mut place = None;
    each(head, |id, seek| {
        if id != SEEK {
            return Ok(());
        }
        let (mut wanted, mut position) = (0, None);
        each(seek, |id, mut value| {
            let size = value.left();
            match id {
                SEEK_ID if size <= 4 => wanted = value.be(size)?,
                SEEK_POSITION if size <= 8 => position = Some(value.be(size)?),
                _ => {}
            }
            Ok(())
        })?;
        if wanted == TAGS {
            place = position;
        }
        Ok(())
    })?;
    Ok(place)
}

/// Id, with its length marker as ids are written, and length, without; all ones mean that it is not known.
fn header_of(fields: &mut Fields<'_>) -> Result<(u64, Option<u64>), Stop> {
    let at = fields.position();
    let id = number(fields, 4)?;
    let length = number(fields, 8)?;
    let (Some((id, _)), Some((length, bits))) = (id, length) else { return damaged(at, "there is no element") };
    let length = length & ((1 << bits) - 1);
    Ok((id, Some(length).filter(|length| *length != (1 << bits) - 1)))
}

/// A number whose leading zero bits tell its size, and how many bits of it are value.
fn number(fields: &mut Fields<'_>, most: usize) -> Result<Option<(u64, u32)>, Stop> {
    let first = fields.u8()?;
    let size = first.leading_zeros() as usize + 1;
    if size > most {
        return Ok(None);
    }
    let rest = fields.be(size - 1)?;
    Ok(Some((u64::from(first) << (8 * (size - 1)) | rest, 7 * size as u32)))
}
