//! Widgets of the loaders, whose steps and sizes depend on the chosen format.

use crate::workflow::model::json;
use crate::workflow::model::limits::{Limits, half_up};
use crate::workflow::model::node::Node;
use crate::workflow::model::spec::{Format, Spec};
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::Widget;

/// The format that a loader has, which changes what its numbers are rounded to.
#[derive(Default)]
pub(super) struct Loader<'d> {
    format: Option<&'d Format>,
}

/// What a format says about one widget.
#[derive(Default)]
struct Settings {
    step: Option<f64>,
    offset: f64,
    /// The value that it asks for.
    reset: Option<f64>,
}

impl<'d> Loader<'d> {
    /// The format that a node begins with.
    pub fn new(node: &Node<'d>) -> Self {
        let format = node.widget_named("format").map(|at| node.widgets[at]);
        let spec = format.and_then(|format| format.spec);
        let first = spec.map(|spec| if spec.default().truthy() { spec.default() } else { spec.first() });
        Loader { format: spec.zip(first).and_then(|(spec, first)| find(spec, first)) }
    }

    fn settings(&self, name: &str) -> Settings {
        let Some(format) = self.format else { return Settings::default() };
        let number = |numbers: &Option<Vec<Option<f64>>>, at: usize| *numbers.as_ref()?.get(at)?;
        let (numbers, reset) = match name {
            "force_rate" => return Settings { reset: format.target_rate, ..Settings::default() },
            "custom_width" => (&format.dim, 2),
            "custom_height" => (&format.dim, 3),
            "frame_load_cap" => (&format.frames, usize::MAX),
            _ => return Settings::default(),
        };
        Settings {
            step: number(numbers, 0),
            offset: number(numbers, 1).unwrap_or(0.0),
            reset: number(numbers, reset).filter(|reset| *reset != 0.0),
        }
    }

    /// Chooses a format. Values that the old format set get those of the new one, and all are rounded again.
    pub fn choose(&mut self, node: &mut Node<'d>, spec: &'d Spec, chosen: Value) {
        let Some(format) = find(spec, chosen) else { return };
        let former = std::mem::replace(self, Loader { format: Some(format) });
        for at in 0..node.widgets.len() {
            let Widget { name, mut value, spec, .. } = node.widgets[at];
            let Some(limits) = spec.and_then(|spec| spec.limits) else { continue };
            if !matches!(name, "force_rate" | "custom_width" | "custom_height" | "frame_load_cap") {
                continue;
            }
            let was_asked_for = former.settings(name).reset.is_some_and(|reset| reset == value.arithmetic());
            if let (true, Some(reset)) = (was_asked_for, self.settings(name).reset) {
                value = number(node, reset);
            }
            let adjusted = self.adjust(name, &limits, value);
            node.widgets[at].value = adjusted.map_or(value, |adjusted| number(node, adjusted));
        }
    }

    /// What the pack's own widgets make of a value; `None` where it stays as it is.
    pub fn adjust(&self, name: &str, limits: &Limits, value: Value) -> Option<f64> {
        let settings = self.settings(name);
        let truthy = |limit: Option<f64>| limit.filter(|limit| *limit != 0.0);
        let (min, max) = (truthy(limits.min), truthy(limits.max));
        let given = value.arithmetic();
        let mut number = given;
        if let Some(round) = truthy(limits.round).filter(|_| limits.float) {
            number = half_up((number + f64::EPSILON) / round) * round;
        }
        if let Some(max) = max.filter(|max| number > *max) {
            number = max;
        }
        if limits.float {
            if let (Some(min), Some(max)) = (min, limits.max) {
                if number < max {
                    number = min;
                }
            }
            return (number != given && !number.is_nan()).then_some(number);
        }
        if let Some(min) = min.filter(|min| number < *min) {
            number = min;
        }
        if number == 0.0 && !value.is_nothing() {
            return None;
        }
        let step = settings.step.or(limits.step).unwrap_or(f64::NAN);
        Some(half_up((number - settings.offset) / step) * step + settings.offset)
    }
}

pub(super) fn find<'d>(spec: &'d Spec, option: Value) -> Option<&'d Format> {
    spec.formats.iter().find(|format| option.str() == Some(&*format.option))
}

pub(super) fn number<'d>(node: &Node<'d>, number: f64) -> Value<'d> {
    Value::Raw(node.arena.keep(json::from_f64(number)))
}
