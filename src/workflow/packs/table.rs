//! Packs whose rules are a list: types that exist in the editor only, widgets that stand beside the declared ones.

use crate::workflow::model::node::{CustomWidget, Node, Role};
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::{Widget, WidgetRole};
use crate::workflow::packs::{Pack, fallback};

/// A pack as a list. [`Table::EMPTY`] has no rules.
pub(crate) struct Table {
    pub name: &'static str,
    /// Types that exist in the editor only.
    pub virtual_types: &'static [&'static str],
    /// Types of inputs that the pack makes widgets of.
    pub custom_widgets: &'static [(&'static str, CustomWidget)],
    /// Classes that have further widgets, and these in their order.
    pub widgets: &'static [(&'static [&'static str], &'static [Extra])],
    /// Classes whose `filename_prefix` is resolved.
    pub savers: &'static [&'static str],
}

/// A widget that no input declares. It stands behind the declared ones.
#[derive(Clone, Copy)]
pub(crate) struct Extra {
    pub name: &'static str,
    /// Its value where the file has none, as JSON text; empty for JavaScript's `undefined`, which is not sent.
    pub value: &'static str,
    /// Reaches the prompt.
    pub prompt: bool,
    /// The value in the file does not count.
    pub fixed: bool,
    /// A text area, which turns all it gets into text.
    pub text: bool,
}

impl Table {
    pub const EMPTY: Table = Table { name: "", virtual_types: &[], custom_widgets: &[], widgets: &[], savers: &[] };
}

/// A button, which is sent as null.
pub(crate) const fn button(name: &'static str) -> Extra {
    Extra { name, value: "null", prompt: true, fixed: false, text: false }
}

/// A button that is made without a value. It is sent as null where the file has one for it.
pub(crate) const fn unset_button(name: &'static str) -> Extra {
    Extra { name, value: "", prompt: true, fixed: false, text: false }
}

/// A widget that is sent.
pub(crate) const fn widget(name: &'static str, value: &'static str) -> Extra {
    Extra { name, value, prompt: true, fixed: false, text: false }
}

/// A text area that is sent.
pub(crate) const fn text(name: &'static str) -> Extra {
    Extra { name, value: "\"\"", prompt: true, fixed: false, text: true }
}

/// A widget that is sent as this, whatever the file says.
pub(crate) const fn fixed(name: &'static str, value: &'static str) -> Extra {
    Extra { name, value, prompt: true, fixed: true, text: false }
}

/// A widget that takes a place and stays in the editor.
pub(crate) const fn hidden(name: &'static str) -> Extra {
    Extra { name, value: "null", prompt: false, fixed: false, text: false }
}

/// A widget of an input type that is sent.
pub(crate) const SENT: CustomWidget = CustomWidget { prompt: true, default: None };
/// A widget of an input type that takes a place and stays in the editor.
pub(crate) const UNSENT: CustomWidget = CustomWidget { prompt: false, default: None };

impl Table {
    fn extras(&self, class_type: &str) -> Option<&'static [Extra]> {
        self.widgets.iter().find(|(classes, _)| classes.contains(&class_type)).map(|(_, extras)| *extras)
    }
}

impl Pack for Table {
    fn name(&self) -> &'static str {
        self.name
    }

    fn role(&self, class_type: &str) -> Option<Role<'static>> {
        self.virtual_types.contains(&class_type).then_some(Role::Virtual)
    }

    fn custom_widget(&self, input_type: &str) -> Option<CustomWidget> {
        self.custom_widgets.iter().find(|(ty, _)| *ty == input_type).map(|(_, widget)| *widget)
    }

    fn has_rules_for(&self, class_type: &str) -> bool {
        self.extras(class_type).is_some() || self.savers.contains(&class_type)
    }

    fn make_widgets(&self, node: &mut Node) {
        for Extra { name, value, prompt, text, .. } in self.extras(node.class_type).unwrap_or_default() {
            if node.widget_named(name).is_none() {
                let value = if value.is_empty() { Value::Undefined } else { Value::Raw(value) };
                let role = if *text { WidgetRole::Text } else { WidgetRole::Plain };
                node.widgets.push(Widget { prompt: *prompt, role, ..Widget::new(name, value) });
            }
        }
        fallback::add_named_widgets(node);
    }

    fn configure(&self, node: &mut Node) {
        for Extra { name, value, .. } in self.extras(node.class_type).unwrap_or_default().iter().filter(|it| it.fixed) {
            if let Some(at) = node.widget_named(name) {
                node.widgets[at].value = Value::Raw(value);
            }
        }
    }

    fn resolves_file_names(&self, class_type: &str) -> bool {
        self.savers.contains(&class_type)
    }
}
