//! Reads an input from object info: `[type, options]`.

use std::sync::Arc;

use crate::workflow::model::json::Json;
use crate::workflow::model::kind::Kind;
use crate::workflow::model::limits::Limits;
use crate::workflow::model::spec::{Autogrow, Dynamic, Format, Spec, SpecOptions};
use crate::workflow::model::value::OwnedValue;

/// More inputs than any dynamic input makes. Nodes of a class that asks for more count as ones that cannot be made.
const MAX_INPUTS: usize = 1000;

/// Nesting of dynamic inputs that is followed; ComfyUI's own go two deep.
const MAX_NESTING: u32 = 16;

impl Spec {
    /// An input with a type and nothing else.
    pub fn bare(name: &str, ty: &str) -> Spec {
        Spec::read(name, &Json::String(ty.into()), false, 0)
    }

    /// Reads `[type, options]`, or the bare type.
    pub fn read(name: &str, value: &Json, optional: bool, depth: u32) -> Spec {
        let (ty, options) = match value {
            Json::Array(parts) => (parts.first().unwrap_or(&Json::Null), parts.get(1).unwrap_or(&Json::Null)),
            // Not what servers write, but what is meant is plain.
            other => (other, &Json::Null),
        };
        let yes = |key: &str| options.get(key).truthy();
        let is_true = |key: &str| options.get(key).is_true();
        let type_name = type_name(ty);
        let widget_type = options.str_at("widgetType");
        let widget = match widget_type {
            Some(widget_type) => Some(Kind::of(widget_type).unwrap_or(Kind::Custom)),
            None => Kind::of(&type_name),
        };
        let choices = if matches!(ty, Json::Array(_)) { ty } else { options.get("options") };
        let remote = options.get("remote");
        let control = options.get("control_after_generate");
        let control = (!control.is_null()).then(|| control.truthy());
        let spec = |ty: &str, own_widget, dynamic| Spec {
            name: name.into(),
            optional,
            control,
            shared: Arc::new(SpecOptions {
                ty: ty.into(),
                widget: own_widget,
                // On optional inputs the older `defaultInput` means the same.
                force_input: yes("forceInput") || (optional && yes("defaultInput")),
                default: OwnedValue::of(options.get("default")),
                first: match choices.items().first() {
                    Some(first) if widget == Some(Kind::Combo) => OwnedValue::of(first),
                    _ => OwnedValue::Nothing,
                },
                choices: match widget {
                    Some(Kind::Combo) => choices.items().iter().take(3).map(self::type_name).collect(),
                    _ => Vec::new(),
                },
                options: match widget {
                    Some(Kind::Combo) if remote.is_null() && !yes("multi_select") => fixed_options(choices.items()),
                    _ => Vec::new(),
                },
                multiline: yes("multiline"),
                dynamic_prompts: is_true("dynamicPrompts"),
                multi_select: yes("multi_select"),
                remote: remote.truthy().then(|| remote.get("refresh_button").truthy()),
                limits: Limits::read(widget, options),
                dynamic,
                formats: options.get("formats").pairs().iter().map(|(name, value)| Format::read(name, value)).collect(),
                media_upload: &*type_name == "COMBO"
                    && (is_true("image_upload") || is_true("video_upload") || is_true("animated_image_upload")),
                audio_upload: is_true("audio_upload"),
            }),
        };
        let mut dynamic = Dynamic::None;
        if depth <= MAX_NESTING {
            dynamic = read_dynamic(&type_name, options, choices, depth);
        }
        if &*type_name == "COMFY_MATCHTYPE_V3" {
            let template = options.get("template");
            if let (Some(id), Some(allowed)) = (template.str_at("template_id"), template.str_at("allowed_types")) {
                let widget = if widget_type.is_some() { widget } else { Kind::of(allowed) };
                dynamic = Dynamic::Match { template: id.into(), input: Box::new(spec(allowed, widget, dynamic)) };
            }
        }
        spec(&type_name, widget, dynamic)
    }
}

