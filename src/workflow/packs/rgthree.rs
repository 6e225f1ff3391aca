//! rgthree-comfy (`rgthree-comfy`), 1.0.2608; `src_web/comfyui/`.
//!
//! - Reroutes, labels, bookmarks and everything that switches modes of other nodes exist in the editor only; of a switch
//!   only the saved modes count (`reroute.ts`, `label.ts`, `base_node_mode_changer.ts`, …).
//! - Power Lora Loader: every saved value with a key `lora` is a widget `lora_1`, `lora_2`, …, between a header and a
//!   button. `strengthTwo` is sent only where the property "Show Strengths" asks for it, and is 1 where it is null
//!   (`power_lora_loader.ts`).
//! - Image Comparer: `rgthree_comparer` is `{"images": […]}`, the pictures of the last run (`image_comparer.ts`).
//! - Display Any, Display Int: `output` is always empty (`display_any.ts`).
//! - Seed: no widget for what happens after a run, three buttons, and `last_seed` where a property shows it. -1, -2 and -3
//!   become a number from the properties' limits; the last two count from the seed before, which a file does not know.
//!   The seed that is sent takes the place of a link, too (`seed.ts`).
//! - Power Prompt: the widgets `insert_…` move behind the others and are there only where they have more to choose than
//!   their heading; `target_…` and `crop_…` are none (`base_power_prompt.ts`).
//! - Power Puter: `outputs` and `code` (`power_puter.ts`). Power Primitive: `type` and a `value` of that type
//!   (`power_primitive.ts`).

use crate::workflow::model::json::{self, Json};
use crate::workflow::model::kind::Kind;
use crate::workflow::model::node::{Input, Node, Role};
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::{Widget, WidgetRole};
use crate::workflow::packs::{self, Pack, Random, Unknown};

pub(crate) struct Rgthree;

impl Pack for Rgthree {
    fn name(&self) -> &'static str {
        "rgthree-comfy"
    }

    fn role(&self, class_type: &str) -> Option<Role<'static>> {
        match class_type.strip_suffix(" (rgthree)")? {
            "Reroute" => Some(Role::Reroute),
            "Label"
            | "Bookmark"
            | "Fast Muter"
            | "Fast Bypasser"
            | "Fast Groups Muter"
            | "Fast Groups Bypasser"
            | "Fast Actions Button"
            | "Mute / Bypass Relay"
            | "Mute / Bypass Repeater"
            | "Node Collector"
            | "Node Combiner"
            | "Random Unmuter"
            | "Power Conductor" => Some(Role::Virtual),
            _ => None,
        }
    }

    fn has_rules_for(&self, class_type: &str) -> bool {
        class_type.ends_with(" (rgthree)")
    }

    fn make_widgets(&self, node: &mut Node) {
        match node.class_type.trim_end_matches(" (rgthree)") {
            "Image Comparer" => node.widgets.push(Widget::new("rgthree_comparer", Value::Raw(NO_IMAGES))),
            "Display Any" | "Display Int" => node.widgets.push(Widget::new("output", Value::Text(""))),
            "Seed" => {
                node.widgets.retain(|widget| widget.name != "control_after_generate");
                for name in ["🎲 Randomize Each Time", "🎲 New Fixed Random", "USE_LAST_SEED"] {
                    node.widgets.push(Widget { prompt: false, ..Widget::new(name, Value::Undefined) });
                }
            }
            "Power Puter" => {
                node.widgets.push(Widget::new("outputs", Value::Raw("{\"outputs\":[\"STRING\"]}")));
                node.widgets.push(Widget { role: WidgetRole::Text, ..Widget::new("code", Value::Text("")) });
            }
            "Power Primitive" => {
                node.widgets.push(Widget::new("type", Value::Text("STRING")));
                node.widgets.push(Widget::new("value", Value::Text("null")));
                node.inputs.push(Input { widget: Some("value"), ..Input::socket("value", "*") });
            }
            class if class.contains("Power Prompt") => make_prompt_widgets(node),
            _ => {}
        }
    }

    fn configure(&self, node: &mut Node) {
        match node.class_type.trim_end_matches(" (rgthree)") {
            "Power Lora Loader" => make_loras(node),
            "Image Comparer" => set_images(node),
            "Seed" if node.property("showLastSeed").truthy() => {
                node.widgets.push(Widget { role: WidgetRole::Text, ..Widget::new("last_seed", Value::Text("")) });
            }
            "Power Puter" => set_outputs(node),
            "Power Primitive" => set_primitive(node),
            _ => {}
        }
    }

    fn unknown(&self, node: &Node) -> Option<Unknown> {
        const WHY: &str =
            "it counts from the seed of the run before, which the file does not hold: it is random instead";
        let seed = node.widgets.iter().find(|widget| widget.name == "seed")?.value.arithmetic();
        let counts = node.class_type == "Seed (rgthree)" && (seed == -2.0 || seed == -3.0);
        counts.then_some(Unknown::Value { input: "seed", why: WHY })
    }

    fn value<'d>(&self, node: &Node<'d>, widget: &Widget<'d>, random: &mut Random) -> Option<Value<'d>> {
        match (node.class_type.trim_end_matches(" (rgthree)"), widget.name) {
            ("Display Any" | "Display Int", "output") => Some(Value::Text("")),
            ("Seed", "seed") => {
                let is_special = is_special(widget.value.arithmetic());
                is_special.then(|| Value::Raw(node.arena.keep(json::from_f64(random_seed(node, widget, random)))))
            }
            _ => None,
        }
    }
}

