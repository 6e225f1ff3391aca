//! What has been found in a file so far.

use crate::metadata::file_error::{EmbeddedError, Problem};
use crate::metadata::{Embedded, Step};
use crate::protocol::json::Raw;
use std::borrow::Cow;

/// A file that holds more texts than this under our keys repeats itself, to cost time.
const TEXTS: usize = 32;

/// Workflow and prompt, each the last one that was JSON.
#[derive(Debug, Default)]
pub(super) struct Found {
    workflow: Option<String>,
    prompt: Option<String>,
    /// Why what stands in the place of one of them is none.
    broken: Option<String>,
    /// There are generation parameters as AUTOMATIC1111 writes them.
    parameters: bool,
    texts: usize,
}

impl Found {
    /// Whether a text under this key, in whatever case, is worth reading.
    pub(super) fn wants(&self, key: &[u8]) -> bool {
        self.texts < TEXTS && Key::of(key).is_some()
    }

    /// A text under a key.
    pub(super) fn take(&mut self, key: &[u8], text: &str) {
        let Some(key) = Key::of(key).filter(|_| self.texts < TEXTS) else { return };
        self.texts += 1;
        let text = text.trim_matches(['\0', ' ', '\t', '\r', '\n', '\u{feff}']);
        match key {
            Key::Parameters => self.parameters = true,
            // A comment of another kind is none of ours.
            Key::Comment if !text.starts_with('{') => {}
            // What a client without an editor leaves.
            _ if matches!(text, "" | "{}" | "null" | "undefined") => {}
            _ => match Raw::read(text) {
                Ok(value) if key == Key::Comment => self.take_fields(value),
                Ok(value) if value.is_object() => self.keep(key, text.to_owned()),
                Ok(value) => match value.string().filter(|text| text.starts_with('{')) {
                    Some(text) => self.take(key.name().as_bytes(), &text),
                    None => self.take_broken(format!("the {} in it is no JSON object", key.name())),
                },
                Err(error) => self.take_broken(format!("the {} in it is not JSON: {error}", key.name())),
            },
        }
    }

    /// A text that names its key itself, `workflow:{…}`, or is an object with both.
    pub(super) fn take_keyed(&mut self, bytes: &[u8]) {
        match bytes.iter().take(16).position(|byte| *byte == b':' || *byte == b'{') {
            Some(colon) if bytes[colon] == b':' && self.wants(&bytes[..colon]) => {
                self.take(&bytes[..colon], &decode(&bytes[colon + 1..]));
            }
            Some(brace) if bytes[brace] == b'{' => self.take(b"comment", &decode(bytes)),
            _ => {}
        }
    }

    /// What stands under our keys in an object, each as an object or as its text.
    pub(super) fn take_fields(&mut self, object: Raw) {
        for (name, value) in object.entries() {
            let Some(key @ (Key::Workflow | Key::Prompt)) = Key::of(name.as_bytes()) else { continue };
            if let Some(text) = value.string() {
                self.take(name.as_bytes(), &text);
            } else if !value.entries().is_empty() {
                self.keep(key, value.text().to_owned());
            }
        }
    }

    /// Why something in the place of a workflow is none.
    pub(super) fn take_broken(&mut self, what: String) {
        self.broken = Some(what);
    }

    fn keep(&mut self, key: Key, text: String) {
        match key {
            Key::Workflow => self.workflow = Some(text),
            Key::Prompt => self.prompt = Some(text),
            Key::Comment | Key::Parameters => {}
        }
    }

    pub(super) fn finish(self, format: &'static str, damage: Option<EmbeddedError>) -> Result<Step, EmbeddedError> {
        let Self { workflow, prompt, broken, parameters, .. } = self;
        if workflow.is_some() || prompt.is_some() {
            return Ok(Step::Done(Embedded { format, workflow, prompt }));
        }
        if let Some(broken) = broken {
            return Err(EmbeddedError::new(
                Problem::NotJson,
                format!("this {format} has no readable workflow: {broken}"),
            ));
        }
        Err(damage.unwrap_or_else(|| {
            let hint = if parameters {
                "it has AUTOMATIC1111's generation parameters, which are not a workflow"
            } else {
                "ComfyUI writes them into what it saves, unless it is told not to, and web sites and messengers take \
                 them out"
            };
            EmbeddedError::new(
                Problem::Nothing,
                format!("this {format} has no workflow: neither `workflow` nor `prompt` is in it; {hint}"),
            )
        }))
    }
}

/// The keys that mean something to us.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Key {
    Workflow,
    Prompt,
    /// An object with both.
    Comment,
    Parameters,
}

impl Key {
    fn of(key: &[u8]) -> Option<Key> {
        [Key::Workflow, Key::Prompt, Key::Comment, Key::Parameters]
            .into_iter()
            .find(|known| key.eq_ignore_ascii_case(known.name().as_bytes()))
    }

    fn name(self) -> &'static str {
        match self {
            Key::Workflow => "workflow",
            Key::Prompt => "prompt",
            Key::Comment => "comment",
            Key::Parameters => "parameters",
        }
    }
}

/// UTF-8, or Latin-1 where it is none: what PNG's `tEXt` says it is.
pub(super) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| *byte as char).collect()),
    }
}

/// UTF-16 of the given byte order; what is no character becomes U+FFFD.
pub(super) fn decode_utf16(bytes: &[u8], big_endian: bool) -> String {
    let unit = |pair: &[u8]| match big_endian {
        true => u16::from_be_bytes([pair[0], pair[1]]),
        false => u16::from_le_bytes([pair[0], pair[1]]),
    };
    char::decode_utf16(bytes.chunks_exact(2).map(unit)).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
