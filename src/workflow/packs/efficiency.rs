//! Efficiency Nodes (`efficiency-nodes-comfyui`), 1.0.8; `js/seedcontrol.js`.
//!
//! The samplers and scripts with a seed have a button in the place of what happens after a run. A seed of -1, which they
//! begin with, becomes a number from the limits of the input, not beyond ±2^50, when the prompt is queued, unless
//! the script does not use it.

use crate::workflow::model::json;
use crate::workflow::model::node::Node;
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::Widget;
use crate::workflow::packs::{Pack, Random};

pub(crate) struct Efficiency;

const BUTTON: &str = "🎲 Randomize / ♻️ Last Queued Seed";
const MOST: f64 = 1_125_899_906_842_624.0;

fn seed_name(class_type: &str) -> Option<&'static str> {
    match class_type {
        "KSampler (Efficient)" | "Noise Control Script" | "HighRes-Fix Script" | "Tiled Upscaler Script" => {
            Some("seed")
        }
        "KSampler Adv. (Efficient)" | "KSampler SDXL (Eff.)" => Some("noise_seed"),
        _ => None,
    }
}

/// A script that does not use its seed leaves it as it is.
fn is_off(node: &Node) -> bool {
    let value = |name: &str| node.widgets.iter().find(|widget| widget.name == name).map(|widget| widget.value);
    match node.class_type {
        "Noise Control Script" => value("add_seed_noise").is_some_and(|value| !value.truthy()),
        "HighRes-Fix Script" => {
            value("use_same_seed").is_some_and(Value::truthy)
                || value("upscale_type").is_some_and(|value| value.str() == Some("pixel"))
        }
        _ => false,
    }
}

impl Pack for Efficiency {
    fn name(&self) -> &'static str {
        "efficiency-nodes-comfyui"
    }

    fn has_rules_for(&self, class_type: &str) -> bool {
        seed_name(class_type).is_some()
    }

    fn make_widgets(&self, node: &mut Node) {
        let button = Widget { prompt: false, ..Widget::new(BUTTON, Value::Raw("null")) };
        match node.widget_named("control_after_generate") {
            Some(at) => node.widgets[at] = button,
            None => node.widgets.push(button),
        }
        if let Some(at) = seed_name(node.class_type).and_then(|name| node.widget_named(name)) {
            node.widgets[at].value = Value::Raw("-1");
        }
    }

    fn value<'d>(&self, node: &Node<'d>, widget: &Widget<'d>, random: &mut Random) -> Option<Value<'d>> {
        let is_seed = seed_name(node.class_type) == Some(widget.name);
        if !is_seed || widget.value.arithmetic() != -1.0 || is_off(node) {
            return None;
        }
        let limits = widget.spec?.limits?;
        let (min, max) = (limits.min_or_default().max(-MOST), limits.max_or_default().min(MOST));
        let step = limits.step.filter(|step| *step != 0.0).unwrap_or(1.0);
        let seed = (random() * ((max - min) / step)).floor() * step + min;
        Some(Value::Raw(node.arena.keep(json::from_f64(seed.max(min).min(max)))))
    }
}