const NO_IMAGES: &str = "{\"images\":[]}";

fn make_loras(node: &mut Node) {
    let both = node.property("Show Strengths").str() == Some("Separate Model & Clip");
    node.widgets.clear();
    let header = Value::Raw("{\"type\":\"PowerLoraLoaderHeaderWidget\"}");
    node.widgets.push(Widget::new("PowerLoraLoaderHeaderWidget", header));
    let rows = node.raw.values.items().iter().filter(|value| value.has("lora"));
    for (at, row) in rows.enumerate() {
        let value = if !row.has("strengthTwo") && !both {
            Value::Json(row)
        } else {
            let mut fields: Vec<(&str, Value)> =
                row.pairs().iter().map(|(key, value)| (&**key, Value::Json(value))).collect();
            fields.retain(|(key, _)| *key != "strengthTwo");
            if both {
                let second = Value::Json(row.get("strengthTwo"));
                fields.push(("strengthTwo", if second.is_nothing() { Value::Raw("1") } else { second }));
            }
            packs::object(node.arena, &fields)
        };
        let name = node.arena.join(&["lora_", node.arena.number(at + 1)]);
        node.widgets.push(Widget::new(name, value));
    }
    node.widgets.push(Widget::new("➕ Add Lora", Value::Text("")));
}

/// The pictures that a saved comparer shows: objects, or their addresses in older files.
fn set_images(node: &mut Node) {
    let Some(at) = node.widget_named("rgthree_comparer") else { return };
    let Value::Json(saved) = node.widgets[at].value else { return };
    let saved = if matches!(saved, Json::Array(_)) { saved.items() } else { saved.list("images") };
    let name = |image: &Json| image.str_at("name").unwrap_or("").to_owned();
    let has = |letter: char| saved.iter().any(|image| name(image).starts_with(letter));
    let count = if saved.len() > 2 && !(has('A') && has('B')) { 2 } else { saved.len() };
    let saved = &saved[..count];
    let mut selected: Vec<bool> =
        saved.iter().map(|image| !matches!(image, Json::Object(_)) || image.get("selected").truthy()).collect();
    if !selected.contains(&true) {
        selected.iter_mut().take(1).for_each(|first| *first = true);
    }
    if selected.iter().filter(|selected| **selected).count() == 1 {
        selected.iter_mut().find(|selected| !**selected).into_iter().for_each(|other| *other = true);
    }
    let mut text = String::from("{\"images\":[");
    for (at, (image, selected)) in saved.iter().zip(selected).enumerate() {
        text.push_str(if at == 0 { "" } else { "," });
        let name = Value::Text(if at == 0 { "A" } else { "B" });
        let mut fields: Vec<(&str, Value)> = match image {
            Json::Object(pairs) => pairs.iter().map(|(key, value)| (&**key, Value::Json(value))).collect(),
            image => vec![("url", Value::Json(image)), ("name", name)],
        };
        fields.retain(|(key, _)| !matches!(*key, "selected" | "img"));
        fields.push(("selected", Value::Raw(if selected { "true" } else { "false" })));
        packs::object(node.arena, &fields).write(&mut text);
    }
    text.push_str("]}");
    node.widgets[at].value = Value::Raw(node.arena.keep(text));
}

