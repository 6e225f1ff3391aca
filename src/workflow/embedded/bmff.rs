//! ISO base media and QuickTime: boxes, and the metadata of a film as FFmpeg writes it for ComfyUI
//! (`use_metadata_tags`).

use super::error::{Stop, damaged};
use super::found::{Found, decode};
use super::source::{Fields, Source};

/// A box: its type, and where its content is.
pub(super) struct Atom {
    pub kind: [u8; 4],
    pub start: u64,
    pub end: u64,
}

/// The box that begins at a place, inside of what ends at `end`.
pub(super) fn atom(source: &Source, at: u64, end: u64) -> Result<Atom, Stop> {
    let mut header = source.fields(at, 8, "a box")?;
    let size = header.be(4)?;
    let kind = header.take(4)?;
    let kind = [kind[0], kind[1], kind[2], kind[3]];
    let (header, size) = match size {
        0 => (8, end - at),
        1 => (16, source.fields(at + 8, 8, "a box")?.be(8)?),
        size => (8, size),
    };
    let atom_end = at.checked_add(size).filter(|atom_end| *atom_end <= end && size >= header);
    match atom_end {
        Some(end) => Ok(Atom { kind, start: at + header, end }),
        None => damaged(at, format!("there is a box `{}` of {size} bytes", kind.escape_ascii())),
    }
}

/// The first box of a type between two places.
pub(super) fn find(source: &Source, mut at: u64, end: u64, kind: &[u8; 4]) -> Result<Option<Atom>, Stop> {
    // What is left behind the last box may be padding.
    while at + 8 <= end {
        let atom = atom(source, at, end)?;
        if atom.kind == *kind {
            return Ok(Some(atom));
        }
        at = atom.end;
    }
    Ok(None)
}

pub(super) fn read(source: &Source, found: &mut Found) -> Result<(), Stop> {
    let Some(movie) = find(source, 0, source.length(), b"moov")? else { return Ok(()) };
    if let Some(user_data) = find(source, movie.start, movie.end, b"udta")?
        && let Some(meta) = find(source, user_data.start, user_data.end, b"meta")?
    {
        metadata(source, &meta, found)?;
    }
    match find(source, movie.start, movie.end, b"meta")? {
        Some(meta) => metadata(source, &meta, found),
        None => Ok(()),
    }
}

fn metadata(source: &Source, meta: &Atom, found: &mut Found) -> Result<(), Stop> {
    // MP4 has version and flags here; QuickTime has none.
    let quicktime = meta.end - meta.start >= 8 && source.get(meta.start + 4, 4, "metadata")? == b"hdlr";
    let start = if quicktime { meta.start } else { (meta.start + 4).min(meta.end) };
    let keys = match find(source, start, meta.end, b"keys")? {
        Some(keys) => key_names(source.fields(keys.start, keys.end - keys.start, "the metadata's keys")?)?,
        None => Vec::new(),
    };
    let Some(list) = find(source, start, meta.end, b"ilst")? else { return Ok(()) };
    let mut at = list.start;
    while at + 8 <= list.end {
        let item = atom(source, at, list.end)?;
        at = item.end;
        let index = u32::from_be_bytes(item.kind) as usize;
        // iTunes' own name for a comment, and names that stand in the list `keys` from 1 on.
        let key = match &item.kind {
            b"\xa9cmt" => "comment",
            _ => match index.checked_sub(1).and_then(|index| keys.get(index)) {
                Some(key) => key.as_str(),
                None => continue,
            },
        };
        let data = if found.wants(key) { find(source, item.start, item.end, b"data")? } else { None };
        if let Some(data) = data {
            let mut value = source.fields(data.start, data.end - data.start, "a metadata value")?;
            // Its type and its language.
            value.take(8)?;
            found.take(key, value.rest());
        }
    }
    Ok(())
}

fn key_names(mut keys: Fields<'_>) -> Result<Vec<String>, Stop> {
    keys.take(4)?;
    let count = keys.be(4)?;
    let mut names = Vec::new();
    for _ in 0..count {
        let size = keys.be(4)? as usize;
        // The namespace, `mdta`.
        keys.take(4)?;
        names.push(decode(keys.take(size.saturating_sub(8))?).into_owned());
    }
    Ok(names)
}
