//! The names under which the files of a run are saved: relative paths, none twice, none outside of the folder.

use crate::files::name_error::{NameAdvice, NameError};
use crate::files::pattern::{self, Pattern};
use crate::files::{content, kind, safe};
use crate::protocol::json::Raw;
use crate::text::index::Numbers;

/// What happens where a pattern's extension is not that of the file. Nothing here converts pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extension {
    /// It is an error: a `.png` that holds a WebP fools whoever opens it.
    #[default]
    Check,
    /// The file's own extension takes the place of the pattern's.
    Content,
    /// The pattern's is taken as it is.
    Keep,
}

impl Extension {
    /// Reads the option's value: `check`, `content` or `keep`.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        match text {
            "check" => Ok(Extension::Check),
            "content" => Ok(Extension::Content),
            "keep" => Ok(Extension::Keep),
            _ => Err(NameError::new(format!("extension is `{text}`; it can be check, content or keep"))),
        }
    }
}

/// How files are named.
#[derive(Debug, Clone, Default)]
pub struct NameOptions {
    /// See [`Pattern`]; the server's own names where absent.
    pub pattern: Option<String>,
    /// The index of the first file.
    pub index_offset: i64,
    /// What an extension that does not fit means.
    pub extension: Extension,
}

/// A path for each file, by the names that the server gave them: relative, with `/`, none twice even where a file
/// system does not tell capitals apart.
pub fn save_paths<T: AsRef<str>>(server_names: &[T], options: &NameOptions) -> Result<Vec<String>, NameError> {
    let pattern = options.pattern.as_deref().map(Pattern::parse).transpose()?;
    if let (Some(text), Some(pattern)) = (&options.pattern, &pattern)
        && pattern.is_constant()
        && server_names.len() > 1
    {
        let index = [".###.", extension_of(text).unwrap_or_default()].concat();
        let example = text.strip_suffix(extension_of(text).unwrap_or_default()).unwrap_or(text).trim_end_matches('.');
        return Err(NameError::new(format!(
            "the name pattern `{text}` is one name for {} files; put an index into it, as in `{example}{}`",
            server_names.len(),
            index.trim_end_matches('.')
        )));
    }
    let mut taken = Numbers::default();
    let mut paths = Vec::with_capacity(server_names.len());
    for (place, server_name) in server_names.iter().enumerate() {
        let server_name = safe::component(server_name.as_ref());
        let path = match &pattern {
            None => server_name,
            Some(pattern) => {
                let index = options.index_offset.saturating_add(place as i64);
                fit_extension(pattern.fill(&server_name, index), &server_name, options.extension)?
            }
        };
        paths.push(free(path, &mut taken));
    }
    Ok(paths)
}

/// The path for a file whose first bytes are known, given the one that [`save_paths`] planned and those of all files.
pub fn content_path<T: AsRef<str>>(
    planned: &str,
    head: &[u8],
    extension: Extension,
    others: &[T],
) -> Result<String, NameError> {
    let real = content::contradiction(extension_of(planned).unwrap_or_default(), head);
    match (real, extension) {
        (None, _) | (_, Extension::Keep) => Ok(planned.to_owned()),
        (Some(real), Extension::Check) => Err(wrong_extension("its content", planned, real)),
        (Some(real), Extension::Content) => {
            let mut taken = Numbers::default();
            for other in others {
                taken.set(&safe::folded(other.as_ref()), 2);
            }
            Ok(free(with_extension(planned, real), &mut taken))
        }
    }
}

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

/// The folder of a target whose pattern is given apart from it. A target that ends like a file is refused: a folder is
/// hardly ever called `frame.##.png`.
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

/// Classes of ComfyUI that save pictures, and of what type. Nodes of others may save any.
const SAVERS: [(&str, &str); 5] = [
    ("SaveImage", "png"),
    ("PreviewImage", "png"),
    ("SaveImageWebsocket", "png"),
    ("SaveAnimatedPNG", "png"),
    ("SaveAnimatedWEBP", "webp"),
];

