//! Patterns in file names (rule P4): the `filename_prefix` of the savers that ComfyUI brings along knows
//! `%date:yyyy-MM-dd%` and `%Node.widget%`, where `Node` is the node's "Node name for S&R" or its title.

use crate::workflow::export::options::LocalTime;

/// The savers whose `filename_prefix` is resolved.
pub(crate) const SAVERS: [&str; 20] = [
    "SaveImage",
    "SaveImageAdvanced",
    "SaveSVGNode",
    "SaveVideo",
    "SaveAnimatedWEBP",
    "SaveWEBM",
    "SaveAudio",
    "SaveAudioMP3",
    "SaveAudioOpus",
    "SaveAudioAdvanced",
    "SaveGLB",
    "Save3DAdvanced",
    "SaveGaussianSplat",
    "SavePointCloud",
    "SaveAnimatedPNG",
    "CLIPSave",
    "VAESave",
    "ModelSave",
    "LoraSave",
    "SaveLatent",
];

/// The longest text that patterns may make, in bytes: a text can name a long value many times.
const MAX_TEXT: usize = 1_000_000;

/// Why a text with patterns cannot be resolved.
pub(crate) const TOO_LONG: &str = "the patterns in it make a text of more than 1 MB";

/// Replaces every `%…%` by what `replacement` gives; where it gives nothing, the pattern stays. `None` where the text
/// becomes too long.
pub(crate) fn replace_patterns(text: &str, replacement: &mut dyn FnMut(&str) -> Option<String>) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('%') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        match rest[1..].find('%') {
            // `%%`: the second may open a pattern.
            Some(0) => {
                out.push('%');
                rest = &rest[1..];
            }
            Some(length) => {
                let pattern = &rest[1..=length];
                match replacement(pattern) {
                    Some(value) if out.len() + value.len() > MAX_TEXT => return None,
                    Some(value) => out.push_str(&value),
                    None => out.push_str(&rest[..length + 2]),
                }
                rest = &rest[length + 2..];
            }
            None => break,
        }
    }
    out.push_str(rest);
    Some(out)
}

/// A date by a pattern: `yyyy`, `yy`, `M`, `d`, `h` (24 hours), `m`, `s`, the latter five also doubled.
pub(crate) fn format_date(pattern: &str, now: &LocalTime) -> String {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some(letter) = rest.chars().next() {
        let run = |most: usize| rest.chars().take(most).take_while(|other| *other == letter).count();
        let (length, value) = match letter {
            'd' => (run(2), now.day),
            'M' => (run(2), now.month),
            'h' => (run(2), now.hour),
            'm' => (run(2), now.minute),
            's' => (run(2), now.second),
            'y' => {
                let length = run(4);
                let year = now.year.to_string();
                match length {
                    2 => out.push_str(year.get(2..).unwrap_or("")),
                    4 => out.push_str(&year),
                    _ => out.push_str(&rest[..length]),
                }
                rest = &rest[length..];
                continue;
            }
            other => {
                out.push(other);
                rest = &rest[other.len_utf8()..];
                continue;
            }
        };
        let digits = value.to_string();
        if digits.len() < length {
            out.push('0');
        }
        out.push_str(&digits);
        rest = &rest[length..];
    }
    out
}

/// A value as part of a file name: what no file system takes becomes `_`.
pub(crate) fn for_file_name(value: &str) -> String {
    value.chars().map(|c| if c.is_ascii_control() || "/?<>\\:*|\"".contains(c) { '_' } else { c }).collect()
}
