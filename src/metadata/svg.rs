//! SVG: an object with both in a `CDATA` section of the element `metadata`, as SaveSVGNode writes it.

use crate::metadata::found::{Found, decode};
use crate::metadata::source::Source;

/// Whether a text that begins with `<` becomes an SVG within its first lines.
pub(super) fn is_svg(head: &[u8]) -> bool {
    find(head, 0, b"<svg").is_some() && find(head, 0, b"<html").is_none()
}

pub(super) fn read(source: &Source, found: &mut Found) -> Option<()> {
    let text = source.all()?;
    let mut at = 0;
    while let Some(element) = find(text, at, b"<metadata")
        && let Some(content) = find(text, element, b">")
    {
        at = content + 1;
        let blanks = text[at..].len() - text[at..].trim_ascii_start().len();
        if let Some(start) = find(&text[..text.len().min(at + blanks + 9)], at + blanks, b"<![cdata[")
            && let Some(end) = find(text, start, b"]]>")
        {
            found.take(b"comment", &decode(&text[start + 9..end]));
            at = end;
        }
    }
    Some(())
}

/// Where a word in small letters begins, from a place on, whatever its case in the text.
fn find(text: &[u8], from: usize, word: &[u8]) -> Option<usize> {
    let mut windows = text.get(from..)?.windows(word.len());
    windows.position(|window| window.eq_ignore_ascii_case(word)).map(|at| from + at)
}
