//! vrgamedevgirl (`vrgamedevgirl`); `web/`.
//!
//! - `VRGDG_ShowText` and `VRGDG_ShowAny` show the text of the last run, and send it (`VRGDG_ShowText.js`).
//! - Many nodes have buttons, which are sent as null.

use crate::workflow::model::node::Node;
use crate::workflow::packs::table::{Table, button};
use crate::workflow::packs::{Pack, shown_text};

pub(crate) struct VrGameDevGirl;

/// Classes with players and selectors of groups that are not sent.
const STAY_IN_EDITOR: [&str; 2] = ["VRGDG_SetGroupStateMulti", "VRGDG_LoadAudioSplit_HUMO_TranscribeV2"];

static TABLE: Table = Table {
    widgets: &[
        (&["VRGDG_ImageSwitchMultiDynamic", "VRGDG_LTXICIngredientsGrid"], &[button("Refresh Inputs")]),
        (&["VRGDG_LTXLoraTrainChunk"], &[button("Show TensorBoard")]),
        (&["VRGDG_LoadAudioWithPath"], &[button("Upload Audio")]),
        (&["VRGDG_LoadLatestCombinedJsonText", "VRGDG_LoadText"], &[button("Refresh Files")]),
        (&["VRGDG_LoadTextAdvanced"], &[button("Refresh List")]),
        (&["VRGDG_MusicVideoBuilderUI"], &[button("Open Music Video Builder")]),
        (&["VRGDG_Part3WorkflowUI"], &[button("Open Workflow 3 UI")]),
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
            || STAY_IN_EDITOR.contains(&class_type)
            || TABLE.has_rules_for(class_type)
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
    }
}
