use super::*;
use proptest::prelude::*;

fn paths(names: &[&str], pattern: &str) -> Vec<String> {
    named(names, pattern, 0, Extension::Check).unwrap()
}

fn named(names: &[&str], pattern: &str, index_offset: i64, extension: Extension) -> Result<Vec<String>, NameError> {
    let pattern = (!pattern.is_empty()).then(|| pattern.to_owned());
    save_paths(names, &NameOptions { pattern, index_offset, extension })
}

#[test]
fn without_a_pattern_the_servers_names_are_kept_as_far_as_they_are_safe() {
    assert_eq!(paths(&["lab_00004_.png", "../up.png"], ""), ["lab_00004_.png", "up.png"]);
}

#[test]
fn names_that_clash_get_a_number_also_where_only_capitals_differ() {
    assert_eq!(paths(&["a.png", "x/a.png", "A.PNG", "a_2.png"], ""), ["a.png", "a_2.png", "A_3.PNG", "a_2_2.png"]);
    assert_eq!(paths(&["a_1_.png", "a_2_.png"], "{base}/x.png"), ["a_/x.png", "a_/x_2.png"]);
    assert_eq!(paths(&["a", "a"], ""), ["a", "a_2"]);
}

#[test]
fn the_index_counts_from_the_offset_over_all_files() {
    assert_eq!(
        named(&["x.png", "y.png"], "frame.###.png", 99, Extension::Check).unwrap(),
        ["frame.099.png", "frame.100.png"]
    );
    assert_eq!(named(&["x.png", "y.png"], "%d.png", i64::MAX, Extension::Check).unwrap().len(), 2);
}

#[test]
fn one_name_is_for_one_file() {
    assert_eq!(paths(&["lab_1_.png"], "picture.png"), ["picture.png"]);
    let error = named(&["a.png", "b.png"], "picture.png", 0, Extension::Check).unwrap_err().to_string();
    assert!(error.contains("one name for 2 files") && error.contains("picture.###.png"), "{error}");
    assert_eq!(paths(&[], "picture.png"), [""; 0]);
}

#[test]
fn a_pattern_without_extension_gets_the_files_own() {
    assert_eq!(paths(&["a.png", "b.webp"], "frame.###"), ["frame.000.png", "frame.001.webp"]);
    assert_eq!(paths(&["a.v2.png"], "{stem}"), ["a.v2.png"]);
    assert_eq!(paths(&["a.png"], "{filename}"), ["a.png"]);
    assert_eq!(paths(&["noext"], "x.###.png"), ["x.000.png"]);
}

#[test]
fn an_extension_that_does_not_fit_is_an_error_replaced_or_kept() {
    let error = named(&["a.webp"], "frame.###.png", 0, Extension::Check).unwrap_err().to_string();
    assert!(error.contains("a.webp") && error.contains("`frame.000.png`"), "{error}");
    assert_eq!(named(&["a.webp"], "d/f.###.png", 0, Extension::Content).unwrap(), ["d/f.000.webp"]);
    assert_eq!(named(&["a.webp"], "f.###.png", 0, Extension::Keep).unwrap(), ["f.000.png"]);
    assert_eq!(paths(&["a.JPEG"], "f.###.jpg"), ["f.000.jpg"]);
}

#[test]
fn content_of_another_type_than_the_name_says_is_found() {
    let head = b"RIFF\x10\0\0\0WEBPVP8 ";
    let others = ["a.png", "A.webp"];
    let error = content_path("a.png", head, Extension::Check, &others).unwrap_err().to_string();
    assert!(error.contains("`a.png`") && error.contains("webp"), "{error}");
    assert_eq!(content_path("a.png", head, Extension::Content, &others).unwrap(), "a_2.webp");
    assert_eq!(content_path("a.png", head, Extension::Keep, &others).unwrap(), "a.png");
    assert_eq!(content_path("a.webp", head, Extension::Check, &others).unwrap(), "a.webp");
    assert_eq!(content_path("d.png/a", head, Extension::Check, &others).unwrap(), "d.png/a");
}

#[test]
fn an_extension_option_that_does_not_exist_lists_those_that_do() {
    assert_eq!(Extension::parse("content"), Ok(Extension::Content));
    assert!(Extension::parse("convert").unwrap_err().to_string().contains("check, content or keep"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn no_two_files_of_a_run_get_the_same_path(
        names in proptest::collection::vec("[aAb_2.]{0,4}(\\.png|\\.PNG|)", 0..12),
        pattern in prop_oneof![Just(""), Just("{base}.{ext}"), Just("{sequence}"), Just("x#.png")],
    ) {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        if let Ok(paths) = named(&names, pattern, 0, Extension::Content) {
            let different: std::collections::BTreeSet<_> = paths.iter().map(|path| path.to_lowercase()).collect();
            prop_assert_eq!(different.len(), names.len());
            for component in paths.iter().flat_map(|path| path.split('/')) {
                prop_assert!(!component.starts_with('.') && !component.is_empty(), "{:?}", paths);
            }
        }
    }
}
