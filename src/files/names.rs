//! The names under which the files of a run are saved: relative paths, none twice, none outside of the folder.

use crate::files::name_error::{NameAdvice, NameError};
use crate::files::pattern::Pattern;
use crate::files::{content, kind, safe};
use crate::text::index::Numbers;

/// What happens where a pattern's extension is not that of the file. Nothing here converts pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Extension {
    /// It is an error: programs that go by the extension could not open a WebP named `.png`.
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

/// A path for each file, by the names that the server gave them: relative, with `/`, none twice even on a file system
/// that ignores case.
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

/// Gives a pattern's result the extension it lacks, or looks whether the one it has fits the file.
pub(super) fn fit_extension(path: String, server_name: &str, extension: Extension) -> Result<String, NameError> {
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

/// The path, with `_2`, `_3`, … before its extension where it is taken. `taken` has the paths given out, folded, and
/// for each the number to try next when it is wanted again.
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
pub(super) fn extension_of(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    Some(kind::split(name).1).filter(|extension| !extension.is_empty())
}

/// The path with another extension than its own.
fn with_extension(path: &str, extension: &str) -> String {
    let stem = path.len() - extension_of(path).map_or(0, |extension| extension.len() + 1);
    [&path[..stem], ".", extension].concat()
}

#[cfg(test)]
mod tests;
