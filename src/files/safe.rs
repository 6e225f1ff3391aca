//! A server's file name made safe: one path component, on every system.

use crate::files::kind;
use crate::text::columns::is_invisible;

/// Bytes of a component. Common file systems take 255 bytes or UTF-16 units; the rest is room for an index, a suffix
/// against clashes and a temporary name.
pub const LENGTH: usize = 200;
/// Bytes of an extension: what is longer is no extension.
const EXTENSION: usize = 16;

/// Characters that no path component has on Windows. The colon also names drives and streams.
pub const FORBIDDEN: [char; 9] = ['<', '>', ':', '"', '/', '\\', '|', '?', '*'];

/// The last component of a server's name, so that joined to a folder it stays inside of it and can be written. Taken
/// out are separators, drive letters, `..`, control characters, reserved names, dots and blanks at the ends, and too
/// much length. Never empty, the same for the same name.
pub fn component(name: &str) -> String {
    let is_named = |part: &&str| part.bytes().any(|byte| byte != b'.' && byte != b' ');
    let mut safe = String::new();
    for c in name.rsplit(['/', '\\']).find(is_named).unwrap_or_default().trim_start_matches(' ').chars() {
        match c {
            // Hidden files can be settings that programs obey (`.npmrc`, `.bashrc`), and commands take a leading `-`
            // for an option.
            '.' | '-' if safe.is_empty() => safe.push('_'),
            c if FORBIDDEN.contains(&c) || is_invisible(c) => safe.push('_'),
            c => safe.push(c),
        }
    }
    shorten(&mut safe);
    if safe.is_empty() || is_reserved(&safe) {
        safe.insert(0, '_');
        shorten(&mut safe);
    }
    safe
}

/// Whether a path leads out of the folder that it is below, on any system: it is absolute, or steps out with `..`.
pub fn escapes_root(path: &str) -> bool {
    let mut depth = 0;
    let is_drive = path.as_bytes().get(1) == Some(&b':');
    is_drive
        || path.starts_with(['/', '\\'])
        || path.split(['/', '\\']).any(|part| {
            depth += match part {
                ".." => -1,
                "" | "." => 0,
                _ => 1,
            };
            depth < 0
        })
}

/// Whether Windows takes the name for a device, whatever its extension.
pub fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end_matches(' ');
    let is = |device: &str| stem.eq_ignore_ascii_case(device);
    if stem.is_char_boundary(3) && stem.len() > 3 {
        let (port, number) = stem.split_at(3);
        let is_port = port.eq_ignore_ascii_case("com") || port.eq_ignore_ascii_case("lpt");
        return is("conin$") || is("conout$") || (is_port && number.chars().count() == 1 && number.contains(DIGITS));
    }
    is("con") || is("prn") || is("aux") || is("nul")
}

/// What follows `COM` and `LPT`; Windows reads superscripts as digits.
const DIGITS: [char; 13] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '¹', '²', '³'];

/// Takes dots and blanks from the end, and cuts the stem so that the whole fits.
fn shorten(name: &mut String) {
    name.truncate(name.trim_end_matches(['.', ' ']).len());
    if name.len() > LENGTH {
        let extension = Some(kind::split(name).1.len()).filter(|length| *length > 0 && *length <= EXTENSION);
        let from = extension.map_or(name.len(), |length| name.len() - length - 1);
        let mut end = LENGTH - (name.len() - from);
        while !name.is_char_boundary(end) {
            end -= 1;
        }
        name.replace_range(end..from, "");
        name.truncate(name.trim_end_matches(['.', ' ']).len());
    }
}

