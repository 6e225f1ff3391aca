//! Impact Pack (`comfyui-impact-pack`), 7.10.6, and the parts of Inspire Pack (`comfyui-inspire-pack`), 1.23, that work
//! alike; `js/impact-pack.js`, `js/impact-image-util.js`, `js/prompt.js`.
//!
//! - "Select to add LoRA" and "Select to add Wildcard" are always sent as their heading; they write into a text when they
//!   are chosen.
//! - The texts of detailers are sent as they are: alternatives in them are for the server.
//! - `mode` of the nodes with wildcards is true or false where its class says BOOLEAN, else `populate` or `fixed`, whichever of
//!   the two the file has.
//! - `PreviewBridge` names the picture of the last run, which a server that was started since has forgotten: `$ID-0`.
//! - `PromptBuilder //Inspire` always sends `#PRESET`.

use crate::workflow::model::kind::Kind;
use crate::workflow::model::node::Node;
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::Widget;
use crate::workflow::packs::table::{Table, button, widget};
use crate::workflow::packs::{Pack, Random};

/// Classes whose texts are sent as they are.
const RAW_TEXTS: [&str; 10] = [
    "ToDetailerPipe",
    "ToDetailerPipeSDXL",
    "BasicPipeToDetailerPipe",
    "BasicPipeToDetailerPipeSDXL",
    "EditDetailerPipe",
    "FaceDetailer",
    "DetailerForEach",
    "DetailerForEachDebug",
    "DetailerForEachPipe",
    "DetailerForEachDebugPipe",
];

/// Classes with headings.
const WITH_HEADINGS: [&str; 10] = [
    "ToDetailerPipe",
    "ToDetailerPipeSDXL",
    "BasicPipeToDetailerPipe",
    "BasicPipeToDetailerPipeSDXL",
    "EditDetailerPipe",
    "EditDetailerPipeSDXL",
    "ImpactWildcardEncode",
    "ImpactWildcardProcessor",
    "WildcardEncode //Inspire",
    "MakeBasicPipe //Inspire",
];

/// The heading that a selector is always sent as.
pub(crate) fn heading(widget: &str) -> Option<Value<'static>> {
    match widget {
        "Select to add LoRA" => Some(Value::Text("Select the LoRA to add to the text")),
        "Select to add Wildcard" => Some(Value::Text("Select the Wildcard to add to the text")),
        _ => None,
    }
}

pub(crate) struct Impact;

static IMPACT: Table = Table {
    widgets: &[
        (&["MaskPainter"], &[button("Edit mask")]),
        (&["ImpactSEGSPicker"], &[widget("pick", "\"image\"")]),
        (&["PreviewBridge", "PreviewBridgeLatent"], &[]),
    ],
    ..Table::EMPTY
};

impl Pack for Impact {
    fn name(&self) -> &'static str {
        "comfyui-impact-pack"
    }

    fn has_rules_for(&self, class_type: &str) -> bool {
        let is_of_inspire = class_type.ends_with("//Inspire");
        !is_of_inspire
            && (WITH_HEADINGS.contains(&class_type)
                || RAW_TEXTS.contains(&class_type)
                || IMPACT.has_rules_for(class_type))
    }

    fn make_widgets(&self, node: &mut Node) {
        IMPACT.make_widgets(node);
    }

    fn configure(&self, node: &mut Node) {
        set_mode(node, "mode");
        if node.class_type.starts_with("PreviewBridge") {
            if let Some(at) = node.widget_named("image") {
                node.widgets[at].value = Value::Text(node.arena.join(&["$", node.id, "-0"]));
            }
        }
    }

    fn value<'d>(&self, node: &Node<'d>, widget: &Widget<'d>, _: &mut Random) -> Option<Value<'d>> {
        let is_text = widget.spec.is_some_and(|spec| spec.widget == Some(Kind::String));
        if is_text && RAW_TEXTS.contains(&node.class_type) {
            return Some(widget.value);
        }
        heading(widget.name)
    }
}

/// Older files have true and false where the class has words now, and the other way round.
fn set_mode(node: &mut Node, name: &str) {
    let Some(at) = node.widget_named(name) else { return };
    let widget = &mut node.widgets[at];
    let is_bool = widget.spec.is_some_and(|spec| spec.widget == Some(Kind::Boolean));
    let text = widget.value.str();
    let is_populate = widget.value.is_true() || text == Some("Populate");
    if is_bool {
        widget.value = Value::Raw(if is_populate { "true" } else { "false" });
    } else if text.is_none() {
        widget.value = Value::Text(if is_populate { "populate" } else { "fixed" });
    }
}

pub(crate) struct Inspire;

static INSPIRE: Table = Table {
    widgets: &[
        (
            &[
                "SeedExplorer //Inspire",
                "RegionalSeedExplorerMask //Inspire",
                "RegionalSeedExplorerColorMask //Inspire",
            ],
            &[button("Add to prompt")],
        ),
        (
            &["ShowCachedInfo //Inspire"],
            &[button("Remove Key"), button("Save Settings"), button("Refresh"), button("Clear")],
        ),
    ],
    ..Table::EMPTY
};

impl Pack for Inspire {
    fn name(&self) -> &'static str {
        "comfyui-inspire-pack"
    }

    fn has_rules_for(&self, class_type: &str) -> bool {
        class_type.ends_with("//Inspire")
            && (WITH_HEADINGS.contains(&class_type)
                || class_type == "PromptBuilder //Inspire"
                || INSPIRE.has_rules_for(class_type))
    }

    fn make_widgets(&self, node: &mut Node) {
        INSPIRE.make_widgets(node);
    }

    fn configure(&self, node: &mut Node) {
        set_mode(node, if node.class_type == "MakeBasicPipe //Inspire" { "wildcard_mode" } else { "mode" });
    }

    fn value<'d>(&self, node: &Node<'d>, widget: &Widget<'d>, _: &mut Random) -> Option<Value<'d>> {
        if node.class_type == "PromptBuilder //Inspire" && widget.name == "preset" {
            return Some(Value::Text("#PRESET"));
        }
        heading(widget.name)
    }
}
