//! SVG: an object with both in a `CDATA` section of `<metadata>`, as SaveSVGNode writes it; also as escaped text, and in
//! `<desc>`.

use crate::metadata::collector::Collector;
use crate::metadata::source::Source;
use crate::metadata::text::decode;
use crate::text::work;

/// Whether a text that begins with `<` has an `<svg` in its first lines, and is not a page with one.
pub(super) fn is_svg(head: &[u8]) -> bool {
    find(head, 0, b"<svg").is_some() && find(head, 0, b"<html").is_none()
}

pub(super) fn read(source: &Source, collector: &mut Collector) -> Option<()> {
    let text = source.all()?;
    let mut at = 0;
    // Each byte is visited once: the search goes on behind the content that was found, and ends where something has no end.
    while let Some(element) = find_either(text, at, b"<metadata", b"<desc") {
        let Some(start) = find(text, element, b">").map(|end| end + 1) else { break };
        at = start;
        let blanks = text[start..].len() - text[start..].trim_ascii_start().len();
        let content = &text[start + blanks..];
        if content.len() >= CDATA.len() && content[..CDATA.len()].eq_ignore_ascii_case(CDATA) {
            let start = start + blanks + CDATA.len();
            let Some(end) = find(text, start, b"]]>") else { break };
            at = end;
            if collector.count() {
                collector.take_keyed(&decode(&text[start..end]));
            }
        } else {
            at += content.iter().position(|byte| *byte == b'<').unwrap_or(content.len()) + blanks;
            if collector.count() {
                collector.take_keyed(&unescape(&decode(&text[start..at])));
            }
        }
    }
    Some(())
}

const CDATA: &[u8] = b"<![cdata[";

/// Offset of a word (lower case), from an offset on, whatever its case in the text.
fn find(text: &[u8], from: usize, word: &[u8]) -> Option<usize> {
    let mut windows = text.get(from..)?.windows(word.len());
    let found = windows.position(|window| window.eq_ignore_ascii_case(word)).map(|at| from + at);
    work::count(found.unwrap_or(text.len()) - from);
    found
}

/// Offset of the first of two words.
fn find_either(text: &[u8], from: usize, one: &[u8], other: &[u8]) -> Option<usize> {
    let starts =
        |rest: &[u8], word: &[u8]| rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    let mut offsets = from..text.len();
    let found = offsets.find(|at| text[*at] == b'<' && (starts(&text[*at..], one) || starts(&text[*at..], other)));
    work::count(found.unwrap_or(text.len()) - from);
    found
}

/// Replaces the entities of XML, named and numeric.
fn unescape(text: &str) -> String {
    work::count(text.len());
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        // The longest one is `&#x10FFFF;`.
        let end = rest.bytes().take(10).position(|byte| byte == b';');
        let character = end.and_then(|end| entity(&rest[1..end]));
        plain.push(character.unwrap_or('&'));
        rest = &rest[character.and(end).unwrap_or(0) + 1..];
    }
    plain.push_str(rest);
    plain
}

fn entity(name: &str) -> Option<char> {
    match name {
        "quot" => Some('"'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "lt" => Some('<'),
        "gt" => Some('>'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}
