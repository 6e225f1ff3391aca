//! Custom-Scripts (`comfyui-custom-scripts`), 1.2.5; `web/js/`.
//!
//! - ShowText shows the text of the last run, and sends it (`showText.js`).
//! - The loaders for checkpoints and LoRAs have a widget `example`, which starts at `[none]` (`betterCombos.js`).
//! - `PresetText|pysssss` exists in the editor only. It puts a text out of the browser's settings into the widgets that
//!   it is linked to (`presetText.js`): no file says which.
//! - Where a `Repeater|pysssss` gives several outputs of one node, links to any of them go to the first (`repeater.js`).

use crate::workflow::model::node::{Node, Role};
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::Widget;
use crate::workflow::packs::{Pack, Unknown, shown_text};

pub(crate) struct CustomScripts;

impl Pack for CustomScripts {
    fn name(&self) -> &'static str {
        "comfyui-custom-scripts"
    }

    fn role(&self, class_type: &str) -> Option<Role<'static>> {
        (class_type == "PresetText|pysssss").then_some(Role::Virtual)
    }

    fn unknown(&self, node: &Node) -> Option<Unknown> {
        const WHY: &str = "its text comes from a preset, which stands in the settings of the browser";
        (node.class_type == "PresetText|pysssss").then_some(Unknown::OfTargets { why: WHY })
    }

    fn has_rules_for(&self, class_type: &str) -> bool {
        matches!(class_type, "ShowText|pysssss" | "CheckpointLoader|pysssss" | "LoraLoader|pysssss")
    }

    fn make_widgets(&self, node: &mut Node) {
        if node.class_type != "ShowText|pysssss" {
            node.widgets.push(Widget::new("example", Value::Text("[none]")));
        }
    }

    fn configure(&self, node: &mut Node) {
        if node.class_type == "ShowText|pysssss" {
            return shown_text::restore(node);
        }
        if let Some(at) = node.widget_named("example") {
            node.widgets[at].value = Value::Text("[none]");
        }
    }
}
