//! vrgamedevgirl (`vrgamedevgirl`); `web/`.
//!
//! - `VRGDG_ShowText` and `VRGDG_ShowAny` show the text of the last run, and send it.

use crate::workflow::model::node::Node;
use crate::workflow::packs::{Pack, shown_text};

pub(crate) struct VrGameDevGirl;

impl Pack for VrGameDevGirl {
    fn name(&self) -> &'static str {
        "vrgamedevgirl"
    }

    fn has_rules_for(&self, class_type: &str) -> bool {
        matches!(class_type, "VRGDG_ShowText" | "VRGDG_ShowAny")
    }

    fn configure(&self, node: &mut Node) {
        shown_text::restore(node);
    }
}
