//! Collects the texts that the reader of a format comes across.

use crate::metadata::embedded::{Embedded, EmbeddedError, Problem};
use crate::protocol::document::{Document, DocumentKind};
use crate::protocol::json::{Raw, trimmed};

/// Limit of texts that are decoded. A directory of EXIF can name one text any number of times.
const TEXTS: usize = 32;

/// How well a text fits into the place of a workflow or a prompt. The best one counts, and of equal ones the last.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
enum Fit {
    /// An object of neither form under the right key.
    Key,
    /// The right form under another key: writers have put prompts under `workflow` and workflows under `prompt`.
    Form,
    /// Both are right.
    Both,
}

#[derive(Debug, Default)]
struct Slot(Option<(Fit, String)>);

impl Slot {
    fn put(&mut self, fit: Fit, text: String) {
        if self.0.as_ref().is_none_or(|(known, _)| *known <= fit) {
            self.0 = Some((fit, text));
        }
    }

    fn has_form(&self) -> bool {
        self.0.as_ref().is_some_and(|(fit, _)| *fit > Fit::Key)
    }

    fn text(self) -> Option<String> {
        self.0.map(|(_, text)| text)
    }
}

/// The workflow and the prompt of a file.
#[derive(Debug, Default)]
pub(super) struct Collector {
    workflow: Slot,
    prompt: Slot,
    /// Why a text in the place of one of them was refused.
    broken: Option<String>,
    /// There are generation parameters of AUTOMATIC1111.
    parameters: bool,
    texts: usize,
}

impl Collector {
    /// Whether a text under this key should be read. Keys are compared without regard to case.
    pub(super) fn wants(&self, key: &[u8]) -> bool {
        self.texts < TEXTS && Key::of(key).is_some()
    }

    /// Counts a text that has to be decoded before its key is known. False at the limit.
    pub(super) fn count(&mut self) -> bool {
        self.texts += 1;
        self.texts <= TEXTS
    }

    /// Takes a text under a key.
    pub(super) fn take(&mut self, key: &[u8], text: &str) {
        let Some(key) = Key::of(key).filter(|_| self.count()) else { return };
        let text = trimmed(text);
        match key {
            Key::Parameters => self.parameters = true,
            // Comments of other programs.
            Key::Comment if !text.starts_with('{') => {}
            // Clients without an editor write these.
            _ if matches!(text, "" | "{}" | "null" | "undefined") => {}
            _ => match Raw::read(text) {
                Ok(value) => self.take_value(key, value),
                Err(error) => self.take_broken(format!("the {} in it is not JSON: {error}", key.name())),
            },
        }
    }

    /// Takes a text with its key in it, `workflow:{…}`, or an object with both. `UserComment` of EXIF has these.
    pub(super) fn take_keyed(&mut self, text: &str) {
        let text = trimmed(text);
        let start = text.as_bytes().iter().take(16).position(|byte| *byte == b':' || *byte == b'{');
        match start.map(|at| text.split_at(at)) {
            Some((key, text)) if text.starts_with(':') && self.wants(key.as_bytes()) => {
                self.take(key.as_bytes(), &text[1..]);
            }
            Some(("", _)) => self.take(b"comment", text),
            _ => self.parameters |= is_parameters(text),
        }
    }

    /// Takes the fields of an object as texts under their keys, whether they are objects or strings.
    pub(super) fn take_fields(&mut self, object: Raw) {
        object.each_entry(&mut |name, value| {
            if let Some(key @ (Key::Workflow | Key::Prompt)) = Key::of(name.as_bytes()) {
                if let Some(text) = value.string() {
                    self.take(name.as_bytes(), &text);
                } else if value.is_object() && self.count() {
                    self.take_value(key, value);
                }
            }
            true
        });
    }

    /// Takes the reason why a text in the place of a workflow could not be read.
    pub(super) fn take_broken(&mut self, what: String) {
        self.texts += 1;
        self.broken = Some(what);
    }

    /// Takes what was found in a JSON file.
    pub(super) fn take_document(&mut self, document: Document) {
        document.workflow.into_iter().for_each(|text| self.workflow.put(Fit::Both, text));
        document.prompt.into_iter().for_each(|text| self.prompt.put(Fit::Both, text));
    }

    fn take_value(&mut self, key: Key, value: Raw) {
        let text = || value.text().to_owned();
        match (DocumentKind::of(value), key) {
            (DocumentKind::Workflow, Key::Workflow) => self.workflow.put(Fit::Both, text()),
            (DocumentKind::Prompt, Key::Prompt) => self.prompt.put(Fit::Both, text()),
            (DocumentKind::Workflow, _) => self.workflow.put(Fit::Form, text()),
            (DocumentKind::Prompt, _) => self.prompt.put(Fit::Form, text()),
            (DocumentKind::Other, _) => {
                let Document { workflow, prompt, broken, .. } = Document::search(value);
                let found = workflow.is_some() || prompt.is_some();
                // A comment with both has them under their own keys.
                let fit = if key == Key::Comment { Fit::Both } else { Fit::Form };
                workflow.into_iter().for_each(|text| self.workflow.put(fit, text));
                prompt.into_iter().for_each(|text| self.prompt.put(fit, text));
                match key {
                    _ if found => {}
                    _ if broken.is_some() => self.broken = broken,
                    Key::Workflow if value.is_object() && !is_empty(value) => self.workflow.put(Fit::Key, text()),
                    Key::Prompt if value.is_object() && !is_empty(value) => self.prompt.put(Fit::Key, text()),
                    Key::Workflow | Key::Prompt if !value.is_object() => {
                        self.broken = Some(format!("the {} in it is not a JSON object", key.name()));
                    }
                    Key::Workflow | Key::Prompt | Key::Comment | Key::Parameters => {}
                }
            }
        }
    }

    /// The result. `damage`: why the file could not be read to its end.
    pub(super) fn finish(self, format: &'static str, damage: Option<EmbeddedError>) -> Result<Embedded, EmbeddedError> {
        let Self { mut workflow, mut prompt, broken, parameters, .. } = self;
        // An object of neither form counts only where there is nothing better.
        if workflow.has_form() != prompt.has_form() {
            let worse = if workflow.has_form() { &mut prompt } else { &mut workflow };
            worse.0 = None;
        }
        let (workflow, prompt) = (workflow.text(), prompt.text());
        if workflow.is_some() || prompt.is_some() {
            return Ok(Embedded { format, workflow, prompt });
        }
        if let Some(broken) = broken {
            let message = format!("this {format} has no readable workflow: {broken}");
            return Err(EmbeddedError::new(Problem::NotJson, message));
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

fn is_empty(object: Raw) -> bool {
    object.each_entry(&mut |_, _| false)
}

/// The generation parameters of AUTOMATIC1111 and its forks: `Steps: 20, Sampler: Euler a, …` behind the prompts.
fn is_parameters(text: &str) -> bool {
    text.contains("Steps: ") && (text.contains("Sampler: ") || text.contains("Negative prompt: "))
}

/// The keys that are read.
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
