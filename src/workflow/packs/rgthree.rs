//! rgthree-comfy (`rgthree-comfy`), 1.0.x.
//!
//! - Reroutes, labels, bookmarks and everything that switches modes of other nodes exist in the editor only; of a switch
//!   only the saved modes count (`src_web/comfyui/reroute.ts`, `label.ts`, `base_node_mode_changer.ts`, …).

use crate::workflow::model::node::Role;
use crate::workflow::packs::Pack;

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
            | "Random Unmuter" => Some(Role::Virtual),
            _ => None,
        }
    }
}
