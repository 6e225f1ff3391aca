//! Nodes that show the text of the last run in widgets made for it: `text_0`, `text_1`, ….

use crate::workflow::model::json::Json;
use crate::workflow::model::node::Node;
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::{Widget, WidgetRole};

/// Makes the widgets of a saved node: of its values, without the first where there are several and the first input has a
/// widget of its own; an empty one at the beginning is left out, and lists are texts in a row.
pub(crate) fn restore(node: &mut Node) {
    let Json::Array(values) = &node.raw.values else { return };
    let first_has_widget = node.raw.inputs.first().is_some_and(|input| input.widget.name.str().is_some());
    let mut values = &values[usize::from(values.len() > 1 && first_has_widget)..];
    if values.first().is_some_and(|first| !first.truthy()) {
        values = &values[1..];
    }
    node.widgets.retain(|widget| !widget.name.starts_with("text_"));
    let texts = values.iter().flat_map(|value| match value {
        Json::Array(list) => &list[..],
        other => std::slice::from_ref(other),
    });
    for (at, text) in texts.enumerate() {
        let name = node.arena.join(&["text_", node.arena.number(at)]);
        let value = node.as_text(Value::Json(text));
        node.widgets.push(Widget { role: WidgetRole::Text, ..Widget::new(name, value) });
    }
}
