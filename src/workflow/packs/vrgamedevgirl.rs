//! vrgamedevgirl (`vrgamedevgirl`); `web/`.
//!
//! - `VRGDG_ShowText` and `VRGDG_ShowAny` show the text of the last run, and send it (`VRGDG_ShowText.js`).
//! - Many nodes have buttons, which are sent as null.
//! - Where the server has no files, a saved name of one gives way to `<no files found>` (`VRGDG_LoadText_dynamic.js` and
//!   the like).

use crate::workflow::model::node::Node;
use crate::workflow::model::value::Value;
use crate::workflow::packs::table::{Table, button, fixed};
use crate::workflow::packs::{Pack, Unknown, shown_text};

pub(crate) struct VrGameDevGirl;

/// Classes with players and selectors of groups that are not sent.
const STAY_IN_EDITOR: [&str; 2] = ["VRGDG_SetGroupStateMulti", "VRGDG_LoadAudioSplit_HUMO_TranscribeV2"];

/// Classes that mute groups.
const MUTES: &str = "VRGDG_MuteUnmute4PromptCreatorWF_";

/// The only file of a server that has none.
const NO_FILES: &str = "<no files found>";

static TABLE: Table = Table {
    widgets: &[
        (&["VRGDG_EasyMultiCyclingTextPicker"], &[fixed("easy_picker_panel", "\"\"")]),
        (&["VRGDG_ImageSwitchMultiDynamic", "VRGDG_LTXICIngredientsGrid"], &[button("Refresh Inputs")]),
        (&["VRGDG_LTXLoraTrainChunk"], &[button("Show TensorBoard")]),
        (&["VRGDG_LoadAudioWithPath"], &[button("Upload Audio")]),
        (&["VRGDG_LoadLatestCombinedJsonText", "VRGDG_LoadText"], &[button("Refresh Files")]),
        (&["VRGDG_LoadTextAdvanced"], &[button("Refresh List")]),
        (&["VRGDG_MusicVideoBuilderUI"], &[button("Open Music Video Builder")]),
        (&["VRGDG_Part3WorkflowUI"], &[button("Open Workflow 3 UI")]),
        (
            &[
                "VRGDG_MuteUnmute4PromptCreatorWF_0",
                "VRGDG_MuteUnmute4PromptCreatorWF_1",
                "VRGDG_MuteUnmute4PromptCreatorWF_2",
            ],
            &[button("Refresh Groups")],
        ),
        (&["VRGDG_PromptCreatorUI"], &[button("Open Prompt Creator UI")]),
        (&["VRGDG_PromptSplitter"], &[button("Refresh Scene Outputs")]),
        (&["VRGDG_StartImageStoryboard"], &[button("Open Storyboard Creator")]),
        (&["VRGDG_StoryboardBuilderUI"], &[button("Open Storyboard Builder")]),
        (
            &["VRGDG_UpdateLatestCombinedJsonPrompts", "VRGDG_UpdateLatestCombinedJsonPrompts_zimage"],
            &[button("Load Current Prompts"), button("Pull Index From Remake Folder"), button("Update Text")],
        ),
    ],
    ..Table::EMPTY
};

impl Pack for VrGameDevGirl {
    fn name(&self) -> &'static str {
        "vrgamedevgirl"
    }

    fn has_rules_for(&self, class_type: &str) -> bool {
        matches!(class_type, "VRGDG_ShowText" | "VRGDG_ShowAny")
            || class_type.starts_with(MUTES)
            || STAY_IN_EDITOR.contains(&class_type)
            || matches!(class_type, "VRGDG_LoadText" | "VRGDG_LoadLatestCombinedJsonText")
            || TABLE.has_rules_for(class_type)
    }

    fn unknown(&self, node: &Node) -> Option<Unknown> {
        const WHY: &str = "the editor finds the nodes of the groups again when it opens the workflow; here the value is the saved one";
        let finds_groups = node.class_type == STAY_IN_EDITOR[0] || node.class_type.starts_with(MUTES);
        finds_groups.then_some(Unknown::Value { input: "group_targets_json", why: WHY })
    }

    fn make_widgets(&self, node: &mut Node) {
        TABLE.make_widgets(node);
        for widget in node.widgets.iter_mut().filter(|widget| widget.spec.is_none()) {
            if widget.name.starts_with("play_") || widget.name.starts_with("Group ") {
                widget.prompt = false;
            }
        }
    }

    fn configure(&self, node: &mut Node) {
        if matches!(node.class_type, "VRGDG_ShowText" | "VRGDG_ShowAny") {
            shown_text::restore(node);
        }
        for widget in &mut node.widgets {
            if widget.spec.is_some_and(|spec| spec.first().str() == Some(NO_FILES)) {
                widget.value = Value::Text(NO_FILES);
            }
        }
    }
}