fn is_special(seed: f64) -> bool {
    [-1.0, -2.0, -3.0].contains(&seed)
}

fn random_seed(node: &Node, widget: &Widget, random: &mut Random) -> f64 {
    let limit = |name: &str, or: f64| match Value::Json(node.property(name)) {
        limit if limit.truthy() => limit.arithmetic(),
        _ => or,
    };
    let (min, max) = (limit("randomMin", 0.0), limit("randomMax", 1_125_899_906_842_624.0));
    let step = widget.spec.and_then(|spec| spec.limits?.step).filter(|step| *step != 0.0).unwrap_or(1.0);
    let seed = (random() * ((max - min) / step)).floor() * step + min;
    if is_special(seed) { 0.0 } else { seed }
}

fn make_prompt_widgets(node: &mut Node) {
    let Role::Class(class) = node.role else { return };
    node.widgets.retain(|widget| {
        !["insert_", "target_", "crop_", "values_"].iter().any(|prefix| widget.name.starts_with(prefix))
    });
    for spec in class.listed().filter(|spec| spec.optional && spec.name.starts_with("insert")) {
        let is_shown = match &*spec.choices {
            [] | [_] => false,
            [_, second] => !is_switch(second),
            [_, _, ..] => true,
        };
        if is_shown && spec.widget == Some(Kind::Combo) {
            let widget = Widget::new(&spec.name, spec.first());
            node.widgets.push(Widget { role: WidgetRole::Combo, spec: Some(spec), ..widget });
        }
    }
}

/// `DISABLE LORAS` and the like.
fn is_switch(option: &str) -> bool {
    let rest = option.get(..7).filter(|start| start.eq_ignore_ascii_case("disable")).map(|_| &option[7..]);
    let mut rest = rest.unwrap_or("").chars();
    rest.next().is_some_and(char::is_whitespace) && rest.next().is_some_and(|letter| letter.is_ascii_alphabetic())
}

/// Older files have one output, as its name.
fn set_outputs(node: &mut Node) {
    let Some(at) = node.widget_named("outputs") else { return };
    let Value::Json(saved) = node.widgets[at].value else { return };
    let outputs = if saved.str().is_some() { std::slice::from_ref(saved) } else { saved.list("outputs") };
    let mut text = String::from("{\"outputs\":[");
    for (at, output) in outputs.iter().enumerate() {
        text.push_str(if at == 0 { "" } else { "," });
        let is_old = output.str() == Some("BOOL");
        if is_old { Value::Text("BOOLEAN") } else { Value::Json(output) }.write(&mut text);
    }
    text.push_str("]}");
    node.widgets[at].value = Value::Raw(node.arena.keep(text));
}

/// The value takes on the chosen type. A linked one is empty.
fn set_primitive(node: &mut Node) {
    let (Some(ty), Some(at)) = (node.widget_named("type"), node.widget_named("value")) else { return };
    if node.widgets[ty].value.str() == Some("BOOL") {
        node.widgets[ty].value = Value::Text("BOOLEAN");
    }
    let value = node.widgets[at].value;
    let is_linked = node.inputs.iter().any(|input| input.link.is_some());
    node.widgets[at].value = match node.widgets[ty].value.str() {
        _ if is_linked => Value::Text(""),
        Some("INT" | "FLOAT") => {
            let number = value.arithmetic();
            Value::Raw(node.arena.keep(json::from_f64(if number.is_nan() { 0.0 } else { number })))
        }
        Some("BOOLEAN") => {
            let no = ["false", "null", "", "0"];
            let is_no = |text: &str| no.iter().any(|word| text.eq_ignore_ascii_case(word));
            let is_true = value.str().map_or(value.truthy(), |text| !is_no(text));
            Value::Raw(if is_true { "true" } else { "false" })
        }
        _ => node.as_text(value),
    };
}
