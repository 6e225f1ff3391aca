//! AVIF and HEIF: the item of type `Exif`, found through `iinf` and `iloc`.

use crate::metadata::bmff::Atom;
use crate::metadata::collector::Collector;
use crate::metadata::exif;
use crate::metadata::source::{Cursor, Source};

pub(super) fn read(source: &Source, collector: &mut Collector) -> Option<()> {
    let Some(meta) = Atom::file(source).find(source, 0, b"meta")? else { return Some(()) };
    let Some(infos) = meta.find(source, 4, b"iinf")? else { return Some(()) };
    let Some(item) = exif_item(infos.cursor(source)?)? else { return Some(()) };
    let Some(locations) = meta.find(source, 4, b"iloc")? else { return Some(()) };
    let Some(extent) = first_extent(locations.cursor(source)?, item)? else { return Some(()) };
    let mut start = extent.offset;
    if extent.is_in_meta {
        let Some(data) = meta.find(source, 4, b"idat")? else { return Some(()) };
        start = start.saturating_add(data.start);
    }
    let mut block = source.cursor(start, extent.length, "the EXIF item")?;
    // Distance to the TIFF block; the bytes between can be `Exif\0\0`.
    let skip = block.be(4)?;
    block.take(skip)?;
    exif::read(source, block, collector)
}

/// The id of the item of type `Exif`.
fn exif_item(mut infos: Cursor<'_>) -> Option<Option<u64>> {
    let version = infos.be(4)? >> 24;
    for _ in 0..infos.be(if version == 0 { 2 } else { 4 })? {
        let size = infos.be(4)?;
        let mut info = infos.inner(size.saturating_sub(4))?;
        // The type `infe`, version and flags.
        let version = info.be(8)? >> 24 & 0xff;
        if version < 2 {
            continue;
        }
        let item = info.be(if version == 2 { 2 } else { 4 })?;
        // The protection index.
        info.be(2)?;
        if info.take(4)? == b"Exif" {
            return Some(Some(item));
        }
    }
    Some(None)
}

/// A part of an item.
struct Extent {
    offset: u64,
    length: u64,
    /// The offset is relative to the box `idat` in `meta`.
    is_in_meta: bool,
}

/// The first extent of an item.
fn first_extent(mut items: Cursor<'_>, wanted: u64) -> Option<Option<Extent>> {
    let version = items.be(4)? >> 24;
    let sizes = items.be(2)? as usize;
    // Numbers have eight bytes at most.
    let size = |shift: usize| (sizes >> shift & 15).min(8);
    let (offset_size, length_size, base_size) = (size(12), size(8), size(4));
    let index_size = if version > 0 { size(0) } else { 0 };
    let id_size = if version < 2 { 2 } else { 4 };
    for _ in 0..items.be(id_size)? {
        let item = items.be(id_size)?;
        let method = if version > 0 { items.be(2)? & 15 } else { 0 };
        // The data reference: this file.
        items.be(2)?;
        let base = items.be(base_size)?;
        let extents = items.be(2)?;
        if item == wanted && extents > 0 && method < 2 {
            items.be(index_size)?;
            let offset = items.be(offset_size)?.saturating_add(base);
            let length = items.be(length_size)?;
            return Some(Some(Extent { offset, length, is_in_meta: method == 1 }));
        }
        // In one go: the sizes can be 0, and then 65,535 extents take no bytes at all.
        items.take(extents * (index_size + offset_size + length_size) as u64)?;
    }
    Some(None)
}
