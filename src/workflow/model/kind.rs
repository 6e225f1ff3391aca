//! Kinds of widgets.

/// Kinds of widgets, by the type that makes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Float,
    Boolean,
    String,
    Combo,
    Markdown,
    Color,
    Colors,
    ImageUpload,
    ImageCompare,
    BoundingBox,
    BoundingBoxes,
    Chart,
    Galleria,
    Painter,
    Compositor,
    Textarea,
    Curve,
    Range,
    VideoEdit,
    ResolutionPreview,
    LightInfo,
    DynamicCombo,
    DynamicGroup,
    AudioUi,
    AudioUpload,
    AudioRecord,
    Webcam,
    Load3d,
    Load3dAdvanced,
    Preview3d,
    CameraInfoState,
    CameraAngleView,
    BranchInputNames,
    BranchSelector,
    /// A type that a custom node pack makes a widget of.
    Custom,
}

/// The types that make widgets.
const KINDS: [(&str, Kind); 35] = [
    ("INT", Kind::Int),
    ("FLOAT", Kind::Float),
    ("BOOLEAN", Kind::Boolean),
    ("STRING", Kind::String),
    ("COMBO", Kind::Combo),
    ("MARKDOWN", Kind::Markdown),
    ("COLOR", Kind::Color),
    ("COLORS", Kind::Colors),
    ("IMAGEUPLOAD", Kind::ImageUpload),
    ("IMAGECOMPARE", Kind::ImageCompare),
    ("BOUNDING_BOX", Kind::BoundingBox),
    ("BOUNDING_BOXES", Kind::BoundingBoxes),
    ("CHART", Kind::Chart),
    ("GALLERIA", Kind::Galleria),
    ("PAINTER", Kind::Painter),
    ("COMPOSITOR", Kind::Compositor),
    ("TEXTAREA", Kind::Textarea),
    ("CURVE", Kind::Curve),
    ("RANGE", Kind::Range),
    ("VIDEO_EDIT", Kind::VideoEdit),
    ("RESOLUTION_PREVIEW", Kind::ResolutionPreview),
    ("LIGHT_INFO_PREVIEW", Kind::LightInfo),
    ("COMFY_DYNAMICCOMBO_V3", Kind::DynamicCombo),
    ("COMFY_DYNAMICGROUP_V3", Kind::DynamicGroup),
    ("AUDIO_UI", Kind::AudioUi),
    ("AUDIOUPLOAD", Kind::AudioUpload),
    ("AUDIO_RECORD", Kind::AudioRecord),
    ("WEBCAM", Kind::Webcam),
    ("LOAD_3D", Kind::Load3d),
    ("LOAD_3D_ADVANCED", Kind::Load3dAdvanced),
    ("PREVIEW_3D", Kind::Preview3d),
    ("CAMERA_INFO_STATE", Kind::CameraInfoState),
    ("CAMERA_ANGLE_VIEW", Kind::CameraAngleView),
    ("COMFY_BRANCH_INPUT_NAMES", Kind::BranchInputNames),
    ("COMFY_BRANCH_SELECTOR", Kind::BranchSelector),
];

impl Kind {
    pub fn of(type_name: &str) -> Option<Kind> {
        KINDS.iter().find(|(name, _)| *name == type_name).map(|(_, kind)| *kind)
    }

    /// The type of the kinds that a primitive can have on its own.
    pub fn of_primitive(type_name: &str) -> Option<&'static str> {
        KINDS[..5].iter().find(|(name, _)| *name == type_name).map(|(name, _)| *name)
    }
}
