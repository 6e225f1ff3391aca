//! What custom node packs add to the editor.
//!
//! The Python half of a pack stands in the object info. Its JavaScript half runs in the editor and changes what the editor
//! sends: nodes that exist in the editor only, widgets that no input declares, other values, links that are not in the
//! file. Each file here holds the rules of one pack and begins with the pack, the version that was read, its rules in
//! words and their source. A new pack is one file and one line in [`PACKS`].

pub(crate) mod easy_use;
pub(crate) mod kjnodes;
pub(crate) mod rgthree;

use crate::workflow::model::graph::Graphs;
use crate::workflow::model::node::{Node, Role};

/// The rules of a pack. Every method has a default that changes nothing.
pub(crate) trait Pack: Sync {
    /// The name of the pack in the registry, which is what `properties.cnr_id` of a node says.
    fn name(&self) -> &'static str;

    /// The part that a node type plays which the editor does not send as it is; `None` for all others. Asked before the
    /// object info: a pack can make a class of its server half virtual.
    fn role(&self, _class_type: &str) -> Option<Role<'static>> {
        None
    }

    /// Adds links that are not in the file ([`Graphs::add_link`]). The graphs are loaded and not expanded yet. What cannot
    /// be decided goes to [`Graphs::notes`].
    fn add_links(&self, _graphs: &mut Graphs) {}
}

/// All packs.
static PACKS: [&dyn Pack; 3] = [&kjnodes::KjNodes, &rgthree::Rgthree, &easy_use::EasyUse];

/// The part that a node type plays by the rules of a pack.
pub(crate) fn role<'d>(class_type: &str) -> Option<Role<'d>> {
    PACKS.iter().find_map(|pack| pack.role(class_type))
}

/// The pack that a node comes from, as far as the file or a rule says; `None` for a node of ComfyUI itself.
pub(crate) fn pack_of<'d>(node: &Node<'d>) -> Option<&'d str> {
    let saved = ["cnr_id", "aux_id"].into_iter().find_map(|key| node.property(key).str());
    let by_rule = || PACKS.iter().find(|pack| pack.role(node.class_type).is_some()).map(|pack| pack.name());
    saved.or_else(by_rule).filter(|pack| *pack != "comfy-core")
}

/// Adds the links of all packs that are not in the file.
pub(crate) fn add_links(graphs: &mut Graphs) {
    for pack in PACKS {
        pack.add_links(graphs);
    }
}
