//! Text on a terminal: its width in columns, and untrusted text made safe to print.

/// Columns that a character takes: 2 for East Asian wide characters and emoji, 0 for combining marks and joiners.
///
/// Ranges instead of Unicode's tables, which weigh more than all of `text`: a rare character measured wrongly costs a
/// column, not a crash.
pub fn char_width(c: char) -> usize {
    match c as u32 {
        0x300..=0x36f | 0x200b..=0x200f | 0x20d0..=0x20ff | 0xfe00..=0xfe0f | 0xfe20..=0xfe2f => 0,
        0x1100..=0x115f
        | 0x2e80..=0x303e
        | 0x3041..=0xa4cf
        | 0xa960..=0xa97f
        | 0xac00..=0xd7a3
        | 0xf900..=0xfaff
        | 0xfe30..=0xfe6f
        | 0xff00..=0xff60
        | 0xffe0..=0xffe6
        | 0x1f300..=0x1f64f
        | 0x1f680..=0x1f6ff
        | 0x1f900..=0x1f9ff
        | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Width of a text in columns.
pub fn width(text: &str) -> usize {
    text.chars().map(char_width).sum()
}

/// Cuts a text to a number of columns; its end is replaced by `ellipsis` where it is longer.
pub fn fit(text: &str, columns: usize, ellipsis: &str) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let ellipsis = if width(ellipsis) < columns { ellipsis } else { "" };
    let mut left = columns - width(ellipsis);
    let mut fitted = String::new();
    for c in text.chars() {
        if char_width(c) > left {
            break;
        }
        left -= char_width(c);
        fitted.push(c);
    }
    fitted + ellipsis
}

/// Untrusted text in one line: white space becomes single spaces, and control characters (escape sequences) and marks that
/// change the direction of text are removed, so that a node's title or an exception cannot control the terminal.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' ' | '\t' | '\n' | '\r' | '\u{85}' | '\u{a0}' => {
                if !line.is_empty() && !line.ends_with(' ') {
                    line.push(' ');
                }
            }
            c if is_invisible(c) => {}
            c => line.push(c),
        }
    }
    if line.ends_with(' ') {
        line.pop();
    }
    line
}

/// Control characters, and the format characters that reorder or hide text.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c as u32,
            0xad | 0x61c | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff | 0xfff9..=0xfffb
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_combining_characters_are_measured() {
        assert_eq!(width("KSampler"), 8);
        assert_eq!(width("采样器"), 6);
        assert_eq!(width("🎨x"), 3);
        assert_eq!(width("e\u{301}"), 1);
    }

    #[test]
    fn a_long_text_is_cut_at_a_whole_character() {
        assert_eq!(fit("KSampler", 8, "…"), "KSampler");
        assert_eq!(fit("KSampler", 5, "…"), "KSam…");
        assert_eq!(fit("采样器", 5, "…"), "采样…");
        assert_eq!(fit("采样器", 4, "…"), "采…");
        assert_eq!(fit("abc", 2, "..."), "ab");
        assert_eq!(fit("abc", 0, "…"), "");
    }

    #[test]
    fn text_of_others_becomes_one_harmless_line() {
        assert_eq!(one_line("out of\r\n\tmemory \n"), "out of memory");
        assert_eq!(one_line("\u{1b}[2Jgone\u{7}\u{202e}txt\u{9b}31m"), "[2Jgonetxt31m");
        assert_eq!(one_line(" \n "), "");
    }
}
