//! What custom node packs add to the editor.
//!
//! The Python half of a pack stands in the object info. Its JavaScript half runs in the editor and changes what the editor
//! sends: nodes that exist in the editor only, widgets that no input declares, other values, links that are not in the
//! file. Each file here holds the rules of one pack and begins with the pack, the version that was read, its rules in
//! words and their source. A new pack is one file and one line in [`PACKS`].
//!
//! What no pack has a rule for is answered by the file itself (`fallback`).

pub(crate) mod custom_scripts;
pub(crate) mod easy_use;
pub(crate) mod efficiency;
pub(crate) mod fallback;
#[cfg(test)]
mod growth;
pub(crate) mod impact;
pub(crate) mod kjnodes;
pub(crate) mod lora_manager;
pub(crate) mod mx_toolkit;
pub(crate) mod rgthree;
pub(crate) mod shown_text;
pub(crate) mod small;
pub(crate) mod table;
pub(crate) mod use_everywhere;
pub(crate) mod video_helper_suite;
pub(crate) mod vrgamedevgirl;

use crate::workflow::model::arena::Arena;
use crate::workflow::model::graph::Graphs;
use crate::workflow::model::json::{self, Json};
use crate::workflow::model::node::{CustomWidget, Node, Role};
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::Widget;

/// The rules of a pack. Every method but the first has a default that changes nothing.
///
/// The methods are in the order in which the editor comes to what they are about: a node is made, the file's values are
/// brought in, and the prompt is written.
pub(crate) trait Pack: Sync {
    /// The name of the pack in the registry, which is what `properties.cnr_id` of a node says.
    fn name(&self) -> &'static str;

    /// The part that a node type plays which the editor does not send as it is; `None` for all others. Asked before the
    /// object info: a pack can make a class of its server half virtual.
    fn role(&self, _class_type: &str) -> Option<Role<'static>> {
        None
    }

    /// A type of input that the pack makes a widget of.
    fn custom_widget(&self, _input_type: &str) -> Option<CustomWidget> {
        None
    }

    /// Whether the methods below are about nodes of a class. Nodes of all other classes never get there.
    fn has_rules_for(&self, _class_type: &str) -> bool {
        false
    }

    /// A node has the widgets of its class, with their defaults: adds those that the pack makes (`onNodeCreated`).
    fn make_widgets(&self, _node: &mut Node) {}

    /// A node has its widgets: changes the list of saved values before the widgets get them.
    fn adjust_values<'d>(&self, _node: &Node<'d>, _values: &mut Vec<&'d Json<'d>>) {}

    /// A node has the values that the file has for its widgets: does what the pack does then (`onConfigure`,
    /// `loadedGraphNode`).
    fn configure(&self, _node: &mut Node) {}

    /// What is sent of a widget in place of its value (`serializeValue`, or a change of the prompt when it is queued). A
    /// value that comes of `random` is listed under `chosen`.
    fn value<'d>(&self, _node: &Node<'d>, _widget: &Widget<'d>, _random: &mut Random) -> Option<Value<'d>> {
        None
    }

    /// Whether patterns in the `filename_prefix` of a class are resolved, as those of ComfyUI's own savers are.
    fn resolves_file_names(&self, _class_type: &str) -> bool {
        false
    }

    /// Adds links that are not in the file ([`Graphs::add_link`]). The graphs are loaded and not expanded yet. What cannot
    /// be decided goes to [`Graphs::notes`].
    fn add_links(&self, _graphs: &mut Graphs) {}
}

/// `Math.random()`: numbers from 0 up to 1.
pub(crate) type Random<'r> = dyn FnMut() -> f64 + 'r;

/// All packs.
static PACKS: &[&dyn Pack] = &[
    &video_helper_suite::VideoHelperSuite,
    &kjnodes::KjNodes,
    &rgthree::Rgthree,
    &custom_scripts::CustomScripts,
    &easy_use::EasyUse,
    &impact::Impact,
    &impact::Inspire,
    &efficiency::Efficiency,
    &lora_manager::LoraManager,
    &mx_toolkit::MxToolkit,
    &vrgamedevgirl::VrGameDevGirl,
    &use_everywhere::UseEverywhere,
    &small::ANIMATE_DIFF,
    &small::MTB,
    &small::OLLAMA,
    &small::RMBG,
];

/// The part that a node type plays by the rules of a pack.
pub(crate) fn role<'d>(class_type: &str) -> Option<Role<'d>> {
    PACKS.iter().find_map(|pack| pack.role(class_type))
}

/// The pack that a node comes from, as far as the file, the object info or a rule says; `None` for a node of ComfyUI
/// itself.
pub(crate) fn pack_of<'d>(node: &Node<'d>) -> Option<&'d str> {
    let saved = ["cnr_id", "aux_id"].into_iter().find_map(|key| node.property(key).str());
    let by_rule = || {
        let has_rules = |pack: &&&dyn Pack| pack.role(node.class_type).is_some() || pack.has_rules_for(node.class_type);
        PACKS.iter().find(has_rules).map(|pack| pack.name())
    };
    let by_class = || match node.role {
        Role::Class(class) => class.pack.as_deref(),
        _ => None,
    };
    saved.or_else(by_rule).or_else(by_class).filter(|pack| *pack != "comfy-core")
}

/// The pack that has rules for nodes of a class.
pub(crate) fn for_class(class_type: &str) -> Option<&'static dyn Pack> {
    PACKS.iter().find(|pack| pack.has_rules_for(class_type)).copied()
}

/// The widget that a pack makes of an input type.
pub(crate) fn custom_widget(input_type: &str) -> Option<CustomWidget> {
    PACKS.iter().find_map(|pack| pack.custom_widget(input_type))
}

/// An object of these fields.
pub(crate) fn object<'d>(arena: &'d Arena, fields: &[(&str, Value)]) -> Value<'d> {
    let mut text = String::from("{");
    for (at, (key, value)) in fields.iter().enumerate() {
        text.push_str(if at == 0 { "" } else { "," });
        json::write_string(key, &mut text);
        text.push(':');
        value.write(&mut text);
    }
    text.push('}');
    Value::Raw(arena.keep(text))
}

/// Adds the links of all packs that are not in the file. Returns whether there are any.
pub(crate) fn add_links(graphs: &mut Graphs) -> bool {
    let links = |graphs: &Graphs| -> usize { graphs.graphs.iter().map(|graph| graph.links.len()).sum() };
    let before = links(graphs);
    for pack in PACKS {
        pack.add_links(graphs);
    }
    links(graphs) > before
}
