//! The widgets of a node: which there are, which of them take a place in `widgets_values`, and which reach the prompt
//! (rule W3).
//!
//! | widget | takes a place | in the prompt |
//! |---|---|---|
//! | ordinary | yes | yes |
//! | what happens to a seed after a run (INT named `seed` or `noise_seed`, or `control_after_generate`) | yes | no |
//! | its filter, on a COMBO | yes | no |
//! | the upload button | yes | no |
//! | the four numbers of a BOUNDING_BOX; the row count of a dynamic group; CAMERA_ANGLE_VIEW | yes | no |
//! | the player of a sound, RESOLUTION_PREVIEW, CAMERA_INFO_STATE | no | no |
//! | the automatic refresh of a remote COMBO | yes | no |
//! | IMAGECOMPARE | no | yes |
//! | the buttons of LOAD_3D, the refresh button of a remote COMBO | yes | yes |
//!
//! Without a saved value a widget has the default of its input (rule W4): numbers 0, BOOLEAN false, STRING empty, a
//! COMBO its first option, else nothing at all.

use std::borrow::Cow;

use super::json::Json;
use super::node::Node;
use super::object_info::Class;
use super::spec::{Control, Kind, Spec};

/// A widget.
pub(crate) struct Widget<'d> {
    pub name: Cow<'d, str>,
    /// `None` where JavaScript has `undefined`, which JSON leaves out.
    pub value: Option<Cow<'d, Json<'d>>>,
    pub role: WidgetRole<'d>,
    /// The input that made the widget.
    pub spec: Option<&'d Spec>,
    /// Takes a place in `widgets_values`.
    pub slot: bool,
    /// Reaches the prompt.
    pub prompt: bool,
}

/// What is special about a widget.
#[derive(Clone, Copy)]
pub(crate) enum WidgetRole<'d> {
    Plain,
    /// A text area, which turns all it gets into text.
    Text,
    /// A text whose comments and alternatives are resolved; the flag is set on text areas.
    Dynamic(bool),
    /// A combo with its first option.
    Combo(Option<&'d Json<'d>>),
    Number,
    Curve,
    /// The selector of a dynamic combo.
    Selector(&'d Spec),
    /// The row count of a dynamic group.
    Rows(&'d Spec),
    /// The heading of a row of a dynamic group.
    Row,
    /// The button that adds rows.
    AddRow,
    /// Shows something and takes nothing.
    Fixed,
    /// CustomCombo: the position of the choice among the options.
    ChoiceIndex,
    /// CustomCombo: one option.
    ChoiceOption,
}

/// An optional value, as [`Widget::value`] has it.
pub(crate) type Value<'d> = Option<Cow<'d, Json<'d>>>;

/// Classes that call the widget of a LOAD_3D input after what it holds.
const VIEWPORT_CLASSES: [&str; 6] = [
    "Preview3DAdvanced",
    "Save3DAdvanced",
    "PreviewGaussianSplat",
    "PreviewPointCloud",
    "SaveGaussianSplat",
    "SavePointCloud",
];

/// A text that the program itself holds.
pub(crate) fn text<'d>(text: &'static str) -> Value<'d> {
    Some(Cow::Owned(Json::String(Cow::Borrowed(text))))
}

fn json<'d>(text: &'static str) -> Value<'d> {
    Json::parse(text).ok().map(Cow::Owned)
}

impl<'d> Widget<'d> {
    pub fn new(name: impl Into<Cow<'d, str>>, value: Value<'d>) -> Self {
        Widget { name: name.into(), value, role: WidgetRole::Plain, spec: None, slot: true, prompt: true }
    }

    /// A widget that is there for the user only.
    pub fn hidden(name: impl Into<Cow<'d, str>>, role: WidgetRole<'d>) -> Self {
        Widget { name: name.into(), value: None, role, spec: None, slot: false, prompt: false }
    }

    fn with(mut self, role: WidgetRole<'d>) -> Self {
        self.role = role;
        self
    }

    fn unprompted(mut self) -> Self {
        self.prompt = false;
        self
    }

    /// Gives the widget a value, as the kind of widget takes it.
    pub fn set(&mut self, value: Cow<'d, Json<'d>>) {
        match self.role {
            WidgetRole::Text | WidgetRole::Dynamic(true) => self.value = Some(as_text(value)),
            WidgetRole::Fixed | WidgetRole::ChoiceIndex => {}
            _ => self.value = Some(value),
        }
    }
}

/// What a text area makes of a value.
pub(crate) fn as_text<'d>(value: Cow<'d, Json<'d>>) -> Cow<'d, Json<'d>> {
    match &*value {
        Json::String(_) => value,
        Json::Null => Cow::Owned(Json::String(Cow::Borrowed(""))),
        other => Cow::Owned(Json::String(Cow::Owned(other.to_text().into_owned()))),
    }
}

