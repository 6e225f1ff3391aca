//! ISO base media (MP4) and QuickTime (MOV): boxes, and the metadata that FFmpeg writes for ComfyUI with
//! `use_metadata_tags`.

use crate::metadata::collector::Collector;
use crate::metadata::source::{Cursor, Source};
use crate::metadata::text::decode;

/// A box: its type and the range of its content.
pub(super) struct Atom {
    kind: u32,
    pub start: u64,
    pub end: u64,
}

impl Atom {
    /// Reads the header of the box at an offset. `end`: end of the box around it.
    fn at(source: &Source, at: u64, end: u64) -> Option<Atom> {
        let mut header = source.cursor(at, 8, "a box")?;
        let mut size = header.be(4)?;
        let kind = header.be(4)? as u32;
        let mut start = at + 8;
        if size == 1 {
            size = source.cursor(start, 8, "a box")?.be(8)?;
            start += 8;
        } else if size == 0 {
            size = end.saturating_sub(at);
        }
        let atom = Atom { kind, start, end: at.saturating_add(size) };
        if atom.end > end || atom.end < start {
            return source.damaged(at, "there is a box that ends outside of the one it is in");
        }
        Some(atom)
    }

    /// The first box of a type inside of this one, after `skip` bytes.
    pub(super) fn find(&self, source: &Source, skip: u64, kind: &[u8; 4]) -> Option<Option<Atom>> {
        let mut at = self.start + skip;
        // Fewer than eight bytes behind the last box are padding.
        while at + 8 <= self.end {
            let atom = Atom::at(source, at, self.end)?;
            if atom.kind == u32::from_be_bytes(*kind) {
                return Some(Some(atom));
            }
            at = atom.end;
        }
        Some(None)
    }

    /// The content of the box.
    pub(super) fn cursor<'a>(&self, source: &'a Source) -> Option<Cursor<'a>> {
        source.cursor(self.start, self.end - self.start, "a box")
    }

    /// The whole file as a box around the outermost ones.
    pub(super) fn file(source: &Source) -> Atom {
        Atom { kind: 0, start: 0, end: source.length() }
    }
}

pub(super) fn read(source: &Source, collector: &mut Collector) -> Option<()> {
    let Some(movie) = Atom::file(source).find(source, 0, b"moov")? else { return Some(()) };
    if let Some(user_data) = movie.find(source, 0, b"udta")? {
        if let Some(meta) = user_data.find(source, 0, b"meta")? {
            metadata(source, &meta, collector)?;
        }
        if let Some(comment) = user_data.find(source, 0, b"\xa9cmt")? {
            quicktime_text(comment.cursor(source)?, collector)?;
        }
    }
    if let Some(meta) = movie.find(source, 0, b"meta")? {
        metadata(source, &meta, collector)?;
    }
    Some(())
}

/// Texts of a QuickTime user data box: length, language, text, for each language. FFmpeg writes comments of a MOV so.
fn quicktime_text(mut texts: Cursor<'_>, collector: &mut Collector) -> Option<()> {
    while texts.left() >= 4 {
        let length = texts.be(2)?;
        texts.be(2)?;
        collector.take(b"comment", &decode(texts.take(length)?));
    }
    Some(())
}

/// Keys of QuickTime have a prefix, keys that FFmpeg passes on do not.
const QUICKTIME: &[u8] = b"com.apple.quicktime.";

fn metadata(source: &Source, meta: &Atom, collector: &mut Collector) -> Option<()> {
    // MP4 has version and flags here, QuickTime does not.
    let skip = if meta.end - meta.start >= 8 && source.get(meta.start + 4, 4, "a box")? == b"hdlr" { 0 } else { 4 };
    let mut names = Vec::new();
    if let Some(keys) = meta.find(source, skip, b"keys")? {
        let mut keys = keys.cursor(source)?;
        keys.be(4)?;
        for _ in 0..keys.be(4)? {
            // The size, then the namespace `mdta`.
            let size = keys.be(8)? >> 32;
            let name = keys.take(size.saturating_sub(8))?;
            names.push(name.strip_prefix(QUICKTIME).unwrap_or(name));
        }
    }
    let Some(list) = meta.find(source, skip, b"ilst")? else { return Some(()) };
    let mut at = list.start;
    while at + 8 <= list.end {
        let item = Atom::at(source, at, list.end)?;
        at = item.end;
        // A four-character code of iTunes, or an index into `keys` that starts at 1.
        let name = match &item.kind.to_be_bytes() {
            b"\xa9cmt" => b"comment",
            b"----" => free_form_name(source, &item)?,
            _ => names.get((item.kind as usize).wrapping_sub(1)).copied().unwrap_or_default(),
        };
        if collector.wants(name)
            && let Some(data) = item.find(source, 0, b"data")?
        {
            let mut value = data.cursor(source)?;
            // Type and language.
            value.be(8)?;
            collector.take(name, &decode(value.rest()));
        }
    }
    Some(())
}

/// The name of an item `----`, as iTunes and mutagen write texts of any name.
fn free_form_name<'a>(source: &'a Source, item: &Atom) -> Option<&'a [u8]> {
    let Some(name) = item.find(source, 0, b"name")? else { return Some(&[]) };
    let mut name = name.cursor(source)?;
    // Version and flags.
    name.be(4)?;
    Some(name.rest())
}
