//! KJNodes (`comfyui-kjnodes`), 1.1.9; `web/js/`.
//!
//! - `SetNode` names what it gets, `GetNode` hands on what a setter of the same name gets; both exist in the editor only
//!   (`setgetnodes.js`).
//! - Nodes with as many inputs as a number says, and some others, have buttons, which are sent as null; some save under
//!   names with patterns (`jsnodes.js`, `screencap_stream.js`).
//! - Older `SplineEditor` nodes hold the points of one line, where there is a list of lines now, and so are the coordinates
//!   on it. Coordinates are as the file has them: the browser finds points on a path (`editors/spline_editor_canvas.js`).

use crate::workflow::model::json::Json;
use crate::workflow::model::lenient;
use crate::workflow::model::node::{Node, Role};
use crate::workflow::model::value::Value;
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

    fn configure(&self, node: &mut Node) {
        if node.class_type == "SplineEditor" {
            let is_line = |first: &Json| !first.has("points");
            wrap(node, "points_store", is_line, "[{\"points\":", ",\"color\":\"#1f77b4\",\"name\":\"Spline 1\"}]");
            wrap(node, "coordinates", |first| matches!(first, Json::Object(_)), "[", "]");
        }
    }

    fn resolves_file_names(&self, class_type: &str) -> bool {
        TABLE.resolves_file_names(class_type)
    }
}

/// Puts the list that a widget holds as text between two others, if its first element is of the older form.
fn wrap(node: &mut Node, name: &str, is_older: impl Fn(&Json) -> bool, before: &str, after: &str) {
    let Some(at) = node.widget_named(name) else { return };
    let Some(text) = node.widgets[at].value.str() else { return };
    let list: Json = lenient::read(text, |repaired| node.arena.keep(repaired)).unwrap_or_default();
    if list.items().first().is_some_and(is_older) {
        let mut text = before.to_owned();
        Value::Json(&list).write(&mut text);
        text.push_str(after);
        node.widgets[at].value = Value::Text(node.arena.keep(text));
    }
}
