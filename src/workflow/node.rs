//! A node as the editor holds it: its sockets, its widgets and where its links end.
//!
//! Rule W1: an input whose type makes a widget gets a widget and a socket beside it; `forceInput` leaves the socket
//! alone; any other type is a socket even with a `default`. Sockets come first, then widget inputs, each in the order
//! of the class; the widgets that autogrow inputs create come before all others, because sockets are made first.

use std::borrow::Cow;

use super::dynamic::Grown;
use super::json::Json;
use super::object_info::Class;
use super::spec::{Dynamic, Kind, Spec};
use super::widgets::Widget;

/// What a node is to the conversion.
#[derive(Clone, Copy)]
pub(crate) enum Role<'d> {
    /// A node of a class in the object info.
    Class(&'d Class),
    /// An instance of the subgraph with this index.
    Instance(usize),
    /// Hands on what it gets.
    Reroute,
    /// `PrimitiveNode`: pushes its value into widgets.
    Primitive,
    /// `SetNode` and its likes: names what it gets.
    Setter,
    /// `GetNode` and its likes: hands on what a setter of the same name gets.
    Getter,
    /// Exists in the editor only: notes, labels, switches of groups.
    Virtual,
    /// The object info does not know it.
    Unknown,
}

/// Whether a node takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    Active,
    /// Mode 2: gives nothing.
    Muted,
    /// Mode 4: hands its inputs on.
    Bypassed,
}

/// A node of a graph.
pub(crate) struct Node<'d> {
    /// The node as the file has it.
    pub raw: &'d Json<'d>,
    /// The id that counts, which is not always the one in the file.
    pub id: Cow<'d, str>,
    pub class_type: &'d str,
    pub title: &'d str,
    pub role: Role<'d>,
    pub mode: Mode,
    pub inputs: Vec<Input<'d>>,
    /// The type of each output.
    pub outputs: Vec<Cow<'d, str>>,
    pub widgets: Vec<Widget<'d>>,
    /// The autogrow groups that the node has, by name.
    pub grown: Vec<Grown<'d>>,
    /// The node has all that it begins with.
    pub made: bool,
    /// The values of the file are in.
    pub restored: bool,
}

/// A socket.
#[derive(Clone)]
pub(crate) struct Input<'d> {
    pub name: Cow<'d, str>,
    pub ty: Cow<'d, str>,
    /// The widget beside the socket.
    pub widget: Option<Cow<'d, str>>,
    /// The link that ends here.
    pub link: Option<usize>,
    /// Of an instance: the widget inside that this input stands for.
    pub promoted: Option<Promoted<'d>>,
    /// A primitive that is linked here finds out what widget it is. The editor forgets that of members of groups that a
    /// node begins with.
    pub known: bool,
}

/// A widget inside a subgraph that an instance shows as its own.
#[derive(Clone)]
pub(crate) struct Promoted<'d> {
    /// `None` where JavaScript has `undefined`.
    pub value: Option<Cow<'d, Json<'d>>>,
    /// Of a combo: its first option.
    pub first: Option<Cow<'d, Json<'d>>>,
    /// The input inside that made the widget.
    pub spec: Option<&'d Spec>,
}

impl<'d> Input<'d> {
    pub fn socket(name: Cow<'d, str>, ty: Cow<'d, str>) -> Self {
        Input { name, ty, widget: None, link: None, promoted: None, known: true }
    }
}

impl<'d> Node<'d> {
    /// An active node without sockets and widgets.
    pub fn new(raw: &'d Json<'d>, id: Cow<'d, str>, class_type: &'d str, title: &'d str, role: Role<'d>) -> Self {
        Node {
            raw,
            id,
            class_type,
            title,
            role,
            mode: Mode::Active,
            inputs: Vec::new(),
            outputs: Vec::new(),
            widgets: Vec::new(),
            grown: Vec::new(),
            made: false,
            restored: false,
        }
    }

    /// Makes the sockets and widgets of a class, in the editor's order.
    pub fn make_inputs(&mut self, class: &'d Class) {
        for spec in &class.inputs {
            self.make_socket(Cow::Borrowed(&spec.name), spec);
        }
        for spec in &class.inputs {
            self.make_widget(Cow::Borrowed(&spec.name), spec);
        }
        self.make_extra_widgets(class);
        self.made = true;
        self.outputs = class.outputs.iter().map(|ty| Cow::Borrowed(output_type(ty))).collect();
    }

    /// Makes an input where one is needed later.
    pub fn make_input(&mut self, name: Cow<'d, str>, spec: &'d Spec) {
        self.make_socket(name.clone(), spec);
        self.make_widget(name, spec);
    }

    fn make_socket(&mut self, name: Cow<'d, str>, spec: &'d Spec) {
        if spec.makes_widget() {
            return;
        }
        match &spec.dynamic {
            Dynamic::Autogrow(autogrow) => self.make_autogrow(name, autogrow),
            Dynamic::Match { input, .. } => self.make_input(name, input),
            Dynamic::Unreadable => self.inputs.push(Input::socket(name, Cow::Borrowed("*"))),
            Dynamic::None | Dynamic::Combo(_) | Dynamic::Group { .. } => {
                self.inputs.push(Input::socket(name, Cow::Borrowed(&spec.ty)));
            }
        }
    }

    fn make_widget(&mut self, name: Cow<'d, str>, spec: &'d Spec) {
        let Some(kind) = spec.widget.filter(|_| spec.makes_widget()) else {
            return;
        };
        match kind {
            Kind::DynamicCombo => self.make_dynamic_combo(name.clone(), spec),
            Kind::DynamicGroup => return self.make_dynamic_group(name, spec),
            _ => {
                self.make_plain_widget(name.clone(), kind, spec);
                if kind == Kind::BranchInputNames {
                    return;
                }
            }
        }
        let input = Input::socket(name.clone(), Cow::Borrowed(&spec.ty));
        self.inputs.push(Input { widget: Some(name), ..input });
    }

    pub fn input_named(&self, name: &str) -> Option<usize> {
        self.inputs.iter().position(|input| input.name == name)
    }

    pub fn widget_named(&self, name: &str) -> Option<usize> {
        self.widgets.iter().position(|widget| widget.name == name)
    }

    /// The widget beside a socket.
    pub fn widget_of(&self, input: &Input) -> Option<usize> {
        self.widget_named(input.widget.as_deref()?)
    }

    pub fn is_instance(&self) -> bool {
        matches!(self.role, Role::Instance(_))
    }

    /// Whether the node never reaches a prompt because it exists in the editor only.
    pub fn is_virtual(&self) -> bool {
        !matches!(self.role, Role::Class(_) | Role::Unknown)
    }

    /// A property of the node in the file.
    pub fn property(&self, name: &str) -> &'d Json<'d> {
        self.raw.get("properties").get(name)
    }
}

/// Outputs that take the type of their inputs start as wildcards.
fn output_type(ty: &str) -> &str {
    if ty == "COMFY_MATCHTYPE_V3" { "*" } else { ty }
}
