//! Scanning the bytes of a JSON text eight at a time, and the escapes in its strings.

/// The value 1 in each of eight bytes.
pub(super) const EACH: u64 = 0x0101_0101_0101_0101;

/// The next eight bytes as a little-endian number.
#[inline(always)]
pub(super) fn eight(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

/// The high bit of each byte below `limit`. A borrow can set bits above the lowest one that is set, so only that one is
/// reliable.
#[inline(always)]
fn below(word: u64, limit: u64) -> u64 {
    word.wrapping_sub(EACH * limit) & !word & (EACH << 7)
}

/// Offset of the next byte that must be escaped in a string (quote, backslash, control character), or of the end.
#[inline(always)]
pub(super) fn next_special(bytes: &[u8], at: usize) -> usize {
    // Most keys and ids end within the first eight bytes.
    match eight(bytes, at).map(special) {
        Some(found) if found != 0 => at + found.trailing_zeros() as usize / 8,
        _ => further_special(bytes, at),
    }
}

/// The high bit of each byte that must be escaped; only the lowest set bit is reliable.
#[inline(always)]
fn special(word: u64) -> u64 {
    below(word, 0x20) | below(word ^ (EACH * 0x22), 1) | below(word ^ (EACH * 0x5c), 1)
}

#[inline(never)]
fn further_special(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = eight(bytes, at) {
        let found = special(word);
        at += found.trailing_zeros() as usize / 8;
        if found != 0 {
            return at;
        }
    }
    while bytes.get(at).is_some_and(|byte| *byte >= 0x20 && *byte != b'"' && *byte != b'\\') {
        at += 1;
    }
    at
}

/// The character of the escape whose letter is at `at`, and the offset behind it. A lone surrogate becomes U+FFFD.
pub(super) fn escape(bytes: &[u8], at: usize) -> Option<(char, usize)> {
    let character = match bytes.get(at)? {
        b'n' => '\n',
        b't' => '\t',
        b'r' => '\r',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'u' => {
            let high = hex4(bytes, at + 1)?;
            if (0xd800..0xdc00).contains(&high) && bytes.get(at + 5..at + 7) == Some(b"\\u") {
                let low = hex4(bytes, at + 7)?;
                if (0xdc00..0xe000).contains(&low) {
                    let code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                    return Some((char::from_u32(code)?, at + 11));
                }
            }
            return Some((char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), at + 5));
        }
        byte @ (b'"' | b'\\' | b'/') => char::from(*byte),
        _ => return None,
    };
    Some((character, at + 1))
}

fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.iter().try_fold(0, |code, byte| Some(code << 4 | char::from(*byte).to_digit(16)?))
}
