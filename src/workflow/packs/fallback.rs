//! What the file itself says about widgets of packs that no rule is about.
//!
//! - A saved input with a `widget` is a widget, whatever its type. It takes its place in the order of the object info.
//! - `widgets_values_named` of files of newer editors lists the widgets of a node in their order. One that the class does
//!   not declare was made by the pack's JavaScript: it takes a place behind the one before it and is sent as saved, but
//!   for what stays in the editor (what happens to a seed, buttons that upload, previews).

use std::cell::OnceCell;

use crate::text::index::Index;
use crate::workflow::model::node::{CustomWidget, Node, Role};
use crate::workflow::model::spec::Spec;
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::Widget;
use crate::workflow::packs;

/// Which of the inputs that ComfyUI itself makes sockets of are widgets, by the packs or by the file.
pub(crate) fn custom_widgets<'d>(node: &Node<'d>) -> impl Fn(&Spec) -> Option<CustomWidget> + use<'d> {
    let saved = node.raw;
    let with_widget = OnceCell::new();
    move |spec| {
        packs::custom_widget(&spec.ty).or_else(|| {
            let with_widget = with_widget.get_or_init(|| {
                let inputs = saved.inputs.iter().filter(|input| input.widget.name.str().is_some());
                Index::of(inputs.filter_map(|input| Some((input.name.str()?, 0))).collect())
            });
            let is_saved = &*spec.ty != "*" && with_widget.first(&spec.name).is_some();
            is_saved.then_some(CustomWidget { prompt: true, default: None })
        })
    }
}

/// Adds the widgets that only `widgets_values_named` knows of.
pub(crate) fn add_named_widgets(node: &mut Node) {
    let Role::Class(class) = node.role else { return };
    let named = node.raw.named_values.pairs();
    if named.is_empty() || class.pack.is_none() {
        return;
    }
    let known = Index::new(node.widgets.iter().map(|widget| widget.name));
    let declared = Index::new(class.inputs.iter().map(|spec| &*spec.name));
    // Widgets that the class has, each followed by those that only the file knows.
    let mut behind: Vec<Vec<Widget>> = Vec::new();
    behind.resize_with(node.widgets.len() + 1, Vec::new);
    let mut place = 0;
    for (name, value) in named {
        // Of a dynamic input, or of several of the same name.
        let base = name.split_once(['.', '#']).map_or(&**name, |(base, _)| base);
        if let Some(at) = known.first(name) {
            place = at + 1;
        } else if declared.first(name).is_none() && declared.first(base).is_none() && known.first(base).is_none() {
            let widget = Widget { prompt: !stays_in_editor(name), ..Widget::new(name, Value::Json(value)) };
            behind[place].push(widget);
        }
    }
    let mut behind = behind.into_iter();
    let mut all = behind.next().unwrap_or_default();
    for (widget, behind) in node.widgets.drain(..).zip(behind) {
        all.push(widget);
        all.extend(behind);
    }
    node.widgets = all;
}

/// Whether a widget is there for the user only, by its name.
fn stays_in_editor(name: &str) -> bool {
    let is_upload = name == "upload" || (name.starts_with("choose ") && name.ends_with(" upload"));
    name.starts_with("control_") || is_upload || name.ends_with("preview") || name.starts_with('🎲')
}
