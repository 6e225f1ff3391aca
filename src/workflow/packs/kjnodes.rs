//! KJNodes (`comfyui-kjnodes`), 1.1.9; `web/js/`.
//!
//! - `SetNode` names what it gets, `GetNode` hands on what a setter of the same name gets; both exist in the editor only
//!   (`setgetnodes.js`).
//! - Nodes with as many inputs as a number says, and some others, have buttons, which are sent as null; some save under
//!   names with patterns (`jsnodes.js`, `screencap_stream.js`).
//! - Older `SplineEditor` nodes hold the points of one line, where there is a list of lines now, and so are the coordinates
//!   on it. Coordinates are as the file has them: the browser finds points on a path (`editors/spline_editor_canvas.js`).

use crate::workflow::model::json::Json;
use crate::workflow::model::node::{Node, Role};
use crate::workflow::model::python_json;
use crate::workflow::model::value::Value;
use crate::workflow::packs::table::{Table, button, hidden};
use crate::workflow::packs::{self, Pack, Unknown};

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
            update_spline(node);
        }
    }

    fn unknown(&self, node: &Node) -> Option<Unknown> {
        const WHY: &str = "the browser computes these from the points; they are as they were saved";
        if node.class_type != "SplineEditor" {
            return None;
        }
        let method = node.widget_named("sampling_method").and_then(|at| node.widgets[at].value.str());
        (method != Some("controlpoints")).then_some(Unknown::Value { input: "coordinates", why: WHY })
    }

    fn resolves_file_names(&self, class_type: &str) -> bool {
        TABLE.resolves_file_names(class_type)
    }
}

/// Brings an older spline into the form that the editor has now.
fn update_spline(node: &mut Node) {
    let (Some(store), Some(coordinates)) = (node.widget_named("points_store"), node.widget_named("coordinates")) else {
        return;
    };
    let arena = node.arena;
    let list = |at: usize| -> Json {
        let text = node.widgets[at].value.str().unwrap_or_default();
        python_json::read(text, |repaired| arena.keep(repaired)).unwrap_or_default()
    };
    let (points, on_line) = (list(store), list(coordinates));
    let (Some(first), Some(last)) = (points.items().first(), points.items().last()) else { return };
    if first.has("points") {
        return;
    }
    let mut text = String::from("[{\"points\":");
    points.write(&mut text);
    text.push_str(",\"color\":\"#1f77b4\",\"name\":\"Spline 1\"}]");
    // The last coordinate has the height of the last point.
    let method = node.widget_named("sampling_method").and_then(|at| node.widgets[at].value.str());
    let is_exact = points.items().len() > 1 && matches!(method, Some("path" | "time"));
    let count = on_line.items().len();
    let mut lines = String::from("[[");
    for (at, point) in on_line.items().iter().enumerate() {
        lines.push_str(if at == 0 { "" } else { "," });
        let point = match Value::Json(point) {
            _ if is_exact && at + 1 == count => {
                packs::object(arena, &[("x", Value::Json(point.get("x"))), ("y", Value::Json(last.get("y")))])
            }
            point => point,
        };
        point.write(&mut lines);
    }
    lines.push_str("]]");
    node.widgets[store].value = Value::Text(arena.keep(text));
    if matches!(on_line.items().first(), Some(Json::Object(_))) {
        node.widgets[coordinates].value = Value::Text(arena.keep(lines));
    }
}
