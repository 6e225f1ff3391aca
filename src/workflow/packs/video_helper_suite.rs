//! VideoHelperSuite (`comfyui-videohelpersuite`), 1.7.9; `web/js/VHS.core.js`.
//!
//! All classes whose names begin with `VHS_`, of whichever pack, have these rules:
//!
//! - Values are saved as an object and come by name. A widget without a saved value gets its default, where that is true
//!   in JavaScript, else the first option, else the first letter of its type. Lists of older files get names by the
//!   order of [`LISTS`]; other lists go by place.
//! - `force_size` of older files becomes `custom_width` and `custom_height`; `save_image` is today's `save_output`; the
//!   input `batch_manager` is `meta_batch`.
//! - An INT that is brought in is clamped, and unless it is 0 rounded to its step; without a step it becomes NaN. A FLOAT
//!   is rounded and clamped from above; where it has both limits, and neither is 0, anything below the maximum becomes
//!   the minimum.
//! - The widgets of the chosen `format` of `VHS_VideoCombine` stand behind it; its options list them in the object info.
//!   The `format` of the loaders changes steps, and sizes and rates that are those of the format before.
//! - `filename_prefix` of `VHS_VideoCombine` is resolved as that of a saver.
//! - `VHS_BatchManager` has a widget `count`.
//! - `VHS_SelectLatest` exists in the editor only: it puts the newest file of a folder into other nodes, which only the
//!   server knows.

mod loader;

use loader::{Loader, find, number};

use crate::text::index::Index;
use crate::workflow::model::json::{Json, to_f64};
use crate::workflow::model::kind::Kind;
use crate::workflow::model::limits::Limits;
use crate::workflow::model::node::{CustomWidget, Input, Node, Role};
use crate::workflow::model::spec::Spec;
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::Widget;
use crate::workflow::packs::{Pack, Unknown};

pub(crate) struct VideoHelperSuite;

/// The widgets that the places of older lists belonged to; an empty name is a button's.
const LISTS: [(&str, &[&str]); 5] = [
    ("VHS_LoadImages", &["directory", "", "image_load_cap", "skip_first_images", "select_every_nth"]),
    ("VHS_LoadImagesPath", &["directory", "image_load_cap", "skip_first_images", "select_every_nth"]),
    ("VHS_VideoCombine", &["frame_rate", "loop_count", "filename_prefix", "format", "pingpong", "save_image"]),
    ("VHS_LoadVideo", LOADER),
    ("VHS_LoadVideoPath", LOADER),
];
const LOADER: &[&str] =
    &["video", "force_rate", "force_size", "frame_load_cap", "skip_first_frames", "select_every_nth"];

impl Pack for VideoHelperSuite {
    fn name(&self) -> &'static str {
        "comfyui-videohelpersuite"
    }

    fn role(&self, class_type: &str) -> Option<Role<'static>> {
        (class_type == "VHS_SelectLatest").then_some(Role::Virtual)
    }

    fn unknown(&self, node: &Node) -> Option<Unknown> {
        const WHY: &str = "the newest file of a folder belongs here, which only the server knows";
        (node.class_type == "VHS_SelectLatest").then_some(Unknown::OfTargets { why: WHY })
    }

    fn custom_widget(&self, input_type: &str) -> Option<CustomWidget> {
        let is_custom = matches!(input_type, "VHSPATH" | "VHSINT" | "VHSFLOAT" | "VHSTIMESTAMP");
        is_custom.then_some(CustomWidget { prompt: true, default: None })
    }

    fn has_rules_for(&self, class_type: &str) -> bool {
        class_type.starts_with("VHS_")
    }

    fn make_widgets(&self, node: &mut Node) {
        if node.class_type == "VHS_BatchManager" {
            node.widgets.push(Widget::new("count", Value::Raw("0")));
        }
    }

    fn configure(&self, node: &mut Node) {
        if let Some(input) = node.input_named("batch_manager") {
            node.inputs[input].name = "meta_batch";
        }
        let Some(values) = named_values(node) else { return };
        let mut loader = Loader::new(node);
        let mut at = 0;
        // Setting the format adds widgets behind it.
        while let Some(widget) = node.widgets.get(at).copied() {
            let value = values.get(widget.name).or_else(|| initial_value(node, widget.spec?));
            if let Some(value) = value {
                set(node, at, value, &mut loader);
            }
            at += 1;
        }
    }

    fn resolves_file_names(&self, class_type: &str) -> bool {
        class_type == "VHS_VideoCombine"
    }
}

/// The saved values by name.
struct Values<'d> {
    values: Vec<(&'d str, Value<'d>)>,
    index: Index<'d>,
}

impl<'d> Values<'d> {
    fn new(mut values: Vec<(&'d str, Value<'d>)>, node: &Node<'d>) -> Self {
        migrate_size(&mut values, node);
        let index = Index::new(values.iter().map(|(name, _)| *name));
        Values { values, index }
    }

    fn get(&self, name: &str) -> Option<Value<'d>> {
        let find = |name: &str| self.index.all(name).last().map(|(_, at)| self.values[*at].1);
        find(name).or_else(|| if name == "save_output" { find("save_image") } else { None })
    }
}

