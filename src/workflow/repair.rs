//! What the editor repairs once a file is loaded (rule W4): a null COMBO becomes its first option, and the
//! `sampler_name` of the samplers loses a leading `sample_`. Sockets of older files for widgets that the class no longer
//! has go, and their links with them.

use std::borrow::Cow;

use super::graph::Graph;
use super::json::Json;
use super::node::{Node, Role};
use super::widgets::{Value, WidgetRole, is_filled};

/// Takes away sockets that stand beside a widget that is not there.
pub(crate) fn drop_widgetless_inputs(graph: &mut Graph) {
    for node in &mut graph.nodes {
        if !matches!(node.role, Role::Class(_)) {
            continue;
        }
        let missing = |node: &Node, at: usize| {
            let input = &node.inputs[at];
            input.widget.is_some() && node.widget_of(input).is_none()
        };
        for at in (0..node.inputs.len()).rev() {
            if missing(node, at) {
                let input = node.inputs.remove(at);
                if let Some(link) = input.link {
                    graph.links[link].gone = true;
                }
            }
        }
    }
}

/// Repairs values.
pub(crate) fn repair_values(graph: &mut Graph) {
    for node in &mut graph.nodes {
        for input in &mut node.inputs {
            if let Some(promoted) = &mut input.promoted {
                if promoted.first.is_some() && is_nothing(&promoted.value) {
                    promoted.value.clone_from(&promoted.first);
                }
            }
        }
        let Role::Class(class) = node.role else {
            continue;
        };
        let samples = matches!(class.name.as_str(), "KSampler" | "KSamplerAdvanced");
        let mut at = 0;
        while at < node.widgets.len() {
            let widget = &mut node.widgets[at];
            if samples && widget.name == "sampler_name" {
                let name = widget.value.as_deref().and_then(Json::str);
                if let Some(name) = name.and_then(|name| name.strip_prefix("sample_")) {
                    widget.value = Some(Cow::Owned(Json::String(Cow::Owned(name.to_owned()))));
                }
            }
            if is_nothing(&widget.value) {
                let first = match widget.role {
                    WidgetRole::Combo(_) if class.name == "CustomCombo" => {
                        let options =
                            node.widgets.iter().filter(|other| matches!(other.role, WidgetRole::ChoiceOption));
                        options.filter(|option| is_filled(option)).find_map(|option| option.value.clone())
                    }
                    WidgetRole::Combo(first) => first.map(Cow::Borrowed),
                    WidgetRole::Selector(spec) => super::dynamic::first_key(spec),
                    _ => None,
                };
                if let Some(first) = first {
                    node.set_widget(at, first);
                }
            }
            at += 1;
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    value.as_ref().is_none_or(|value| value.is_null())
}
