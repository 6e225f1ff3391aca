//! One input of a node class: its type and those of its options that matter for a prompt.

use super::json::Json;
use super::limits::Limits;

/// Nesting of dynamic inputs that is followed; ComfyUI's own go two deep.
const MAX_NESTING: u32 = 16;

/// One input.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub name: String,
    /// The type of the socket; `COMBO` for a list of options.
    pub ty: String,
    /// What kind of widget the input has; `None` for a socket without one (rule W1).
    pub widget: Option<Kind>,
    pub optional: bool,
    pub force_input: bool,
    /// The `default` of the options; `None` where there is none or it is null.
    pub default: Option<Json<'static>>,
    /// Of a combo: the first option.
    pub first: Option<Json<'static>>,
    pub control: Control,
    pub multiline: bool,
    pub dynamic_prompts: bool,
    /// A combo that takes several options at once.
    pub multi_select: bool,
    /// A combo whose options are fetched from a route, and whether it has a button to fetch them again.
    pub remote: Option<bool>,
    pub number: Option<Limits>,
    pub dynamic: Dynamic,
    /// Of a combo: a file can be uploaded into it.
    media_upload: bool,
    audio_upload: bool,
}

/// `control_after_generate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// Not said.
    Unset,
    Off,
    On,
}

/// Kinds of widgets, by the type that makes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Int,
    Float,
    Boolean,
    String,
    Markdown,
    Combo,
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
}

/// Inputs that stand for others.
#[derive(Clone, Debug)]
pub(crate) enum Dynamic {
    None,
    /// `COMFY_DYNAMICCOMBO_V3`: each option's key and inputs.
    Combo(Vec<(String, Vec<Spec>)>),
    /// `COMFY_AUTOGROW_V3`.
    Autogrow(Autogrow),
    /// `COMFY_DYNAMICGROUP_V3`.
    Group {
        fields: Vec<Spec>,
        min: usize,
        max: usize,
    },
    /// `COMFY_MATCHTYPE_V3`: the group that shares a type, and the input it is with the types allowed.
    Match {
        template: String,
        input: Box<Spec>,
    },
    /// A dynamic input whose options the editor cannot read.
    Unreadable,
}

/// Inputs that become more as they are connected.
#[derive(Clone, Debug)]
pub(crate) struct Autogrow {
    pub inputs: Vec<Spec>,
    pub names: Option<Vec<String>>,
    pub prefix: String,
    pub min: usize,
    pub max: usize,
}

impl Kind {
    pub fn of(type_name: &str) -> Option<Kind> {
        Some(match type_name {
            "INT" => Kind::Int,
            "FLOAT" => Kind::Float,
            "BOOLEAN" => Kind::Boolean,
            "STRING" => Kind::String,
            "MARKDOWN" => Kind::Markdown,
            "COMBO" => Kind::Combo,
            "COLOR" => Kind::Color,
            "COLORS" => Kind::Colors,
            "IMAGEUPLOAD" => Kind::ImageUpload,
            "IMAGECOMPARE" => Kind::ImageCompare,
            "BOUNDING_BOX" => Kind::BoundingBox,
            "BOUNDING_BOXES" => Kind::BoundingBoxes,
            "CHART" => Kind::Chart,
            "GALLERIA" => Kind::Galleria,
            "PAINTER" => Kind::Painter,
            "COMPOSITOR" => Kind::Compositor,
            "TEXTAREA" => Kind::Textarea,
            "CURVE" => Kind::Curve,
            "RANGE" => Kind::Range,
            "VIDEO_EDIT" => Kind::VideoEdit,
            "RESOLUTION_PREVIEW" => Kind::ResolutionPreview,
            "LIGHT_INFO_PREVIEW" => Kind::LightInfo,
            "COMFY_DYNAMICCOMBO_V3" => Kind::DynamicCombo,
            "COMFY_DYNAMICGROUP_V3" => Kind::DynamicGroup,
            "AUDIO_UI" => Kind::AudioUi,
            "AUDIOUPLOAD" => Kind::AudioUpload,
            "AUDIO_RECORD" => Kind::AudioRecord,
            "WEBCAM" => Kind::Webcam,
            "LOAD_3D" => Kind::Load3d,
            "LOAD_3D_ADVANCED" => Kind::Load3dAdvanced,
            "PREVIEW_3D" => Kind::Preview3d,
            "CAMERA_INFO_STATE" => Kind::CameraInfoState,
            "CAMERA_ANGLE_VIEW" => Kind::CameraAngleView,
            "COMFY_BRANCH_INPUT_NAMES" => Kind::BranchInputNames,
            "COMFY_BRANCH_SELECTOR" => Kind::BranchSelector,
            _ => return None,
        })
    }

