//! KJNodes (`comfyui-kjnodes`), 1.1.9; `web/js/`.
//!
//! - `SetNode` names what it gets, `GetNode` hands on what a setter of the same name gets; both exist in the editor only
//!   (`setgetnodes.js`).
//! - Nodes with as many inputs as a number says, and some others, have buttons, which are sent as null; some save under
//!   names with patterns (`jsnodes.js`, `screencap_stream.js`).

use crate::workflow::model::node::{Node, Role};
use crate::workflow::packs::Pack;
use crate::workflow::packs::table::{Table, button, hidden};

pub(crate) struct KjNodes;

static TABLE: Table = Table {
    widgets: &[
        (
            &[
                "ConditioningMultiCombine",
                "CrossFadeImagesMulti",
                "ImageAddMulti",
                "ImageBatchMulti",
                "ImageConcatMulti",
                "JoinStringMulti",
                "MaskBatchMulti",
                "TransitionImagesMulti",
            ],
            &[button("Update inputs")],
        ),
        (
            &["FluxBlockLoraSelect", "HunyuanVideoBlockLoraSelect", "LTX2BlockLoraSelect", "Wan21BlockLoraSelect"],
            &[button("Set all")],
        ),
        (&["SoundReactive"], &[button("Start mic capture"), button("Stop mic capture")]),
        (&["ScreencapStream"], &[button("Start capture"), hidden("preview"), button("Hide preview")]),
        (&["PointsEditor"], &[hidden("PointsEditor"), hidden("editor_buttons")]),
        (&["SplineEditor"], &[hidden("SplineEditor"), hidden("editor_buttons")]),
    ],
    savers: &[
        "DecodeAndSaveVideo",
        "LoraExtractKJ",
        "ModelSaveKJ",
        "SaveImageKJ",
        "SaveImageWithAlpha",
        "SaveStringKJ",
    ],
    ..Table::EMPTY
};

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

    fn has_rules_for(&self, class_type: &str) -> bool {
        TABLE.has_rules_for(class_type)
    }

    fn make_widgets(&self, node: &mut Node) {
        TABLE.make_widgets(node);
    }

    fn resolves_file_names(&self, class_type: &str) -> bool {
        TABLE.resolves_file_names(class_type)
    }
}