/// The saved values by name; `None` where they go by place.
fn named_values<'d>(node: &Node<'d>) -> Option<Values<'d>> {
    let Role::Class(class) = node.role else { return None };
    let declared = class.inputs.iter().filter(|spec| spec.makes_widget()).count();
    let list: Vec<&Json> = match &node.raw.values {
        // The editor takes an object of as many entries as there are widgets for a list.
        Json::Object(pairs) if pairs.len() != declared => {
            let values = pairs.iter().map(|(name, value)| (&**name, Value::Json(value))).collect();
            return Some(Values::new(values, node));
        }
        Json::Object(pairs) => pairs.iter().map(|(_, value)| value).collect(),
        values => values.items().iter().collect(),
    };
    let (_, names) = LISTS.iter().find(|(class, names)| *class == node.class_type && list.len() >= names.len())?;
    let values = names.iter().copied().zip(list.into_iter().map(Value::Json)).collect();
    Some(Values::new(values, node))
}

/// `force_size` of older files: `WIDTHxHEIGHT`, `?` for either, or a choice of words.
fn migrate_size<'d>(values: &mut Vec<(&'d str, Value<'d>)>, node: &Node<'d>) {
    let Some((_, size)) = values.iter().rev().find(|(name, _)| *name == "force_size") else { return };
    let Some(size) = size.str() else { return };
    if size.contains('x') {
        let mut sides = size.split('x').map(|side| {
            let digits: String = side.trim_start().chars().take_while(char::is_ascii_digit).collect();
            let side_number = || if digits.is_empty() { f64::NAN } else { to_f64(&digits) };
            if side == "?" { Value::Raw("0") } else { number(node, side_number()) }
        });
        for name in ["custom_width", "custom_height"] {
            values.extend(sides.next().map(|side| (name, side)));
        }
        return;
    }
    if matches!(size, "Disabled" | "Custom Height") {
        values.push(("custom_width", Value::Raw("0")));
    }
    if matches!(size, "Disabled" | "Custom Width") {
        values.push(("custom_height", Value::Raw("0")));
    }
}

/// What a widget of the class gets that the file has no value for; `None` where it stays as it is.
fn initial_value<'d>(node: &Node<'d>, spec: &'d Spec) -> Option<Value<'d>> {
    if !is_of_class(node, spec) {
        return None;
    }
    let value = match (spec.default(), spec.widget) {
        (Value::Undefined, Some(Kind::Combo)) => spec.first(),
        (Value::Undefined, _) => Value::Text(spec.ty.get(..1).unwrap_or("")),
        (default, _) => default,
    };
    value.truthy().then_some(value)
}

/// Gives a widget a value and does what the pack does whenever a value changes.
fn set<'d>(node: &mut Node<'d>, at: usize, value: Value<'d>, loader: &mut Loader<'d>) {
    node.set_widget(at, value);
    let Widget { name, value, spec, .. } = node.widgets[at];
    let Some(spec) = spec else { return };
    if name == "format" {
        if node.class_type == "VHS_VideoCombine" {
            add_format_widgets(node, at, spec, value);
        } else {
            loader.choose(node, spec, value);
        }
        return;
    }
    let Some(limits) = spec.limits else { return };
    let adjusted = if is_of_class(node, spec) { loader.adjust(name, &limits, value) } else { rounded(&limits, value) };
    if let Some(adjusted) = adjusted {
        node.widgets[at].value = number(node, adjusted);
    }
}

/// Whether an input is the class's own, and not that of a format.
fn is_of_class(node: &Node, spec: &Spec) -> bool {
    matches!(node.role, Role::Class(class) if class.inputs.as_ptr_range().contains(&std::ptr::from_ref(spec)))
}

/// What a number's widget of the editor itself makes of a value.
fn rounded(limits: &Limits, value: Value) -> Option<f64> {
    let rounded = limits.round(value.number()?)?;
    let (min, max) = (limits.min.unwrap_or(f64::NEG_INFINITY), limits.max.unwrap_or(f64::INFINITY));
    Some(if limits.float { rounded.max(min).min(max) } else { rounded })
}

/// Puts the widgets of the chosen format behind it. Each has an input.
fn add_format_widgets<'d>(node: &mut Node<'d>, at: usize, spec: &'d Spec, chosen: Value) {
    let Some(format) = find(spec, chosen) else { return };
    let mut behind = node.widgets.split_off(at + 1);
    let inputs = Index::new(node.inputs.iter().map(|input| input.name));
    let names = Index::new(format.widgets.iter().map(|spec| &*spec.name));
    for (place, spec) in format.widgets.iter().enumerate() {
        let Some(kind) = spec.widget else { continue };
        let first = node.widgets.len();
        node.make_plain_widget(&spec.name, kind, spec);
        let widget = node.widgets.pop();
        node.widgets.truncate(first);
        node.widgets.extend(widget);
        if inputs.first(&spec.name).is_none() && names.first(&spec.name) == Some(place) {
            node.inputs.push(Input { widget: Some(&spec.name), ..Input::socket(&spec.name, &spec.ty) });
        }
    }
    node.widgets.append(&mut behind);
}
