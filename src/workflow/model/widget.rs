//! A widget of a node.

use crate::workflow::model::spec::Spec;
use crate::workflow::model::value::Value;

/// A widget.
#[derive(Clone, Copy)]
pub(crate) struct Widget<'d> {
    pub name: &'d str,
    pub value: Value<'d>,
    pub role: WidgetRole<'d>,
    /// The input that made the widget.
    pub spec: Option<&'d Spec>,
    /// Takes a place in `widgets_values`.
    pub slot: bool,
    /// Reaches the prompt.
    pub prompt: bool,
}

/// What is special about a widget.
#[derive(Clone, Copy)]
pub(crate) enum WidgetRole<'d> {
    Plain,
    /// A text area, which turns all it gets into text.
    Text,
    /// A text whose comments and alternatives are resolved; the flag is set on text areas.
    Dynamic(bool),
    /// A list of options.
    Combo,
    Number,
    Curve,
    /// The selector of a dynamic combo.
    Selector(&'d Spec),
    /// The row count of a dynamic group.
    Rows(&'d Spec),
    /// The heading of a row of a dynamic group.
    Row,
    /// The button that adds rows.
    AddRow,
    /// Shows something and takes nothing.
    Fixed,
    /// CustomCombo: the position of the choice among the options.
    ChoiceIndex,
    /// CustomCombo: one option.
    ChoiceOption,
}

impl<'d> Widget<'d> {
    pub fn new(name: &'d str, value: Value<'d>) -> Self {
        Widget { name, value, role: WidgetRole::Plain, spec: None, slot: true, prompt: true }
    }

    /// A widget that is there for the user only.
    pub fn hidden(name: &'d str, role: WidgetRole<'d>) -> Self {
        Widget { role, slot: false, prompt: false, ..Widget::new(name, Value::Undefined) }
    }

    /// A widget that takes a place and does not reach the prompt.
    pub fn aside(name: &'d str) -> Self {
        Widget { prompt: false, ..Widget::new(name, Value::Undefined) }
    }

    /// What the widget begins with where its value is null.
    pub fn first(&self) -> Value<'d> {
        match (self.role, self.spec) {
            (WidgetRole::Combo | WidgetRole::Selector(_), Some(spec)) => spec.first(),
            _ => Value::Undefined,
        }
    }
}
