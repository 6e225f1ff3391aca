//! AVIF and HEIF: the item of type `Exif`, found through `iinf` and `iloc`.

use super::bmff::find;
use super::error::Stop;
use super::exif;
use super::found::Found;
use super::source::{Fields, Source};

pub(super) fn read(source: &Source, found: &mut Found) -> Result<(), Stop> {
    let Some(meta) = find(source, 0, source.length(), b"meta")? else { return Ok(()) };
    let start = (meta.start + 4).min(meta.end);
    let Some(infos) = find(source, start, meta.end, b"iinf")? else { return Ok(()) };
    let infos = source.fields(infos.start, infos.end - infos.start, "the list of items")?;
    let Some(item) = exif_item(infos)? else { return Ok(()) };
    let Some(places) = find(source, start, meta.end, b"iloc")? else { return Ok(()) };
    let places = source.fields(places.start, places.end - places.start, "the places of items")?;
    let Some(place) = place_of(places, item)? else { return Ok(()) };
    let base = match place.inside_meta {
        false => 0,
        true => match find(source, start, meta.end, b"idat")? {
            Some(data) => data.start,
            None => return Ok(()),
        },
    };
    let mut block = source.fields(base.saturating_add(place.offset), place.length, "the EXIF item")?;
    // How far the TIFF block is from here; the bytes between may say `Exif\0\0`.
    let skip = block.be(4)?;
    block.take(usize::try_from(skip).unwrap_or(usize::MAX))?;
    exif::read(block, found)
}

/// The number of the item of type `Exif`.
fn exif_item(mut infos: Fields<'_>) -> Result<Option<u64>, Stop> {
    let version = infos.be(4)? >> 24;
    let count = infos.be(if version == 0 { 2 } else { 4 })?;
    for _ in 0..count {
        let size = infos.be(4)? as usize;
        let mut info = infos.inner(size.saturating_sub(4), "an item")?;
        // The type `infe`.
        info.take(4)?;
        let version = info.be(4)? >> 24;
        let item = match version {
            2 => info.be(2)?,
            3 => info.be(4)?,
            _ => continue,
        };
        // Its protection.
        info.take(2)?;
        if info.take(4)? == b"Exif" {
            return Ok(Some(item));
        }
    }
    Ok(None)
}

struct Place {
    offset: u64,
    length: u64,
    inside_meta: bool,
}

/// Where an item's first extent is.
fn place_of(mut places: Fields<'_>, wanted: u64) -> Result<Option<Place>, Stop> {
    let version = places.be(4)? >> 24;
    let (sizes, more_sizes) = (places.u8()?, places.u8()?);
    let half = |byte: u8, high: bool| usize::from(if high { byte >> 4 } else { byte & 15 }).min(8);
    let (offset_size, length_size) = (half(sizes, true), half(sizes, false));
    let (base_size, index_size) = (half(more_sizes, true), if version > 0 { half(more_sizes, false) } else { 0 });
    let count = places.be(if version < 2 { 2 } else { 4 })?;
    for _ in 0..count {
        let item = places.be(if version < 2 { 2 } else { 4 })?;
        let method = if version > 0 { places.be(2)? & 15 } else { 0 };
        // Which file it is in: this one.
        places.take(2)?;
        let base = places.be(base_size)?;
        let extents = places.be(2)?;
        let mut first = None;
        for _ in 0..extents {
            places.take(index_size)?;
            let (offset, length) = (places.be(offset_size)?, places.be(length_size)?);
            first.get_or_insert((offset, length));
        }
        if let Some((offset, length)) = first.filter(|_| item == wanted && method < 2) {
            return Ok(Some(Place { offset: base.saturating_add(offset), length, inside_meta: method == 1 }));
        }
    }
    Ok(None)
}
