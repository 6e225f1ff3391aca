//! Where files are saved: a folder, or a folder and a pattern for names in one text.

use crate::files::kind;
use crate::files::name_error::{NameAdvice, NameError};
use crate::files::pattern;

/// Takes a target such as `out/frame.###.png` apart, into folder and pattern. A target without index and tokens is a
/// folder, unless it ends like a file: `out/picture.png`. The folder may be empty, for the current one.
pub fn split_target(target: &str) -> (&str, Option<&str>) {
    let last = target.rfind(['/', '\\']).map_or(0, |slash| slash + 1);
    let is_file = || kind::is_known(kind::split(&target[last..]).1).then_some(last);
    match pattern::starts_at(target).or_else(is_file) {
        Some(start) => (&target[..start], Some(&target[start..])),
        None => (target, None),
    }
}

/// The folder of a target that comes with a separate pattern. A target that ends like a file is refused, because
/// folders are not called `frame.##.png`.
pub fn folder_beside_pattern(target: &str) -> Result<&str, NameError> {
    let last = target.rfind(['/', '\\']).map_or(0, |slash| slash + 1);
    match kind::is_known(kind::split(&target[last..]).1) {
        true => Err(NameError {
            problem: format!("the option pattern makes the target a folder, and `{target}` ends like a file"),
            advice: Some(NameAdvice::FolderAlone),
        }),
        false => Ok(target),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_folder_or_ends_in_a_pattern_or_a_file() {
        assert_eq!(split_target("out"), ("out", None));
        assert_eq!(split_target("out.v2/"), ("out.v2/", None));
        assert_eq!(split_target("out/frame.###.png"), ("out/", Some("frame.###.png")));
        assert_eq!(split_target("frame.%03d.png"), ("", Some("frame.%03d.png")));
        assert_eq!(split_target("C:\\out\\{base}\\x.png"), ("C:\\out\\", Some("{base}\\x.png")));
        assert_eq!(split_target("/abs/picture.png"), ("/abs/", Some("picture.png")));
        assert_eq!(split_target("out/v1.2"), ("out/v1.2", None));
    }

    #[test]
    fn a_folder_beside_a_pattern_does_not_end_like_a_file() {
        for folder in ["out", "out/", "odd#name", "out.v2", ""] {
            assert_eq!(folder_beside_pattern(folder), Ok(folder));
        }
        for file in ["q.##.png", "out/q.##.png", "out\\picture.JPG"] {
            assert!(folder_beside_pattern(file).unwrap_err().to_string().contains("ends like a file"), "{file}");
        }
    }
}
