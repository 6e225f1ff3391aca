//! mxToolkit (`ComfyUI-mxToolkit`), 0.9.92; `js/`.
//!
//! - `mxReroute` is a Reroute.
//! - The sliders send what their properties hold, rounded to the decimals that they are set to: the whole part, the value,
//!   and whether there are decimals.

use crate::workflow::model::json::{self, Json};
use crate::workflow::model::limits::half_up;
use crate::workflow::model::node::{Node, Role};
use crate::workflow::model::value::Value;
use crate::workflow::packs::Pack;

pub(crate) struct MxToolkit;

impl Pack for MxToolkit {
    fn name(&self) -> &'static str {
        "ComfyUI-mxToolkit"
    }

    fn role(&self, class_type: &str) -> Option<Role<'static>> {
        (class_type == "mxReroute").then_some(Role::Reroute)
    }

    fn has_rules_for(&self, class_type: &str) -> bool {
        matches!(class_type, "mxSlider" | "mxSlider2D")
    }

    fn configure(&self, node: &mut Node) {
        if node.class_type == "mxSlider" {
            set(node, ["value", "min", "decimals"], 20.0, 0.0, [0, 1, 2]);
        } else {
            set(node, ["valueX", "minX", "decimalsX"], 512.0, 0.0, [0, 1, 4]);
            set(node, ["valueY", "minY", "decimalsY"], 512.0, 0.0, [2, 3, 5]);
        }
    }
}

/// Sets the widgets at these places: whole part, value, whether there are decimals.
fn set(node: &mut Node, names: [&str; 3], default: f64, min: f64, at: [usize; 3]) {
    let property = |name: &str, or: f64| match node.property(name) {
        Json::Null => or,
        value => Value::Json(value).arithmetic(),
    };
    let [value, min, decimals] =
        [(names[0], default), (names[1], min), (names[2], 0.0)].map(|(name, or)| property(name, or));
    let decimals = decimals.floor().clamp(0.0, 4.0);
    let power = 10f64.powi(decimals as i32);
    let value = half_up(power * if value.is_nan() { min } else { value }) / power;
    for (at, value) in at.into_iter().zip([value.floor(), value, f64::from(decimals > 0.0)]) {
        if let Some(widget) = node.widgets.get_mut(at) {
            widget.value = Value::Raw(node.arena.keep(json::from_f64(value)));
        }
    }
}
