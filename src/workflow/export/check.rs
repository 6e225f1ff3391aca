//! Warnings about values and links that a server will refuse or misread. The editor sends them without a warning.
//!
//! - A required socket without a link (`required`).
//! - A value of another type than its widget, outside of the limits of a number, or not among the options of a combo
//!   (`value`): mostly the saved values of another version of the class, which belong to other widgets now. Options that
//!   are files differ from server to server, so neither such a list nor a value that looks like a file is compared.
//! - A value that only the editor makes, when a prompt is queued: the picture of a Load3D, a recording (`editor`).
//!
//! They only count for nodes that a result depends on, because a server ignores the others.
//!

use crate::workflow::model::json;
use crate::workflow::model::kind::Kind;
use crate::workflow::model::node::{Node, Role};
use crate::workflow::model::spec::read::looks_like_file;
use crate::workflow::model::spec::{Dynamic, Spec};
use crate::workflow::model::value::Value;

/// A rule and what it says.
pub(crate) type Remark = (&'static str, String);

/// The warning about the value of a widget, if there is one.
#[inline(never)]
pub(crate) fn value(spec: &Spec, value: Value) -> Option<Remark> {
    let refused = |why: &[&str]| Some(("value", [shown(value).as_str(), " "].concat() + &why.concat()));
    let number = value.number();
    match spec.widget? {
        Kind::Int | Kind::Float if spec.limits.is_some() => {
            let limits = spec.limits?;
            let kind = if limits.float { "number" } else { "whole number" };
            // Python reads a number out of a text, and takes true for 1.
            let is_true_or_false = matches!(value, Value::Json(json::Json::Bool(_)) | Value::Raw("true" | "false"));
            let read =
                number.or_else(|| value.str().map(str::trim).filter(|text| json::is_number(text)).map(json::to_f64));
            let Some(read) = read else {
                return if is_true_or_false { None } else { refused(&["is no ", kind]) };
            };
            match (limits.min, limits.max) {
                (Some(min), _) if read < min => {
                    refused(&["is less than ", &json::from_f64(min), ", the least that it takes"])
                }
                (_, Some(max)) if read > max => {
                    refused(&["is more than ", &json::from_f64(max), ", the most that it takes"])
                }
                _ => None,
            }
        }
        // Any text is true to Python.
        Kind::Boolean if value.is_nothing() || value.str().is_some_and(|text| !text.eq_ignore_ascii_case("true")) => {
            refused(&["is neither true nor false"])
        }
        Kind::Combo if !spec.options.is_empty() => {
            let is_option = |option: &str| match (value.str(), number) {
                (Some(text), _) => text == option,
                (None, Some(number)) => json::is_number(option) && json::to_f64(option) == number,
                (None, None) => shown(value) == *option,
            };
            let is_file = value.str().is_some_and(looks_like_file);
            let is_known = is_file || value.is_list() || spec.options.iter().any(|option| is_option(option));
            if is_known { None } else { refused(&["is none of its options"]) }
        }
        Kind::Load3d | Kind::Webcam | Kind::AudioRecord | Kind::Painter
            if value.is_nothing() || value.str().is_some_and(str::is_empty) =>
        {
            let why =
                "only the editor can make its value, when it queues the prompt: set it, or export the prompt there";
            Some(("editor", why.to_owned()))
        }
        _ => None,
    }
}

/// Whether the class of a node requires an input.
pub(crate) fn requires(node: &Node, name: &str) -> bool {
    match node.role {
        Role::Class(class) => class.inputs.iter().any(|spec| !spec.optional && *spec.name == *name),
        _ => false,
    }
}

/// The required sockets of a node without a link or value. `is_given`: whether the prompt has an input.
pub(crate) fn open_sockets<'d>(node: &Node<'d>, is_given: &dyn Fn(&str) -> bool, warn: &mut dyn FnMut(&'d str)) {
    let Role::Class(class) = node.role else { return };
    for spec in &class.inputs {
        let is_socket = !spec.makes_widget() && matches!(spec.dynamic, Dynamic::None | Dynamic::Match { .. });
        if is_socket && !spec.optional && !is_given(&spec.name) {
            warn(&spec.name);
        }
    }
}

/// A value as a message shows it.
fn shown(value: Value) -> String {
    let mut text = String::new();
    value.write(&mut text);
    if let Some((end, _)) = text.char_indices().nth(40) {
        text.truncate(end);
        text.push('…');
    }
    text
}