/// The name in lower case, to find two names that are one on a file system that ignores case. Latin, Greek and Cyrillic
/// letters only: the whole of Unicode's cases would be 25 kB of wasm.
pub fn folded(name: &str) -> String {
    let fold = |c: char| match c {
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' | 'Α'..='Ω' | 'А'..='Я' => char::from_u32(c as u32 + 32).unwrap_or(c),
        'Ѐ'..='Џ' => char::from_u32(c as u32 + 80).unwrap_or(c),
        _ => c,
    };
    name.chars().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_ordinary_name_stays_as_it_is() {
        for name in ["lab_00004_.png", "ünï 图 (1).webp", "a.tar.gz", "no_extension", "a-dash.png", "a..b.png"] {
            assert_eq!(component(name), name);
        }
    }

    #[test]
    fn a_name_cannot_leave_the_folder() {
        for (name, safe) in [
            ("../../etc/passwd", "passwd"),
            ("..\\..\\Windows\\win.ini", "win.ini"),
            ("/etc/passwd", "passwd"),
            ("\\\\server\\share\\x.png", "x.png"),
            ("C:\\x.png", "x.png"),
            ("C:x.png", "C_x.png"),
            ("..", "_"),
            (".", "_"),
            ("", "_"),
            ("/", "_"),
            ("a/..", "a"),
            ("a/", "a"),
            ("....//x", "x"),
            ("\0", "_"),
            ("x.png:stream", "x.png_stream"),
        ] {
            assert_eq!(component(name), safe, "{name:?}");
        }
    }

    #[test]
    fn what_some_system_cannot_write_is_replaced() {
        for (name, safe) in [
            ("a<b>c?.png", "a_b_c_.png"),
            ("line\nbreak\u{7f}.png", "line_break_.png"),
            ("photo\u{202e}gnp.exe", "photo_gnp.exe"),
            ("trailing. . ", "trailing"),
            ("  leading.png", "leading.png"),
            ("con", "_con"),
            ("NUL.png", "_NUL.png"),
            ("Com1.tar.gz", "_Com1.tar.gz"),
            ("lpt².txt", "_lpt².txt"),
            ("aux .txt", "_aux .txt"),
            ("com10.png", "com10.png"),
            ("console.png", "console.png"),
            (".npmrc", "_npmrc"),
            ("-rf.png", "_rf.png"),
            (" --help", "_-help"),
            (" .bashrc", "_bashrc"),
        ] {
            assert_eq!(component(name), safe, "{name:?}");
        }
    }

    #[test]
    fn a_path_escapes_by_its_start_or_by_steps() {
        for path in ["..", "../..", "a/../..", "a\\..\\..", "/a", "\\a", "C:\\a", "C:a", "a/../../a"] {
            assert!(escapes_root(path), "{path}");
        }
        for path in ["", "a", "a/b", "a/../b", "./a", "a..b", "..a", "a//b/"] {
            assert!(!escapes_root(path), "{path}");
        }
    }

    #[test]
    fn a_long_name_is_cut_before_its_extension() {
        let long = component(&format!("{}.png", "ü".repeat(500)));
        assert!(long.len() <= LENGTH && long.ends_with("ü.png"), "{long}");
        assert_eq!(component(&format!("aux{}x", " ".repeat(300))), "_aux");
        let reserved = component(&format!("con.{}", "b".repeat(500)));
        assert!(reserved.len() <= LENGTH && component(&reserved) == reserved, "{reserved}");
        let no_extension = component(&format!("a.{}", "b".repeat(500)));
        assert_eq!(no_extension.len(), LENGTH);
    }

    #[test]
    fn names_that_differ_in_capitals_are_folded_to_one() {
        assert_eq!(folded("LAB_Ünï_ΩЖЁ_图.PNG"), "lab_ünï_ωжё_图.png");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn any_name_becomes_one_component_that_is_stable(
            name in prop_oneof!["\\PC{0,40}", "[./\\\\: A-Za-z\u{0}\u{202e}]{0,12}", ".{0,300}"],
        ) {
            let safe = component(&name);
            prop_assert!(!safe.is_empty() && safe.len() <= LENGTH);
            prop_assert!(!safe.contains(FORBIDDEN) && !safe.chars().any(is_invisible));
            prop_assert!(!safe.starts_with(['.', ' ']) && !safe.ends_with(['.', ' ']));
            prop_assert!(!is_reserved(&safe));
            prop_assert_eq!(component(&safe), safe.clone());
        }
    }
}
