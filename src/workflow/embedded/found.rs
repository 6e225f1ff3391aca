//! What has been found in a file so far.

use super::error::{EmbeddedError, Problem};
use super::{Embedded, Step};
use crate::protocol::json;
use serde::de::IgnoredAny;
use serde_json::Value;
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
    /// Whether a text under this key is worth reading.
    pub(super) fn wants(&self, key: &str) -> bool {
        self.texts < TEXTS && Key::of(key).is_some()
    }

    /// A text under a key, in whatever case and encoding.
    pub(super) fn take(&mut self, key: &str, bytes: &[u8]) {
        if self.wants(key) {
            self.texts += 1;
            self.take_text(Key::of(key), &decode(bytes));
        }
    }

    /// A text that names its key itself, `workflow:{…}`, or is an object with both.
    pub(super) fn take_keyed(&mut self, bytes: &[u8]) {
        let head = &bytes[..bytes.len().min(16)];
        match head.iter().position(|byte| *byte == b':') {
            Some(colon) if !head.starts_with(b"{") => {
                self.take(&decode(&head[..colon]), &bytes[colon + 1..]);
            }
            _ => self.take("comment", bytes),
        }
    }

    /// What stands under our keys in an object, each as an object or as its text.
    pub(super) fn take_fields(&mut self, object: &Value) {
        for (name, value) in object.as_object().into_iter().flatten() {
            match (Key::of(name), value) {
                (Some(key @ (Key::Workflow | Key::Prompt)), Value::String(text)) => self.take_text(Some(key), text),
                (Some(key @ (Key::Workflow | Key::Prompt)), Value::Object(fields)) if !fields.is_empty() => {
                    self.keep(key, value.to_string());
                }
                _ => {}
            }
        }
    }

    /// A text that is known to be a JSON object.
    pub(super) fn take_workflow(&mut self, text: String) {
        self.keep(Key::Workflow, text);
    }

    /// A text that is known to be a JSON object.
    pub(super) fn take_prompt(&mut self, text: String) {
        self.keep(Key::Prompt, text);
    }

    pub(super) fn take_broken(&mut self, what: String) {
        self.broken = Some(what);
    }

    fn take_text(&mut self, key: Option<Key>, text: &str) {
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        match key {
            None => {}
            Some(Key::Parameters) => self.parameters = true,
            Some(Key::Comment) => {
                if text.starts_with('{')
                    && let Ok(object) = json::parse::<Value>(text)
                {
                    self.take_fields(&object);
                }
            }
            // What a client without an editor leaves.
            Some(_) if matches!(text, "" | "{}" | "null" | "undefined") => {}
            Some(key) => match object(text) {
                Ok(object) => self.keep(key, object.into_owned()),
                Err(reason) => {
                    let begin: String = text.chars().take(40).filter(|c| !c.is_control()).collect();
                    self.broken =
                        Some(format!("the {} in it is not JSON: {reason}; it begins with `{begin}`", key.name()));
                }
            },
        }
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
    fn of(key: &str) -> Option<Key> {
        [Key::Workflow, Key::Prompt, Key::Comment, Key::Parameters]
            .into_iter()
            .find(|known| key.trim().eq_ignore_ascii_case(known.name()))
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

/// The text where it is a JSON object, or the object where the text is a JSON string that holds one.
fn object(text: &str) -> Result<Cow<'_, str>, String> {
    if text.starts_with('"') {
        let inner: String = json::parse(text).map_err(|error| error.to_string())?;
        return match object(&inner) {
            Ok(object) if inner.starts_with('{') => Ok(Cow::Owned(object.into_owned())),
            _ => Err("a text instead of an object".to_owned()),
        };
    }
    if !text.starts_with('{') {
        return Err("an object begins with a brace".to_owned());
    }
    json::parse::<IgnoredAny>(text).map_err(|error| error.to_string())?;
    Ok(Cow::Borrowed(text))
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
