//! One input of a node class: its type and those of its options that matter for a prompt.

pub(crate) mod read;

use std::ops::Deref;
use std::sync::Arc;

use crate::workflow::model::kind::Kind;
use crate::workflow::model::limits::Limits;
use crate::workflow::model::value::{OwnedValue, Value};

/// One input. A copy shares what never changes.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub name: Box<str>,
    pub optional: bool,
    /// `control_after_generate`, where it is said.
    pub control: Option<bool>,
    shared: Arc<SpecOptions>,
}

/// The type and the options of an input.
#[derive(Debug)]
pub(crate) struct SpecOptions {
    /// The type of the socket; `COMBO` for a list of options.
    pub ty: Box<str>,
    /// What kind of widget the input has; `None` for a socket without one (rule W1).
    pub widget: Option<Kind>,
    pub force_input: bool,
    default: OwnedValue,
    /// Of a combo: the first option.
    first: OwnedValue,
    /// Of a combo: its first options, enough to see whether there is a choice.
    pub choices: Vec<Box<str>>,
    /// Of a combo whose options are the same on every server, not files: all of them.
    pub options: Vec<Box<str>>,
    pub multiline: bool,
    pub dynamic_prompts: bool,
    /// A combo that takes several options at once.
    pub multi_select: bool,
    /// A combo whose options are fetched from a route, and whether it has a button to fetch them again.
    pub remote: Option<bool>,
    pub limits: Option<Limits>,
    pub dynamic: Dynamic,
    /// Of a combo: what its options do to other widgets.
    pub formats: Vec<Format>,
    /// Of a combo: a file can be uploaded into it.
    pub media_upload: bool,
    pub audio_upload: bool,
}

impl Deref for Spec {
    type Target = SpecOptions;

    fn deref(&self) -> &SpecOptions {
        &self.shared
    }
}

/// Inputs that stand for others.
#[derive(Debug)]
pub(crate) enum Dynamic {
    None,
    /// `COMFY_DYNAMICCOMBO_V3`: each option's key and inputs.
    Combo(Vec<(Box<str>, Vec<Spec>)>),
    /// `COMFY_AUTOGROW_V3`.
    Autogrow(Box<Autogrow>),
    /// `COMFY_DYNAMICGROUP_V3`.
    Group {
        fields: Vec<Spec>,
        min: usize,
        max: usize,
    },
    /// `COMFY_MATCHTYPE_V3`: the group that shares a type, and the input it is with the types allowed.
    Match {
        template: Box<str>,
        input: Box<Spec>,
    },
    /// A dynamic input whose options the editor cannot read.
    Unreadable,
}

/// Inputs that become more as they are connected.
#[derive(Debug)]
pub(crate) struct Autogrow {
    pub inputs: Vec<Spec>,
    pub names: Option<Vec<Box<str>>>,
    pub prefix: Box<str>,
    pub min: usize,
    pub max: usize,
}

/// What an option of a combo does to the other widgets of its node (VideoHelperSuite).
#[derive(Debug)]
pub(crate) struct Format {
    pub option: Box<str>,
    /// Widgets that it adds.
    pub widgets: Vec<Spec>,
    /// The frame rate that it asks for.
    pub target_rate: Option<f64>,
    /// Step and offset of width and height, and the two sizes that it asks for.
    pub dim: Option<Vec<Option<f64>>>,
    /// Step and offset of the number of frames.
    pub frames: Option<Vec<Option<f64>>>,
}

impl Spec {
    /// Whether the input gets a widget and not a bare socket (rule W1).
    pub fn makes_widget(&self) -> bool {
        self.widget.is_some() && !self.force_input
    }

    /// Whether the input is a socket and nothing else, so that a custom node pack can make a widget of it.
    pub fn is_bare_socket(&self) -> bool {
        self.widget.is_none() && !self.force_input && matches!(self.dynamic, Dynamic::None)
    }

    /// The `default` of the options.
    pub fn default(&self) -> Value<'_> {
        self.default.value()
    }

    /// What a combo begins with where nothing else is said: its first option.
    pub fn first(&self) -> Value<'_> {
        match &self.dynamic {
            Dynamic::Combo(options) => options.first().map_or(Value::Undefined, |(key, _)| Value::Text(key)),
            _ => self.first.value(),
        }
    }
}
