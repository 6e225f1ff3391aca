//! What the editor repairs once a file is loaded (rule W4): a null COMBO becomes its first option, and the
//! `sampler_name` of the samplers loses a leading `sample_`. Sockets of older files for widgets that the class no longer
//! has go, and their links with them; of neighbouring ones every other stays.

use crate::text::index::Index;
use crate::workflow::model::graph::Graph;
use crate::workflow::model::node::Role;
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::{Widget, WidgetRole};

/// Removes the sockets of widgets that do not exist.
pub(crate) fn drop_widgetless_inputs(graph: &mut Graph) {
    for node in &mut graph.nodes {
        if !matches!(node.role, Role::Class(_)) {
            continue;
        }
        let names = Index::new(node.widgets.iter().map(|widget| widget.name));
        let mut neighbour_went = false;
        node.inputs.retain(|input| {
            // The editor skips the input that has moved up, so the neighbour of a removed one stays.
            let goes = !neighbour_went && input.widget.is_some_and(|name| names.first(name).is_none());
            neighbour_went = goes;
            if let (true, Some(link)) = (goes, input.link) {
                graph.links[link].gone = true;
            }
            !goes
        });
    }
}

/// Repairs values.
pub(crate) fn repair_values(graph: &mut Graph) {
    for node in &mut graph.nodes {
        for input in &mut node.inputs {
            if let Some(promoted) = &mut input.promoted {
                if promoted.value.is_nothing() && !promoted.first.is_nothing() {
                    promoted.value = promoted.first;
                }
            }
        }
        let is_sampler = matches!(node.class_type, "KSampler" | "KSamplerAdvanced");
        let mut at = 0;
        while at < node.widgets.len() {
            let widget = node.widgets[at];
            if is_sampler && widget.name == "sampler_name" {
                if let Some(name) = widget.value.str().and_then(|name| name.strip_prefix("sample_")) {
                    node.widgets[at].value = Value::Text(name);
                }
            }
            if widget.value.is_nothing() {
                let mut first = widget.first();
                if at == 0 && node.class_type == "CustomCombo" {
                    let is_filled =
                        |widget: &&Widget| matches!(widget.role, WidgetRole::ChoiceOption) && widget.value.truthy();
                    first = node.widgets.iter().find(is_filled).map_or(first, |widget| widget.value);
                }
                if !first.is_nothing() {
                    node.set_widget(at, first);
                }
            }
            at += 1;
        }
    }
}