impl<'d> Node<'d> {
    /// Makes the widgets of an input that is not dynamic.
    pub fn make_plain_widget(&mut self, name: Cow<'d, str>, kind: Kind, spec: &'d Spec) {
        let default = || spec.default.as_ref().map(Cow::Borrowed);
        let or = |other: &'static str| default().or_else(|| json(other));
        let plain = |value| Widget { spec: Some(spec), ..Widget::new(name.clone(), value) };
        match kind {
            Kind::Int => {
                let seed = matches!(&*name, "seed" | "noise_seed");
                self.widgets.push(plain(or("0")).with(WidgetRole::Number));
                if spec.control == Control::On || (seed && spec.control == Control::Unset) {
                    self.make_control("randomize");
                }
            }
            Kind::Float => {
                self.widgets.push(plain(or("0")).with(WidgetRole::Number));
                if spec.control == Control::On {
                    self.make_control("fixed");
                }
            }
            Kind::Boolean => self.widgets.push(plain(or("false"))),
            Kind::String => {
                // Only texts that the node begins with: what comes later stays as it is.
                let role = match (spec.dynamic_prompts && !self.made, spec.multiline) {
                    (true, multiline) => WidgetRole::Dynamic(multiline),
                    (false, true) => WidgetRole::Text,
                    (false, false) => WidgetRole::Plain,
                };
                let value = default().unwrap_or_else(|| Cow::Owned(Json::String(Cow::Borrowed(""))));
                let value = if spec.multiline { as_text(value) } else { value };
                self.widgets.push(plain(Some(value)).with(role));
            }
            // Its default never shows: the editor has it as a document and not as text.
            Kind::Markdown => self.widgets.push(plain(text("")).with(WidgetRole::Text)),
            Kind::Combo => self.make_combo(name, spec),
            Kind::Color => self.widgets.push(plain(or("\"#000000\""))),
            Kind::Textarea => self.widgets.push(plain(or("\"\""))),
            Kind::Colors | Kind::BoundingBoxes | Kind::LightInfo | Kind::Galleria => self.widgets.push(plain(or("[]"))),
            Kind::Chart | Kind::Compositor => self.widgets.push(plain(or("{}"))),
            Kind::Painter => self.widgets.push(plain(default())),
            Kind::Range => self.widgets.push(plain(or(r#"{"min":0,"max":1}"#))),
            Kind::VideoEdit => self
                .widgets
                .push(plain(or(r#"{"trim":{"start_time":0,"duration":0},"crop":{"x":0,"y":0,"width":0,"height":0}}"#))),
            Kind::Curve => {
                let curve = or(r#"{"points":[[0,0],[1,1]],"interpolation":"monotone_cubic"}"#);
                self.widgets.push(plain(curve).with(WidgetRole::Curve));
            }
            Kind::ImageCompare => {
                let compare = plain(json(r#"["",""]"#));
                self.widgets.push(Widget { slot: false, ..compare });
            }
            Kind::BoundingBox => {
                self.widgets.push(plain(or(r#"{"x":0,"y":0,"width":512,"height":512}"#)));
                for side in ["x", "y", "width", "height"] {
                    self.widgets.push(Widget::new(side, None).unprompted());
                }
            }
            Kind::ImageUpload | Kind::AudioUpload => self.widgets.push(plain(None).unprompted()),
            // These name their widgets themselves.
            Kind::CameraAngleView => self.widgets.push(Widget::new("view", None).unprompted()),
            Kind::CameraInfoState => self.widgets.push(Widget::hidden("camera_info_state", WidgetRole::Fixed)),
            Kind::ResolutionPreview | Kind::AudioUi => self.widgets.push(Widget::hidden(name, WidgetRole::Fixed)),
            Kind::AudioRecord => {
                self.widgets.push(plain(text("")).with(WidgetRole::Fixed));
                self.widgets.push(plain(None).unprompted());
            }
            Kind::Webcam => self.widgets.push(plain(text("")).with(WidgetRole::Fixed)),
            Kind::Load3d => {
                if self.widget_named("model_file").is_some() {
                    for (label, value) in [
                        ("upload 3d model", "upload3dmodel"),
                        ("upload extra resources", "uploadExtraResources"),
                        ("clear", "clear"),
                    ] {
                        self.widgets.push(Widget::new(label, text(value)));
                    }
                }
                let name = if VIEWPORT_CLASSES.contains(&self.class_type) { "viewport_state" } else { "image" };
                self.widgets.push(Widget::new(name, text("")).with(WidgetRole::Fixed));
            }
            Kind::Load3dAdvanced => self.widgets.push(Widget::new("viewport_state", text("")).with(WidgetRole::Fixed)),
            Kind::Preview3d => self.widgets.push(Widget::new("image", text("")).with(WidgetRole::Fixed)),
            Kind::BranchInputNames => self.widgets.push(plain(json("[]")).with(WidgetRole::Fixed)),
            Kind::BranchSelector => self.widgets.push(plain(text(""))),
            // Made where their inputs are made.
            Kind::DynamicCombo | Kind::DynamicGroup => {}
        }
    }

    fn make_combo(&mut self, name: Cow<'d, str>, spec: &'d Spec) {
        if spec.multi_select {
            self.widgets.push(Widget::new(name, json("[]")));
        } else {
            self.widgets.push(combo(name, spec));
            if let Some(refresh_button) = spec.remote {
                self.widgets.push(Widget::new("Auto-refresh after generation", json("false")).unprompted());
                if refresh_button {
                    self.widgets.push(Widget::new("refresh", text("refresh")));
                }
            }
        }
        if spec.control == Control::On {
            self.make_control("randomize");
            if !spec.multi_select {
                self.widgets.push(Widget::new("control_filter_list", text("")).unprompted());
            }
        }
    }

    fn make_control(&mut self, value: &'static str) {
        self.widgets.push(Widget::new("control_after_generate", text(value)).unprompted());
    }

    /// Widgets that belong to a class and to none of its inputs.
    pub fn make_extra_widgets(&mut self, class: &Class) {
        match class.name.as_str() {
            "CustomCombo" if !self.widgets.is_empty() => {
                let index = Widget::new("index", None).with(WidgetRole::ChoiceIndex);
                self.widgets.push(index);
                self.add_choice();
            }
            "WebcamCapture" => {
                let present = |name| self.widget_named(name).is_some();
                if ["image", "width", "height", "capture_on_queue"].into_iter().all(present) {
                    self.widgets.push(Widget::new("waiting for camera...", None));
                }
            }
            _ => {}
        }
    }

    /// CustomCombo: one more empty option at the end.
    fn add_choice(&mut self) {
        let number = self.widgets.len() - 1;
        let mut name = String::from("option");
        name.push_str(&number.to_string());
        self.widgets.push(Widget::new(name, text("")).with(WidgetRole::ChoiceOption));
    }

    /// Gives a widget a value, with all that follows from it.
    pub fn set_widget(&mut self, at: usize, value: Cow<'d, Json<'d>>) {
        let Some(widget) = self.widgets.get_mut(at) else {
            return;
        };
        match widget.role {
            // Choosing the same option again keeps the values of its widgets.
            WidgetRole::Selector(_) if self.restored && widget.value.as_ref() == Some(&value) => {}
            WidgetRole::Selector(_) => {
                widget.value = Some(value);
                self.select_option(at);
            }
            WidgetRole::Rows(_) => self.set_rows(at, &value),
            WidgetRole::ChoiceOption => {
                let filled = value.truthy();
                widget.value = Some(value);
                let last = self.widgets.len() - 1;
                if at == last && filled {
                    self.add_choice();
                } else if at + 1 == last && !filled && !is_filled(&self.widgets[last]) {
                    self.widgets.pop();
                }
            }
            _ => widget.set(value),
        }
    }

    /// Widgets of the same name: each after the first gets a number (`width#1`), and that is its name in the prompt.
    pub fn number_repeated_widgets(&mut self) {
        for at in 1..self.widgets.len() {
            let name = &self.widgets[at].name;
            if !self.widgets[..at].iter().any(|widget| widget.name == *name) {
                continue;
            }
            let mut number = 1;
            let fresh = loop {
                let mut fresh = String::from(&**name);
                fresh.push('#');
                fresh.push_str(&number.to_string());
                if self.widget_named(&fresh).is_none() {
                    break fresh;
                }
                number += 1;
            };
            self.widgets[at].name = Cow::Owned(fresh);
        }
    }
}

/// A combo's widget: the default, else the first option.
pub(crate) fn combo<'d>(name: Cow<'d, str>, spec: &'d Spec) -> Widget<'d> {
    let first = spec.first.as_ref();
    let default = spec.default.as_ref().filter(|value| value.truthy()).or(first);
    let value = match default {
        Some(value) => Some(Cow::Borrowed(value)),
        None if spec.remote.is_some() => text("Loading..."),
        None => None,
    };
    Widget { spec: Some(spec), ..Widget::new(name, value).with(WidgetRole::Combo(first)) }
}

pub(crate) fn is_filled(widget: &Widget) -> bool {
    widget.value.as_ref().is_some_and(|value| value.truthy())
}