/// The paths that the first pictures of prompts will get, one for each prompt, as far as that is known before they run:
/// nothing is where tokens take from the server's names. An extension that cannot fit is an error here already.
pub fn expected_paths(prompts: &[Raw], options: &NameOptions) -> Result<Vec<String>, NameError> {
    let Some(text) = &options.pattern else { return Ok(Vec::new()) };
    let pattern = Pattern::parse(text)?;
    let mut samples = Vec::new();
    for prompt in prompts {
        let mut first = None;
        for (id, node) in prompt.entries() {
            let class_type = node.string_at("class_type");
            let Some((_, real)) = SAVERS.iter().find(|(class, _)| *class == class_type) else { continue };
            let sample = ["0.", real].concat();
            if fit_extension(pattern.fill(&sample, 0), &sample, options.extension).is_err() {
                return Err(NameError::new(format!(
                    "the name pattern `{text}` does not fit node {id} ({class_type}), which makes {real}, and nothing is \
                     converted here; end it in `.{real}` or in `.{{ext}}`"
                )));
            }
            first = first.or(Some(sample));
        }
        // Where no class is known its type is not either: then it is what the pattern says.
        let said = extension_of(text).filter(|extension| kind::is_known(extension)).unwrap_or("png");
        samples.push(first.unwrap_or_else(|| ["0.", said].concat()));
    }
    if pattern.has_tokens() {
        return Ok(Vec::new());
    }
    save_paths(&samples, options)
}

/// Gives a pattern's result the extension it lacks, or looks whether the one it has fits the file.
fn fit_extension(path: String, server_name: &str, extension: Extension) -> Result<String, NameError> {
    let given = extension_of(&path).unwrap_or_default();
    let Some(real) = extension_of(server_name).filter(|real| !kind::are_alike(given, real)) else { return Ok(path) };
    match extension {
        _ if !kind::is_known(given) => Ok([&path, ".", real].concat()),
        Extension::Keep => Ok(path),
        Extension::Content => Ok(with_extension(&path, real)),
        Extension::Check => Err(wrong_extension(server_name, &path, real)),
    }
}

fn wrong_extension(what: &str, path: &str, real: &str) -> NameError {
    NameError {
        problem: format!("`{path}` does not fit {what}, which is {real}, and nothing is converted here"),
        advice: Some(NameAdvice::Extension(real.to_owned())),
    }
}

/// The path, with `_2`, `_3`, … before its extension where it is taken. `taken` has the paths given out, folded, and for
/// each the number to try next where it is wanted again.
fn free(path: String, taken: &mut Numbers) -> String {
    let folded = safe::folded(&path);
    let Some(mut next) = taken.get(&folded) else {
        taken.set(&folded, 2);
        return path;
    };
    let at = path.len() - extension_of(&path).map_or(0, |extension| extension.len() + 1);
    loop {
        let numbered = [&path[..at], "_", &next.to_string(), &path[at..]].concat();
        next += 1;
        if taken.set(&safe::folded(&numbered), 2) {
            taken.set(&folded, next);
            return numbered;
        }
    }
}

/// The extension of a path's last component.
fn extension_of(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    Some(kind::split(name).1).filter(|extension| !extension.is_empty())
}

/// The path with another extension than its own.
fn with_extension(path: &str, extension: &str) -> String {
    let stem = path.len() - extension_of(path).map_or(0, |extension| extension.len() + 1);
    [&path[..stem], ".", extension].concat()
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn the_first_paths_are_known_before_the_prompts_run_where_no_token_is_in_the_pattern() {
        let prompt = |class_type: &str| {
            format!(r#"{{"1": {{"class_type": "KSampler"}}, "9": {{"class_type": "{class_type}"}}}}"#)
        };
        let expected = |classes: &[&str], pattern: &str, extension| {
            let texts: Vec<String> = classes.iter().map(|class_type| prompt(class_type)).collect();
            let prompts: Vec<Raw> = texts.iter().map(|text| Raw::read(text).unwrap()).collect();
            expected_paths(&prompts, &NameOptions { pattern: Some(pattern.to_owned()), index_offset: 7, extension })
        };
        let (check, content) = (Extension::Check, Extension::Content);
        assert_eq!(expected(&["SaveImage", "X"], "f.##.png", check).unwrap(), ["f.07.png", "f.08.png"]);
        assert_eq!(expected(&["SaveAnimatedWEBP"], "f.##.png", content).unwrap(), ["f.07.webp"]);
        assert_eq!(expected(&["SaveImage"], "f.##", check).unwrap(), ["f.07.png"]);
        assert_eq!(expected(&["SaveImage"], "f.##.jpg", Extension::Keep).unwrap().len(), 1);
        assert_eq!(expected(&["SaveImage"], "{base}/f.##.png", check).unwrap(), [""; 0]);
        let error = expected(&["SaveImage"], "{base}/f.##.jpg", check).unwrap_err().to_string();
        assert!(error.contains("node 9 (SaveImage), which makes png") && error.contains("`.{ext}`"), "{error}");
        let error = expected(&["SaveImage", "SaveImage"], "f.png", check).unwrap_err().to_string();
        assert!(error.contains("one name for 2 files"), "{error}");
        // Another node may make any type.
        assert_eq!(expected(&["X"], "f.##.jpg", check).unwrap(), ["f.07.jpg"]);
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
}