    /// The type of the kinds that a primitive can have on its own.
    pub fn type_name(self) -> Option<&'static str> {
        Some(match self {
            Kind::Int => "INT",
            Kind::Float => "FLOAT",
            Kind::Boolean => "BOOLEAN",
            Kind::String => "STRING",
            Kind::Combo => "COMBO",
            _ => return None,
        })
    }
}

/// The name of a type; a list of options is a combo.
pub(crate) fn type_name(value: &Json) -> String {
    match value {
        Json::Array(_) => "COMBO".to_owned(),
        other => other.to_text().into_owned(),
    }
}

impl Spec {
    /// An input with a type and nothing else.
    pub fn bare(name: &str, ty: &str) -> Spec {
        Spec {
            name: name.to_owned(),
            ty: ty.to_owned(),
            widget: Kind::of(ty),
            optional: false,
            force_input: false,
            default: None,
            first: None,
            control: Control::Unset,
            multiline: false,
            dynamic_prompts: false,
            multi_select: false,
            remote: None,
            number: Limits::of(ty),
            dynamic: Dynamic::None,
            media_upload: false,
            audio_upload: false,
        }
    }

    /// Reads `[type, options]`, or the bare type.
    pub fn read(name: &str, value: &Json, optional: bool, depth: u32) -> Spec {
        let (ty, options) = match value {
            Json::Array(parts) => (parts.first().unwrap_or(&Json::Null), parts.get(1).unwrap_or(&Json::Null)),
            // Not what servers write, but what is meant is plain.
            other => (other, &Json::Null),
        };
        let mut spec = Spec::bare(name, &type_name(ty));
        spec.optional = optional;
        if let Some(widget_type) = options.get("widgetType").str() {
            spec.widget = Kind::of(widget_type);
        }
        // On optional inputs the older `defaultInput` means the same.
        spec.force_input = options.get("forceInput").truthy() || (optional && options.get("defaultInput").truthy());
        spec.default =
            Some(options.get("default")).filter(|value| !value.is_null()).map(|value| value.clone().into_owned());
        let choices = if matches!(ty, Json::Array(_)) { ty } else { options.get("options") };
        if spec.widget == Some(Kind::Combo) {
            spec.first = choices.items().first().map(|value| value.clone().into_owned());
        }
        spec.control = match options.get("control_after_generate") {
            Json::Null => Control::Unset,
            value if value.truthy() => Control::On,
            _ => Control::Off,
        };
        spec.multiline = options.get("multiline").truthy();
        spec.dynamic_prompts = options.get("dynamicPrompts").is_true();
        spec.multi_select = options.get("multi_select").truthy();
        let remote = options.get("remote");
        spec.remote = remote.truthy().then(|| remote.get("refresh_button").truthy());
        spec.number = Limits::read(spec.widget, options);
        let uploads = ["image_upload", "video_upload", "animated_image_upload"];
        spec.media_upload = spec.ty == "COMBO" && uploads.into_iter().any(|key| options.get(key).is_true());
        spec.audio_upload = options.get("audio_upload").is_true();
        spec.dynamic = if spec.ty == "COMFY_MATCHTYPE_V3" {
            let template = options.get("template");
            match (template.get("template_id").str(), template.get("allowed_types").str()) {
                (Some(id), Some(allowed)) => {
                    let widget =
                        if options.get("widgetType").str().is_some() { spec.widget } else { Kind::of(allowed) };
                    let input = Spec { ty: allowed.to_owned(), widget, ..spec.clone() };
                    Dynamic::Match { template: id.to_owned(), input: Box::new(input) }
                }
                _ => Dynamic::Unreadable,
            }
        } else {
            read_dynamic(&spec.ty, options, choices, depth)
        };
        spec
    }

