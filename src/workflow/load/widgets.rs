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

use crate::text::index::{FEW, Index, Numbers};
use crate::workflow::model::kind::Kind;
use crate::workflow::model::node::Node;
use crate::workflow::model::object_info::Class;
use crate::workflow::model::spec::Spec;
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::{Widget, WidgetRole};

/// Classes that call the widget of a LOAD_3D input after what it holds.
const VIEWPORT_CLASSES: [&str; 6] = [
    "Preview3DAdvanced",
    "Save3DAdvanced",
    "PreviewGaussianSplat",
    "PreviewPointCloud",
    "SaveGaussianSplat",
    "SavePointCloud",
];

impl<'d> Node<'d> {
    /// What a text area makes of a value.
    pub fn as_text(&self, value: Value<'d>) -> Value<'d> {
        Value::Text(if value.is_nothing() { "" } else { value.text(self.arena) })
    }

    /// Makes the widgets of an input that is not dynamic.
    pub fn make_plain_widget(&mut self, name: &'d str, kind: Kind, spec: &'d Spec) {
        use WidgetRole::{Combo, Curve, Dynamic, Fixed, Number, Plain, Text};
        let default = spec.default();
        let or = |other: &'static str| if default.is_nothing() { Value::Raw(other) } else { default };
        let nothing = Value::Text("");
        // What to do with most: a role and a first value. Whatever else there is comes behind it.
        let (role, value) = match kind {
            Kind::Int | Kind::Float => (Number, or("0")),
            Kind::Boolean => (Plain, or("false")),
            Kind::String => {
                let value = if default.is_nothing() { nothing } else { default };
                let value = if spec.multiline { self.as_text(value) } else { value };
                // Only texts that the node begins with: what comes later stays as it is.
                let role = match (spec.dynamic_prompts && !self.made, spec.multiline) {
                    (true, multiline) => Dynamic(multiline),
                    (false, true) => Text,
                    (false, false) => Plain,
                };
                (role, value)
            }
            // Its default is not used: the editor keeps it as a document and not as text.
            Kind::Markdown => (Text, nothing),
            Kind::Combo if spec.multi_select => (Plain, Value::Raw("[]")),
            Kind::Combo => {
                let value = if default.truthy() { default } else { spec.first() };
                let loading = value.is_nothing() && spec.remote.is_some();
                (Combo, if loading { Value::Text("Loading...") } else { value })
            }
            Kind::Color => (Plain, or("\"#000000\"")),
            Kind::Textarea => (Plain, or("\"\"")),
            Kind::Colors | Kind::BoundingBoxes | Kind::LightInfo | Kind::Galleria => (Plain, or("[]")),
            Kind::Chart | Kind::Compositor => (Plain, or("{}")),
            Kind::Painter => (Plain, default),
            Kind::Range => (Plain, or("{\"min\":0,\"max\":1}")),
            Kind::VideoEdit => (
                Plain,
                or("{\"trim\":{\"start_time\":0,\"duration\":0},\"crop\":{\"x\":0,\"y\":0,\"width\":0,\"height\":0}}"),
            ),
            Kind::Curve => (Curve, or("{\"points\":[[0,0],[1,1]],\"interpolation\":\"monotone_cubic\"}")),
            Kind::ImageCompare => (Plain, Value::Raw("[\"\",\"\"]")),
            Kind::BoundingBox => (Plain, or("{\"x\":0,\"y\":0,\"width\":512,\"height\":512}")),
            Kind::BranchInputNames => (Fixed, Value::Raw("[]")),
            Kind::BranchSelector => (Plain, nothing),
            Kind::Custom => (Plain, default),
            // These have no saved value; the editor computes theirs when a prompt is queued.
            _ => (Fixed, nothing),
        };
        let name = match kind {
            // These name their widgets themselves.
            Kind::CameraAngleView => "view",
            Kind::CameraInfoState => "camera_info_state",
            Kind::Load3dAdvanced => "viewport_state",
            Kind::Load3d if VIEWPORT_CLASSES.contains(&self.class_type) => "viewport_state",
            Kind::Load3d | Kind::Preview3d => "image",
            _ => name,
        };
        if kind == Kind::Load3d && self.widget_named("model_file").is_some() {
            self.widgets.push(Widget::new("upload 3d model", Value::Text("upload3dmodel")));
            self.widgets.push(Widget::new("upload extra resources", Value::Text("uploadExtraResources")));
            self.widgets.push(Widget::new("clear", Value::Text("clear")));
        }
        let (slot, prompt) = match kind {
            Kind::ImageUpload | Kind::AudioUpload | Kind::CameraAngleView => (true, false),
            Kind::ResolutionPreview | Kind::AudioUi | Kind::CameraInfoState => (false, false),
            Kind::ImageCompare => (false, true),
            _ => (true, true),
        };
        self.widgets.push(Widget { name, value, role, spec: Some(spec), slot, prompt });
        self.make_companions(name, kind, spec);
    }

    /// Makes the widgets that come along with another.
    fn make_companions(&mut self, name: &'d str, kind: Kind, spec: &Spec) {
        if kind == Kind::Combo && !spec.multi_select {
            if let Some(refresh_button) = spec.remote {
                self.widgets.push(Widget::aside("Auto-refresh after generation"));
                if refresh_button {
                    self.widgets.push(Widget::new("refresh", Value::Text("refresh")));
                }
            }
        }
        let controlled = match kind {
            Kind::Int => spec.control.unwrap_or(matches!(name, "seed" | "noise_seed")),
            Kind::Float | Kind::Combo => spec.control.unwrap_or(false),
            _ => false,
        };
        if controlled {
            self.widgets.push(Widget::aside("control_after_generate"));
            if kind == Kind::Combo && !spec.multi_select {
                self.widgets.push(Widget::aside("control_filter_list"));
            }
        }
        if kind == Kind::BoundingBox {
            for side in ["x", "y", "width", "height"] {
                self.widgets.push(Widget::aside(side));
            }
        }
        if kind == Kind::AudioRecord {
            self.widgets.push(Widget::aside(name));
        }
    }

    /// Widgets that belong to a class and to none of its inputs.
    pub fn make_extra_widgets(&mut self, class: &Class) {
        match &*class.name {
            "CustomCombo" if !self.widgets.is_empty() => {
                let index = Widget::new("index", Value::Undefined);
                self.widgets.push(Widget { role: WidgetRole::ChoiceIndex, ..index });
                self.add_choice();
            }
            "WebcamCapture" => self.widgets.push(Widget::new("waiting for camera...", Value::Undefined)),
            _ => {}
        }
    }

    /// CustomCombo: one more empty option at the end.
    fn add_choice(&mut self) {
        let name = self.arena.join(&["option", &(self.widgets.len() - 1).to_string()]);
        self.widgets.push(Widget { role: WidgetRole::ChoiceOption, ..Widget::new(name, Value::Text("")) });
    }

    /// Gives a widget a value, with all that follows from it.
    pub fn set_widget(&mut self, at: usize, value: Value<'d>) {
        let Some(Widget { role, value: old, .. }) = self.widgets.get(at).copied() else {
            return;
        };
        let value = match role {
            WidgetRole::Fixed | WidgetRole::ChoiceIndex => return,
            WidgetRole::Rows(_) => return self.set_rows(at, value),
            // Choosing the same option again keeps the values of its widgets.
            WidgetRole::Selector(_) if self.restored && old.same(value) => return,
            WidgetRole::Text | WidgetRole::Dynamic(true) => self.as_text(value),
            _ => value,
        };
        self.widgets[at].value = value;
        match role {
            WidgetRole::Selector(_) => self.select_option(at),
            WidgetRole::ChoiceOption => {
                let last = self.widgets.len() - 1;
                if at == last && value.truthy() {
                    self.add_choice();
                } else if at + 1 == last && !value.truthy() && !self.widgets[last].value.truthy() {
                    self.widgets.pop();
                }
            }
            _ => {}
        }
    }

    /// Widgets of the same name: each after the first gets a number (`width#1`), and that is its name in the prompt.
    pub fn number_repeated_widgets(&mut self) {
        let names = self.widgets.iter().map(|widget| widget.name);
        let index = (self.widgets.len() > FEW).then(|| Index::new(names));
        let mut numbers = Numbers::default();
        for at in 1..self.widgets.len() {
            let name = self.widgets[at].name;
            let is_first = match &index {
                Some(index) => index.first(name) == Some(at),
                None => self.widgets.iter().take(at).all(|before| before.name != name),
            };
            if is_first {
                continue;
            }
            // Numbers up to the last one that the name was given are taken.
            let mut number = numbers.get(name).unwrap_or(0);
            self.widgets[at].name = loop {
                number += 1;
                let fresh = self.arena.join(&[name, "#", self.arena.number(number)]);
                let is_taken = match &index {
                    Some(index) => index.first(fresh).is_some(),
                    None => self.widget_named(fresh).is_some(),
                };
                if !is_taken {
                    break fresh;
                }
            };
            numbers.set(name, number);
        }
    }
}
