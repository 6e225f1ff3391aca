//! KJNodes (`comfyui-kjnodes`), 1.1.x.
//!
//! - `SetNode` names what it gets, `GetNode` hands on what a setter of the same name gets; both exist in the editor only
//!   (`web/js/setgetnodes.js`).

use crate::workflow::model::node::Role;
use crate::workflow::packs::Pack;

pub(crate) struct KjNodes;

impl Pack for KjNodes {
    fn name(&self) -> &'static str {
        "comfyui-kjnodes"
    }

    fn role(&self, class_type: &str) -> Option<Role<'static>> {
        match class_type {
            "SetNode" => Some(Role::Setter),
            "GetNode" => Some(Role::Getter),
            _ => None,
        }
    }
}