    /// Whether the input gets a widget and not a bare socket (rule W1).
    pub fn makes_widget(&self) -> bool {
        self.widget.is_some() && !self.force_input
    }
}

fn read_dynamic(ty: &str, options: &Json, choices: &Json, depth: u32) -> Dynamic {
    if depth > MAX_NESTING {
        return Dynamic::None;
    }
    let template = options.get("template");
    match ty {
        "COMFY_DYNAMICCOMBO_V3" => {
            let option = |option: &Json| {
                (option.get("key").to_text().into_owned(), read_inputs(option.get("inputs"), depth + 1))
            };
            Dynamic::Combo(choices.items().iter().map(option).collect())
        }
        "COMFY_AUTOGROW_V3" => {
            let inputs = read_inputs(template.get("input"), depth + 1);
            if inputs.is_empty() {
                return Dynamic::Unreadable;
            }
            let names: Option<Vec<String>> = match template.get("names") {
                Json::Array(names) => Some(names.iter().map(|name| name.to_text().into_owned()).collect()),
                _ => None,
            };
            let max = names.as_ref().map_or_else(|| template.get("max").index().unwrap_or(100), Vec::len);
            Dynamic::Autogrow(Autogrow {
                inputs,
                names,
                prefix: template.get("prefix").str().unwrap_or("").to_owned(),
                min: template.get("min").index().unwrap_or(1).min(max).min(1000),
                max,
            })
        }
        "COMFY_DYNAMICGROUP_V3" => {
            let fields = read_inputs(template, depth + 1);
            if fields.is_empty() || !fields.iter().all(Spec::makes_widget) {
                return Dynamic::Unreadable;
            }
            let count = |key, or| options.get(key).index().unwrap_or(or);
            Dynamic::Group { fields, min: count("min", 0).min(20), max: count("max", 20).min(20) }
        }
        _ => Dynamic::None,
    }
}

/// Required inputs, then optional ones.
fn read_inputs(inputs: &Json, depth: u32) -> Vec<Spec> {
    let mut specs = Vec::new();
    for (section, optional) in [("required", false), ("optional", true)] {
        specs.extend(inputs.get(section).pairs().iter().map(|(name, value)| Spec::read(name, value, optional, depth)));
    }
    specs
}

/// Classes to which the editor adds a player for sound.
const AUDIO_CLASSES: [&str; 6] =
    ["LoadAudio", "SaveAudio", "PreviewAudio", "SaveAudioMP3", "SaveAudioOpus", "SaveAudioAdvanced"];

/// Adds the required inputs that exist only in the editor (rule W3): a player on the classes for sound, an upload button
/// for the first combo that takes images or videos, and the three-dimensional views.
pub(crate) fn add_editor_inputs(class: &str, required: &mut Vec<Spec>) {
    let add = |name: &str, ty: &str, required: &mut Vec<Spec>| {
        let spec = Spec::bare(name, ty);
        match required.iter_mut().find(|other| other.name == name) {
            Some(other) => *other = spec,
            None => required.push(spec),
        }
    };
    if AUDIO_CLASSES.contains(&class) {
        add("audioUI", "AUDIO_UI", required);
    }
    if required.iter().any(|spec| spec.name == "audio" && spec.audio_upload) {
        add("upload", "AUDIOUPLOAD", required);
    }
    if required.iter().any(|spec| spec.media_upload) {
        add("upload", "IMAGEUPLOAD", required);
    }
    match class {
        "Preview3D" | "SaveGLB" => add("image", "PREVIEW_3D", required),
        "Load3DAdvanced" => add("viewport_state", "LOAD_3D_ADVANCED", required),
        _ => {}
    }
}

/// The editor cannot make a node of such a class: its button for sound finds no player, or a dynamic input makes no
/// sense to it.
pub(crate) fn is_broken(inputs: &[Spec]) -> bool {
    let has = |kind| inputs.iter().any(|spec| spec.widget == Some(kind) && !spec.force_input);
    let unreadable = |spec: &Spec| {
        matches!(spec.dynamic, Dynamic::Unreadable) && !spec.force_input && spec.ty != "COMFY_MATCHTYPE_V3"
    };
    (has(Kind::AudioUpload) && !has(Kind::AudioUi)) || inputs.iter().any(unreadable)
}
