//! The names that the pictures of a prompt will get, before it runs.

use crate::files::kind;
use crate::files::name_error::NameError;
use crate::files::names::{NameOptions, extension_of, fit_extension, save_paths};
use crate::files::pattern::Pattern;
use crate::protocol::json::Raw;

/// Classes of ComfyUI that save pictures, with the extension of their files. Other classes may save any type.
const SAVERS: [(&str, &str); 5] = [
    ("SaveImage", "png"),
    ("PreviewImage", "png"),
    ("SaveImageWebsocket", "png"),
    ("SaveAnimatedPNG", "png"),
    ("SaveAnimatedWEBP", "webp"),
];

/// The path of the first picture of each prompt, as far as it is known before the prompts run. Empty where tokens of
/// the pattern depend on the server's names. An extension that cannot fit is an error already here.
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
        // Without a known class the pattern's extension is expected.
        let said = extension_of(text).filter(|extension| kind::is_known(extension)).unwrap_or("png");
        samples.push(first.unwrap_or_else(|| ["0.", said].concat()));
    }
    if pattern.has_tokens() {
        return Ok(Vec::new());
    }
    save_paths(&samples, options)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::names::Extension;

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
}
