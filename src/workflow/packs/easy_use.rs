//! Easy-Use (`comfyui-easy-use`), 1.3.6; `web_version/v2/assets/extensions-….js`.
//!
//! - `easy setNode` and `easy getNode` are a setter and a getter as those of KJNodes; `easy bookmark` exists in the editor
//!   only.
//! - Nodes that show something have it in a widget `text` for each saved value.
//! - The selectors of `easy wildcards`, `easy wildcardsMatrix` and `easy prompt` are always sent as their heading.
//! - Loops and switches by index begin with few of their inputs. Those that are used are in the file, so a link to any
//!   other is lost.
//! - `resolution` in Chinese of older files is translated.

use crate::workflow::model::json::Json;
use crate::workflow::model::node::{CustomWidget, Node, Role};
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::{Widget, WidgetRole};
use crate::workflow::packs::{Pack, Random, fallback, impact};

pub(crate) struct EasyUse;

const SHOWS: [&str; 5] = [
    "easy showAnything",
    "easy showAnythingLazy",
    "easy showTensorShape",
    "easy showSpentTime",
    "easy showLoaderSettingsNames",
];

/// The headings of `easy prompt`.
fn heading(widget: &str) -> Option<&'static str> {
    Some(match widget {
        "prefix" => "Select the prefix add to the text",
        "subject" => "👤Select the subject add to the text",
        "action" => "🎬Select the action add to the text",
        "clothes" => "👚Select the clothes add to the text",
        "environment" => "☀️Select the illumination environment add to the text",
        "background" => "🎞️Select the background add to the text",
        "nsfw" => "🔞Select the nsfw add to the text",
        _ => return None,
    })
}

impl Pack for EasyUse {
    fn name(&self) -> &'static str {
        "comfyui-easy-use"
    }

    fn role(&self, class_type: &str) -> Option<Role<'static>> {
        match class_type {
            "easy setNode" => Some(Role::Setter),
            "easy getNode" => Some(Role::Getter),
            "easy bookmark" => Some(Role::Virtual),
            _ => None,
        }
    }

    fn custom_widget(&self, input_type: &str) -> Option<CustomWidget> {
        let default = match input_type {
            "EASY_PROMPT_STYLES" => Some("\"\""),
            "EASY_COMBO" => None,
            _ => return None,
        };
        Some(CustomWidget { prompt: true, default })
    }

    fn has_rules_for(&self, class_type: &str) -> bool {
        class_type.starts_with("easy ")
    }

    fn make_widgets(&self, node: &mut Node) {
        if node.class_type == "easy stableDiffusion3API" {
            for (name, prompt) in [("cost_credit", false), ("account", true)] {
                node.widgets.push(Widget { prompt, ..Widget::new(name, Value::Text("")) });
            }
        }
        match node.class_type {
            "easy poseEditor" => node.widgets.push(Widget::new("editor", Value::Text(""))),
            "easy imageChooser" => node.widgets.push(Widget::new("Waiting for selection...", Value::Text(""))),
            _ => {}
        }
        keep_first_inputs(node);
        fallback::add_named_widgets(node);
        for widget in node.widgets.iter_mut().filter(|widget| widget.name == "info" && widget.spec.is_none()) {
            widget.prompt = false;
        }
    }

    fn configure(&self, node: &mut Node) {
        if SHOWS.contains(&node.class_type) {
            let Json::Array(values) = &node.raw.values else { return };
            node.widgets.retain(|widget| widget.name != "text");
            for value in values {
                let value = node.as_text(Value::Json(value));
                node.widgets.push(Widget { role: WidgetRole::Text, ..Widget::new("text", value) });
            }
        }
        if node.class_type == "easy stableDiffusion3API" {
            for widget in node.widgets.iter_mut().filter(|widget| widget.name == "account") {
                widget.value = Value::Text("");
            }
        }
        if let Some(at) = node.widget_named("resolution") {
            if node.widgets[at].value.str() == Some("自定义 x 自定义") {
                node.widgets[at].value = Value::Text("width x height (custom)");
            }
        }
    }

    fn value<'d>(&self, node: &Node<'d>, widget: &Widget<'d>, _: &mut Random) -> Option<Value<'d>> {
        match node.class_type {
            "easy prompt" => heading(widget.name).map(Value::Text),
            "easy wildcards" | "easy wildcardsMatrix" => impact::heading(widget.name),
            _ => None,
        }
    }
}

/// Takes away the inputs and outputs that a node does not begin with.
fn keep_first_inputs(node: &mut Node) {
    let (inputs, outputs) = match node.class_type {
        "easy forLoopStart" => (1, 3),
        "easy whileLoopStart" => (1, 2),
        "easy forLoopEnd" | "easy whileLoopEnd" => (2, 1),
        "easy anythingIndexSwitch"
        | "easy imageIndexSwitch"
        | "easy textIndexSwitch"
        | "easy conditioningIndexSwitch" => (2, usize::MAX),
        _ => return,
    };
    if node.class_type == "easy textIndexSwitch" {
        node.widgets.truncate(3);
    }
    let mut at = 0;
    node.inputs.retain(|input| {
        at += 1;
        at <= inputs || input.widget.is_some()
    });
    node.outputs.truncate(outputs);
}
