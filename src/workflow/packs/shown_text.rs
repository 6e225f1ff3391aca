//! Nodes that show the text of the last run in widgets made for it: `text_0`, `text_1`, ….

use crate::workflow::model::json::Json;
use crate::workflow::model::node::Node;
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::{Widget, WidgetRole};

/// Makes the widgets of a saved node: of its values; an empty one at the beginning is left out, and lists are texts in a
/// row. (Where the first input still has a widget the pack leaves out the first value; the editor gives it none.)
pub(crate) fn restore(node: &mut Node) {
    let Json::Array(values) = &node.raw.values else { return };
    let mut values = &values[..];
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
