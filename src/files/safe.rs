//! A server's file name made safe: one path component, on every system.

use super::kind;
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
    let last = name.rsplit(['/', '\\']).find(|part| !part.trim_matches(['.', ' ']).is_empty()).unwrap_or_default();
    let mut safe: String =
        last.chars().map(|c| if FORBIDDEN.contains(&c) || is_invisible(c) { '_' } else { c }).collect();
    safe.truncate(safe.trim_end_matches(['.', ' ']).len());
    let start = safe.len() - safe.trim_start().len();
    safe.drain(..start);
    if safe.starts_with('.') {
        // A file that a program obeys without being shown: `.npmrc`, `.bashrc`.
        safe.replace_range(..1, "_");
    }
    if safe.is_empty() {
        return "_".to_owned();
    }
    if is_reserved(&safe) {
        safe.insert(0, '_');
    }
    shortened(safe)
}

/// Whether Windows takes the name for a device, whatever its extension.
pub fn is_reserved(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end().to_uppercase();
    match stem.as_str() {
        "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$" => true,
        _ => {
            let number = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
            number.is_some_and(|number| {
                matches!(number, "¹" | "²" | "³") || (number.len() == 1 && number.as_bytes()[0].is_ascii_digit())
            })
        }
    }
}

/// The name with its stem cut so that the whole fits.
fn shortened(name: String) -> String {
    if name.len() <= LENGTH {
        return name;
    }
    let (stem, extension) = match kind::split(&name) {
        (stem, extension) if !extension.is_empty() && extension.len() <= EXTENSION => (stem, extension),
        _ => (name.as_str(), ""),
    };
    let dot = if extension.is_empty() { "" } else { "." };
    let mut end = LENGTH - dot.len() - extension.len();
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    let stem = stem[..end].trim_end_matches(['.', ' ']);
    format!("{stem}{dot}{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_ordinary_name_stays_as_it_is() {
        for name in ["lab_00004_.png", "ünï 图 (1).webp", "a.tar.gz", "no_extension", "-dash.png", "a..b.png"] {
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
            (" .bashrc", "_bashrc"),
        ] {
            assert_eq!(component(name), safe, "{name:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut_before_its_extension() {
        let long = component(&format!("{}.png", "ü".repeat(500)));
        assert!(long.len() <= LENGTH && long.ends_with("ü.png"), "{long}");
        let no_extension = component(&format!("a.{}", "b".repeat(500)));
        assert_eq!(no_extension.len(), LENGTH);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]
        #[test]
        fn any_name_becomes_one_component_that_is_stable(
            name in prop_oneof!["\\PC{0,40}", "[./\\\\: A-Za-z\u{0}\u{202e}]{0,12}", ".{0,300}"],
        ) {
            let safe = component(&name);
            prop_assert!(!safe.is_empty() && safe.len() <= LENGTH + 1);
            prop_assert!(!safe.contains(FORBIDDEN) && !safe.chars().any(is_invisible));
            prop_assert!(!safe.starts_with(['.', ' ']) && !safe.ends_with(['.', ' ']));
            prop_assert!(!is_reserved(&safe));
            prop_assert_eq!(component(&safe), safe.clone());
        }
    }
}
