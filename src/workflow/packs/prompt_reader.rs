//! Prompt Reader (`comfyui-prompt-reader-node`), 1.3.4; `js/`.
//!
//! - Four classes show texts of the last run in text areas behind their widgets, and send them (`promptDisplay.js`,
//!   `loaderDisplay.js`, `extractorDisplay.js`, `parameterDisplay.js`).
//! - `SDParameterGenerator` has no widget for what happens after a run. Three buttons stand before its texts; they take a
//!   place and are not sent. The name of the last one changes, so that no name is taken from the file.
//! - Its seed begins with -1. -1, -2 and -3 become a number from the limits of the input, not below 0 and not beyond
//!   2^50; the last two count from the seed before, which a file does not know (`seedGen.js`).

use crate::workflow::model::json;
use crate::workflow::model::node::Node;
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::{Widget, WidgetRole};
use crate::workflow::packs::{Pack, Random, Unknown};

pub(crate) struct PromptReader;

const GENERATOR: &str = "SDParameterGenerator";
const BUTTONS: [&str; 3] = ["Randomize seed each time", "New fixed random seed", "(Use Last Queued Seed)"];
const MOST: f64 = 1_125_899_906_842_624.0;

/// The text areas of a class.
fn texts(class_type: &str) -> &'static [&'static str] {
    match class_type {
        "SDPromptReader" => &["positive", "negative", "setting"],
        "SDBatchLoader" => &["fileList"],
        "SDParameterExtractor" => &["value_display"],
        GENERATOR => &["steps_display", "aspect_ratio_display"],
        _ => &[],
    }
}

/// Whether a seed is decided when the prompt is queued.
fn is_special(seed: f64) -> bool {
    [-1.0, -2.0, -3.0].contains(&seed)
}

impl Pack for PromptReader {
    fn name(&self) -> &'static str {
        "comfyui-prompt-reader-node"
    }

    fn has_rules_for(&self, class_type: &str) -> bool {
        !texts(class_type).is_empty()
    }

    fn make_widgets(&self, node: &mut Node) {
        if node.class_type == GENERATOR {
            node.widgets.retain(|widget| widget.name != "control_after_generate");
            if let Some(at) = node.widget_named("seed") {
                node.widgets[at].value = Value::Raw("-1");
            }
            for name in BUTTONS {
                node.widgets.push(Widget { prompt: false, ..Widget::new(name, Value::Raw("null")) });
            }
        }
        for name in texts(node.class_type) {
            node.widgets.push(Widget { role: WidgetRole::Text, ..Widget::new(name, Value::Text("")) });
        }
    }

    fn value<'d>(&self, node: &Node<'d>, widget: &Widget<'d>, random: &mut Random) -> Option<Value<'d>> {
        let is_seed = node.class_type == GENERATOR && widget.name == "seed";
        if !is_seed || !is_special(widget.value.arithmetic()) {
            return None;
        }
        let limits = widget.spec?.limits?;
        let (min, max) = (limits.min_or_default().max(0.0), limits.max_or_default().min(MOST));
        let step = limits.step.filter(|step| *step != 0.0).unwrap_or(1.0);
        let seed = (random() * ((max - min) / step)).floor() * step + min;
        Some(Value::Raw(node.arena.keep(json::from_f64(seed))))
    }

    fn unknown(&self, node: &Node) -> Option<Unknown> {
        const WHY: &str =
            "it counts from the seed of the run before, which the file does not hold: it is random instead";
        if node.class_type != GENERATOR {
            return None;
        }
        let seed = node.widgets.iter().find(|widget| widget.name == "seed")?.value.arithmetic();
        (seed == -2.0 || seed == -3.0).then_some(Unknown::Value { input: "seed", why: WHY })
    }
}
