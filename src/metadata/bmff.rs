//! ISO base media and QuickTime: boxes, and the metadata of a film as FFmpeg writes it for ComfyUI
//! (`use_metadata_tags`).

use crate::metadata::found::{Found, decode};
use crate::metadata::source::{Fields, Source};

/// A box: its type, and where its content is.
pub(super) struct Atom {
    kind: u32,
    pub start: u64,
    pub end: u64,
}

impl Atom {
    /// The box that begins at a place, inside of what ends at `end`.
    fn at(source: &Source, at: u64, end: u64) -> Option<Atom> {
        let mut header = source.fields(at, 8, "a box")?;
        let mut size = header.be(4)?;
        let kind = header.be(4)? as u32;
        let mut start = at + 8;
        if size == 1 {
            size = source.fields(start, 8, "a box")?.be(8)?;
            start += 8;
        } else if size == 0 {
            size = end.saturating_sub(at);
        }
        let own_end = at.saturating_add(size);
        if own_end > end || own_end < start {
            return source.damaged(at, "there is a box that ends outside of the one it is in");
        }
        Some(Atom { kind, start, end: own_end })
    }

    /// The first box of a type inside of this one, `skip` bytes behind its start.
    pub(super) fn find(&self, source: &Source, skip: u64, kind: &[u8; 4]) -> Option<Option<Atom>> {
        let mut at = self.start + skip;
        // What is left behind the last box may be padding.
        while at + 8 <= self.end {
            let atom = Atom::at(source, at, self.end)?;
            if atom.kind == u32::from_be_bytes(*kind) {
                return Some(Some(atom));
            }
            at = atom.end;
        }
        Some(None)
    }

    /// Its content.
    pub(super) fn fields<'a>(&self, source: &'a Source) -> Option<Fields<'a>> {
        source.fields(self.start, self.end - self.start, "a box")
    }

    /// The whole file, as the box that the outermost ones are in.
    pub(super) fn file(source: &Source) -> Atom {
        Atom { kind: 0, start: 0, end: source.length() }
    }
}

pub(super) fn read(source: &Source, found: &mut Found) -> Option<()> {
    let Some(movie) = Atom::file(source).find(source, 0, b"moov")? else { return Some(()) };
    if let Some(user_data) = movie.find(source, 0, b"udta")?
        && let Some(meta) = user_data.find(source, 0, b"meta")?
    {
        metadata(source, &meta, found)?;
    }
    if let Some(meta) = movie.find(source, 0, b"meta")? {
        metadata(source, &meta, found)?;
    }
    Some(())
}

fn metadata(source: &Source, meta: &Atom, found: &mut Found) -> Option<()> {
    // MP4 has version and flags here; QuickTime has none.
    let skip = if meta.end - meta.start >= 8 && source.get(meta.start + 4, 4, "a box")? == b"hdlr" { 0 } else { 4 };
    let mut names = Vec::new();
    if let Some(keys) = meta.find(source, skip, b"keys")? {
        let mut keys = keys.fields(source)?;
        keys.be(4)?;
        for _ in 0..keys.be(4)? {
            // Behind the size stands the namespace, `mdta`.
            let size = keys.be(8)? >> 32;
            names.push(keys.take(size.saturating_sub(8))?);
        }
    }
    let Some(list) = meta.find(source, skip, b"ilst")? else { return Some(()) };
    let mut at = list.start;
    while at + 8 <= list.end {
        let item = Atom::at(source, at, list.end)?;
        at = item.end;
        // iTunes' own name for a comment, and names that stand in the list `keys` from 1 on.
        let name = match &item.kind.to_be_bytes() {
            b"\xa9cmt" => b"comment",
            _ => names.get((item.kind as usize).wrapping_sub(1)).copied().unwrap_or_default(),
        };
        if found.wants(name)
            && let Some(data) = item.find(source, 0, b"data")?
        {
            let mut value = data.fields(source)?;
            // Its type and its language.
            value.be(8)?;
            found.take(name, &decode(value.rest()));
        }
    }
    Some(())
}
