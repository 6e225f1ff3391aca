//! Easy-Use (`comfyui-easy-use`), 1.3.x.
//!
//! - `easy setNode` and `easy getNode` are a setter and a getter as those of KJNodes (`web_version/v2/`, getset).

use crate::workflow::model::node::Role;
use crate::workflow::packs::Pack;

pub(crate) struct EasyUse;

impl Pack for EasyUse {
    fn name(&self) -> &'static str {
        "comfyui-easy-use"
    }

    fn role(&self, class_type: &str) -> Option<Role<'static>> {
        match class_type {
            "easy setNode" => Some(Role::Setter),
            "easy getNode" => Some(Role::Getter),
            _ => None,
        }
    }
}
