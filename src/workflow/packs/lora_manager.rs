//! LoRA Manager (`comfyui-lora-manager`), 1.1.6; `web/comfyui/`.
//!
//! - Its texts (`AUTOCOMPLETE_TEXT_…`) each come behind a widget `__lm_autocomplete_meta_text`. Older lists without it get
//!   one (`vue-widgets/lora-manager-widgets.js`).
//! - `loras` (`LORAS`) keeps the last of several of the same name and completes each (`loras_widget.js`).
//! - `TriggerWord Toggle` has `toggle_trigger_words` and `orinalMessage` (`trigger_word_toggle.js`).
//! - `Lora Info` shows what the server knows of a LoRA, which no file says.
//! - `Save Image` resolves patterns in its file name (`save_image_extra_output.js`).

use crate::text::index::Index;
use crate::workflow::model::json::{self, Json};
use crate::workflow::model::node::{CustomWidget, Node};
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::Widget;
use crate::workflow::packs::{self, Pack, Unknown};

pub(crate) struct LoraManager;

const META: &str = "__lm_autocomplete_meta_";
const META_VALUE: &str = "{\"version\":1,\"textWidgetName\":\"text\"}";

impl Pack for LoraManager {
    fn name(&self) -> &'static str {
        "comfyui-lora-manager"
    }

    fn custom_widget(&self, input_type: &str) -> Option<CustomWidget> {
        let default = match input_type {
            "LORAS" => Some("[]"),
            "LORA_POOL_CONFIG" | "RANDOMIZER_CONFIG" | "CYCLER_CONFIG" => None,
            _ if input_type.starts_with("AUTOCOMPLETE_TEXT_") => Some("\"\""),
            _ => return None,
        };
        Some(CustomWidget { prompt: true, default })
    }

    fn has_rules_for(&self, class_type: &str) -> bool {
        class_type.ends_with("(LoraManager)")
    }

    fn make_widgets(&self, node: &mut Node) {
        for mut widget in std::mem::take(&mut node.widgets) {
            if widget.spec.is_some_and(|spec| spec.ty.starts_with("AUTOCOMPLETE_TEXT_")) {
                if widget.value.is_nothing() {
                    widget.value = Value::Text("");
                }
                let name = node.arena.join(&[META, widget.name]);
                node.widgets.push(Widget::new(name, Value::Raw(META_VALUE)));
            }
            node.widgets.push(widget);
        }
        if node.class_type == "TriggerWord Toggle (LoraManager)" {
            node.widgets.push(Widget::new("toggle_trigger_words", Value::Raw("[]")));
            node.widgets.push(Widget::new("orinalMessage", Value::Text("")));
        }
    }

    fn adjust_values<'d>(&self, node: &Node<'d>, values: &mut Vec<&'d Json<'d>>) {
        let is_meta = |widget: &Widget| widget.name.starts_with(META);
        let places = || node.widgets.iter().filter(|widget| widget.slot);
        let meta = places().filter(|widget| is_meta(widget)).count();
        if meta > 0 && values.len() == places().count() - meta {
            let mut saved = values.drain(..);
            let all = places().map(|widget| if is_meta(widget) { None } else { saved.next() });
            let all = all.map(|value| value.unwrap_or(&json::NULL)).collect();
            drop(saved);
            *values = all;
        }
    }

    fn configure(&self, node: &mut Node) {
        for at in 0..node.widgets.len() {
            let widget = &node.widgets[at];
            if widget.name.starts_with(META) && widget.value.is_nothing() {
                node.widgets[at].value = Value::Raw(META_VALUE);
            } else if widget.spec.is_some_and(|spec| *spec.ty == *"LORAS") {
                node.widgets[at].value = completed(node, widget.value);
            } else if widget.name == "toggle_trigger_words" && !widget.value.is_list() {
                node.widgets[at].value = Value::Raw("[]");
            }
        }
    }

    fn unknown(&self, node: &Node) -> Option<Unknown> {
        const WHY: &str = "what the server knows of the LoRA belongs here";
        let is_info = node.class_type == "Lora Info (LoraManager)";
        is_info.then_some(Unknown::Value { input: "lora_info_display", why: WHY })
    }

    fn resolves_file_names(&self, class_type: &str) -> bool {
        class_type == "Save Image (LoraManager)"
    }
}

/// The list of LoRAs as the widget completes it.
fn completed<'d>(node: &Node<'d>, value: Value<'d>) -> Value<'d> {
    let Value::Json(Json::Array(loras)) = value else {
        return if value.is_list() { value } else { Value::Raw("[]") };
    };
    let selected = loras.iter().find(|lora| lora.get("selected").truthy()).map(|lora| lora.get("name"));
    let names = Index::new(loras.iter().map(|lora| lora.get("name").text(node.arena)));
    let mut text = String::from("[");
    for (at, lora) in loras.iter().enumerate() {
        if names.all(lora.get("name").text(node.arena)).last().is_some_and(|(_, last)| *last > at) {
            continue;
        }
        let mut fields: Vec<(&str, Value)> =
            lora.pairs().iter().map(|(key, value)| (&**key, Value::Json(value))).collect();
        fields.retain(|(key, _)| !matches!(*key, "clipStrength" | "selected"));
        let strength = Value::Json(lora.get("strength"));
        let clip = Value::Json(lora.get("clipStrength"));
        let clip = if clip.truthy() { clip } else { strength };
        let yes = |yes: bool| Value::Raw(if yes { "true" } else { "false" });
        fields.push(("clipStrength", clip));
        fields.push(("selected", yes(selected == Some(lora.get("name")))));
        if !lora.has("expanded") {
            fields.push(("expanded", yes(clip.arithmetic() != strength.arithmetic())));
        }
        if !lora.has("locked") {
            fields.push(("locked", yes(false)));
        }
        text.push_str(if text.len() == 1 { "" } else { "," });
        packs::object(node.arena, &fields).write(&mut text);
    }
    text.push(']');
    Value::Raw(node.arena.keep(text))
}
