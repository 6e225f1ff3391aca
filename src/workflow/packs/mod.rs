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
pub(crate) mod prompt_reader;
pub(crate) mod rgthree;
pub(crate) mod shown_text;
pub(crate) mod small;
pub(crate) mod table;
pub(crate) mod use_everywhere;
pub(crate) mod video_helper_suite;
pub(crate) mod vrgamedevgirl;

use crate::workflow::model::arena::Arena;
use crate::workflow::model::graph::{Graphs, Note};
use crate::workflow::model::json::{self, Json};
use crate::workflow::model::node::{CustomWidget, Mode, Node, Role};
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

    /// What the editor sends for a node that neither the file nor the object info says.
    fn unknown(&self, _node: &Node) -> Option<Unknown> {
        None
    }

    /// Adds links that are not in the file ([`Graphs::add_link`]). The graphs are loaded and not expanded yet. What cannot
    /// be decided goes to [`Graphs::notes`].
    fn add_links(&self, _graphs: &mut Graphs) {}
}

/// Something that cannot be known, and why.
pub(crate) enum Unknown {
    /// The value of an input.
    Value { input: &'static str, why: &'static str },
    /// The values of all inputs that are linked to the node.
    OfTargets { why: &'static str },
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
    &prompt_reader::PromptReader,
    &vrgamedevgirl::VrGameDevGirl,
    &use_everywhere::UseEverywhere,
    &small::ANIMATE_DIFF,
    &small::MTB,
    &small::OLLAMA,
    &small::RMBG,
    &small::ESSENTIALS,
    &small::TINY_TERRA,
    &small::LTX_VIDEO,
    &small::CRYSTOOLS,
];

/// The part that a node type plays by the rules of a pack.
pub(crate) fn role<'d>(class_type: &str) -> Option<Role<'d>> {
    PACKS.iter().find_map(|pack| pack.role(class_type))
}

/// The pack that a node comes from, as far as the file, the object info or a rule says; `None` for a node of ComfyUI
/// itself.
pub(crate) fn pack_of<'d>(node: &Node<'d>) -> Option<&'d str> {
    let saved = ["cnr_id", "aux_id"].into_iter().find_map(|key| node.property(key).str());
    let by_rule = || pack_with_rules(node.class_type).map(|pack| pack.name());
    let by_class = || match node.role {
        Role::Class(class) => class.pack.as_deref(),
        _ => None,
    };
    saved.or_else(by_rule).or_else(by_class).filter(|pack| *pack != "comfy-core")
}

/// The pack that has any rule about a type of nodes.
fn pack_with_rules(class_type: &str) -> Option<&'static dyn Pack> {
    PACKS.iter().find(|pack| pack.role(class_type).is_some() || pack.has_rules_for(class_type)).copied()
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

/// Notes what cannot be known of the nodes that take part.
pub(crate) fn note_unknown(graphs: &mut Graphs) {
    for at in 0..graphs.graphs.len() {
        let graph = &graphs.graphs[at];
        let mut notes = Vec::new();
        // Nodes whose targets get something, and why it is not known.
        let mut sources: Vec<(usize, &'static str, &'static str)> = Vec::new();
        for (node_at, node) in graph.nodes.iter().enumerate().filter(|(_, node)| node.mode == Mode::Active) {
            let note = |input: &str, message: &str, pack| Note {
                graph: at,
                node: node_at,
                input: input.to_owned(),
                rule: "not_in_file",
                message: message.to_owned(),
                pack,
            };
            let pack = pack_with_rules(node.class_type);
            match pack.and_then(|pack| pack.unknown(node)) {
                Some(Unknown::Value { input, why }) => notes.push(note(input, why, pack.map(|pack| pack.name()))),
                Some(Unknown::OfTargets { why }) => {
                    sources.extend(pack.map(|pack| (node_at, why, pack.name())));
                }
                None if pack.is_none() && node.unread > 0 && pack_of(node).is_some() => {
                    let unread = graphs.arena.number(node.unread);
                    let why = " saved values belong to no widget: it was saved with another version of its pack, or \
                               the pack makes widgets that are not known here";
                    notes.push(note("", &[unread, why].concat(), None));
                }
                None => {}
            }
        }
        for link in graph.links.iter().filter(|_| !sources.is_empty()) {
            let (Some((origin, _)), Some((target, slot))) = (link.origin_node(), link.target_node()) else { continue };
            let source = sources.binary_search_by_key(&origin, |(node, ..)| *node).ok();
            if let Some((_, why, pack)) = source.map(|source| sources[source]) {
                let input = graph.nodes[target].inputs[slot].name.to_owned();
                let (message, pack) = (why.to_owned(), Some(pack));
                notes.push(Note { graph: at, node: target, input, rule: "not_in_file", message, pack });
            }
        }
        graphs.notes.append(&mut notes);
    }
}