/// The name of a type; a list of options is a combo.
pub(crate) fn type_name(value: &Json) -> Box<str> {
    match value {
        Json::Array(_) => "COMBO".into(),
        Json::String(text) => (&**text).into(),
        Json::Number(text) => (*text).into(),
        _ => "UNKNOWN".into(),
    }
}

/// The options of a combo, none where they are files or too many to be anything else.
fn fixed_options(options: &[Json]) -> Vec<Box<str>> {
    let is_file = |option: &Json| option.str().is_some_and(looks_like_file);
    if options.len() < 2 || options.len() > 300 || options.iter().any(is_file) {
        return Vec::new();
    }
    let text = |option: &Json| {
        let mut text = String::new();
        match option {
            Json::String(option) => text.push_str(option),
            option => option.write(&mut text),
        }
        text.into()
    };
    options.iter().map(text).collect()
}

/// Whether a text looks like the name of a file, or like a path.
pub(crate) fn looks_like_file(text: &str) -> bool {
    let extension = text.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_extension = (2..=11).contains(&extension.len())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && extension.bytes().any(|byte| byte.is_ascii_alphabetic());
    is_extension || text.contains(['/', '\\'])
}

fn read_dynamic(ty: &str, options: &Json, choices: &Json, depth: u32) -> Dynamic {
    let template = options.get("template");
    let count = |of: &Json, key: &str, or: usize| of.get(key).index().unwrap_or(or);
    match ty {
        "COMFY_DYNAMICCOMBO_V3" => {
            let option = |option: &Json| (type_name(option.get("key")), read_inputs(option.get("inputs"), depth + 1));
            let options: Vec<(Box<str>, Vec<Spec>)> = choices.items().iter().map(option).collect();
            if options.iter().any(|(_, inputs)| inputs.len() > MAX_INPUTS) {
                return Dynamic::Unreadable;
            }
            Dynamic::Combo(options)
        }
        "COMFY_AUTOGROW_V3" => {
            let inputs = read_inputs(template.get("input"), depth + 1);
            if inputs.is_empty() || inputs.len() > MAX_INPUTS {
                return Dynamic::Unreadable;
            }
            let names = match template.get("names") {
                Json::Array(names) => Some(names.iter().map(type_name).collect::<Vec<_>>()),
                _ => None,
            };
            let max = names.as_ref().map_or_else(|| count(template, "max", 100), Vec::len).min(MAX_INPUTS);
            let prefix = template.str_at("prefix").unwrap_or("").into();
            // A class cannot ask for more sockets than anyone could see.
            let min = count(template, "min", 1).min(max).min(1000);
            Dynamic::Autogrow(Box::new(Autogrow { inputs, names, prefix, min, max }))
        }
        "COMFY_DYNAMICGROUP_V3" => {
            let fields = read_inputs(template, depth + 1);
            if fields.is_empty() || fields.len() > MAX_INPUTS || !fields.iter().all(Spec::makes_widget) {
                return Dynamic::Unreadable;
            }
            Dynamic::Group { fields, min: count(options, "min", 0).min(20), max: count(options, "max", 20).min(20) }
        }
        "COMFY_MATCHTYPE_V3" => Dynamic::Unreadable,
        _ => Dynamic::None,
    }
}

/// Required inputs, then optional ones.
fn read_inputs(inputs: &Json, depth: u32) -> Vec<Spec> {
    let mut specs = Vec::new();
    for (section, optional) in [("required", false), ("optional", true)] {
        for (name, value) in inputs.get(section).pairs() {
            specs.push(Spec::read(name, value, optional, depth));
        }
    }
    specs
}

impl Format {
    fn read(option: &str, value: &Json) -> Format {
        let widget = |widget: &Json| match widget.items() {
            [name, rest @ ..] => Some(Spec::read(name.str()?, &Json::Array(rest.to_vec()), false, MAX_NESTING)),
            [] => None,
        };
        let numbers = |key: &str| match value.get(key) {
            Json::Array(items) => Some(items.iter().map(Json::number).collect()),
            _ => None,
        };
        Format {
            option: option.into(),
            widgets: value.items().iter().filter_map(widget).collect(),
            target_rate: value.get("target_rate").number(),
            dim: numbers("dim"),
            frames: numbers("frames"),
        }
    }
}
