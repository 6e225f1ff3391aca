//! Inputs that exist only in the editor, and classes that it cannot show.

use crate::workflow::model::kind::Kind;
use crate::workflow::model::spec::{Dynamic, Spec};

/// Classes to which the editor adds a player for sound.
const AUDIO_CLASSES: [&str; 6] =
    ["LoadAudio", "SaveAudio", "PreviewAudio", "SaveAudioMP3", "SaveAudioOpus", "SaveAudioAdvanced"];

/// Adds the required inputs that exist only in the editor (rule W3): a player on the classes for sound, an upload button
/// for the first combo that takes images or videos, and the three-dimensional views.
pub(crate) fn add_editor_inputs(class: &str, required: &mut Vec<Spec>) {
    if AUDIO_CLASSES.contains(&class) {
        put(required, Spec::bare("audioUI", "AUDIO_UI"));
    }
    if required.iter().any(|spec| spec.audio_upload && &*spec.name == "audio") {
        put(required, Spec::bare("upload", "AUDIOUPLOAD"));
    }
    if required.iter().any(|spec| spec.media_upload) {
        put(required, Spec::bare("upload", "IMAGEUPLOAD"));
    }
    match class {
        "Preview3D" | "SaveGLB" => put(required, Spec::bare("image", "PREVIEW_3D")),
        "Load3DAdvanced" => put(required, Spec::bare("viewport_state", "LOAD_3D_ADVANCED")),
        _ => {}
    }
}

/// Adds an input, or replaces the one of that name.
pub(crate) fn put(specs: &mut Vec<Spec>, spec: Spec) {
    match specs.iter_mut().find(|other| other.name == spec.name) {
        Some(other) => *other = spec,
        None => specs.push(spec),
    }
}

/// Whether the editor cannot make a node of the class: its upload button for sound has no player, or a dynamic input is
/// unreadable.
pub(crate) fn is_broken(inputs: &[Spec]) -> bool {
    let has = |kind| inputs.iter().any(|spec| spec.widget == Some(kind) && !spec.force_input);
    let unreadable = |spec: &Spec| {
        matches!(spec.dynamic, Dynamic::Unreadable) && !spec.force_input && &*spec.ty != "COMFY_MATCHTYPE_V3"
    };
    (has(Kind::AudioUpload) && !has(Kind::AudioUi)) || inputs.iter().any(unreadable)
}
