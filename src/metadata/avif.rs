//! AVIF and HEIF: the item of type `Exif`, found through `iinf` and `iloc`.

use crate::metadata::bmff::Atom;
use crate::metadata::exif;
use crate::metadata::found::Found;
use crate::metadata::source::{Fields, Source};

pub(super) fn read(source: &Source, found: &mut Found) -> Option<()> {
    let Some(meta) = Atom::file(source).find(source, 0, b"meta")? else { return Some(()) };
    let Some(infos) = meta.find(source, 4, b"iinf")? else { return Some(()) };
    let Some(item) = exif_item(infos.fields(source)?)? else { return Some(()) };
    let Some(places) = meta.find(source, 4, b"iloc")? else { return Some(()) };
    let Some(place) = place_of(places.fields(source)?, item)? else { return Some(()) };
    let mut start = place.offset;
    if place.inside_meta {
        let Some(data) = meta.find(source, 4, b"idat")? else { return Some(()) };
        start = start.saturating_add(data.start);
    }
    let mut block = source.fields(start, place.length, "the EXIF item")?;
    // How far the TIFF block is from here; the bytes between may say `Exif\0\0`.
    let skip = block.be(4)?;
    block.take(skip)?;
    exif::read(source, block, found)
}

/// The number of the item of type `Exif`.
fn exif_item(mut infos: Fields<'_>) -> Option<Option<u64>> {
    let version = infos.be(4)? >> 24;
    for _ in 0..infos.be(if version == 0 { 2 } else { 4 })? {
        let size = infos.be(4)?;
        let mut info = infos.inner(size.saturating_sub(4))?;
        // Behind the type, `infe`, version and flags.
        let version = info.be(8)? >> 24 & 0xff;
        if version < 2 {
            continue;
        }
        let item = info.be(if version == 2 { 2 } else { 4 })?;
        // Its protection.
        info.be(2)?;
        if info.take(4)? == b"Exif" {
            return Some(Some(item));
        }
    }
    Some(None)
}

struct Place {
    offset: u64,
    length: u64,
    inside_meta: bool,
}

/// Where an item's first extent is.
fn place_of(mut places: Fields<'_>, wanted: u64) -> Option<Option<Place>> {
    let version = places.be(4)? >> 24;
    let sizes = places.be(2)? as usize;
    // No number has more than eight bytes.
    let size = |place: usize| (sizes >> place & 15).min(8);
    let (offset_size, length_size, base_size) = (size(12), size(8), size(4));
    let index_size = if version > 0 { size(0) } else { 0 };
    let id_size = if version < 2 { 2 } else { 4 };
    for _ in 0..places.be(id_size)? {
        let item = places.be(id_size)?;
        let method = if version > 0 { places.be(2)? & 15 } else { 0 };
        // Which file it is in: this one.
        places.be(2)?;
        let base = places.be(base_size)?;
        let extents = places.be(2)?;
        for extent in 0..extents {
            places.be(index_size)?;
            let offset = places.be(offset_size)?.saturating_add(base);
            let length = places.be(length_size)?;
            if item == wanted && extent == 0 && method < 2 {
                return Some(Some(Place { offset, length, inside_meta: method == 1 }));
            }
        }
    }
    Some(None)
}
