//! A node as the editor holds it: its sockets, its widgets and where its links end.
//!
//! Rule W1: an input whose type makes a widget gets a widget and a socket beside it; `forceInput` leaves the socket
//! alone; any other type is a socket even with a `default`. Sockets come first, then widget inputs, each in the order
//! of the class; the widgets that autogrow inputs create come before all others, because sockets are made first.

use crate::text::index::{FEW, Index};
use crate::workflow::load::dynamic::Grown;
use crate::workflow::load::widgets::Widget;
use crate::workflow::model::arena::Pen;
use crate::workflow::model::json::{self, Json};
use crate::workflow::model::object_info::Class;
use crate::workflow::model::saved::{SavedNode, SavedSlot};
use crate::workflow::model::spec::{Dynamic, Kind, Spec};
use crate::workflow::model::value::Value;

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
    pub pen: &'d Pen<'d>,
    /// The node as the file has it.
    pub raw: &'d SavedNode<'d>,
    /// The id that counts, which is not always the one in the file.
    pub id: &'d str,
    pub class_type: &'d str,
    pub title: &'d str,
    pub role: Role<'d>,
    pub mode: Mode,
    pub inputs: Vec<Input<'d>>,
    /// The type of each output.
    pub outputs: Vec<&'d str>,
    pub widgets: Vec<Widget<'d>>,
    /// The autogrow groups that the node has.
    pub grown: Vec<Grown<'d>>,
    /// Links whose inputs were taken away.
    pub cut: Vec<usize>,
    /// The node has all that it begins with.
    pub made: bool,
    /// The values of the file are in.
    pub restored: bool,
}

/// A socket.
#[derive(Clone, Copy)]
pub(crate) struct Input<'d> {
    pub name: &'d str,
    pub ty: &'d str,
    /// The widget beside the socket.
    pub widget: Option<&'d str>,
    /// The link that ends here.
    pub link: Option<usize>,
    /// Of an instance: the widget inside that this input stands for.
    pub promoted: Option<Promoted<'d>>,
    /// A primitive that is linked here finds out what widget it is. The editor forgets that of members of groups that a
    /// node begins with.
    pub known: bool,
}

/// A widget inside a subgraph that an instance shows as its own.
#[derive(Clone, Copy)]
pub(crate) struct Promoted<'d> {
    pub value: Value<'d>,
    /// Of a combo: its first option.
    pub first: Value<'d>,
    /// The input inside that made the widget.
    pub spec: Option<&'d Spec>,
}

impl<'d> Input<'d> {
    pub fn socket(name: &'d str, ty: &'d str) -> Self {
        Input { name, ty, widget: None, link: None, promoted: None, known: true }
    }
}

impl<'d> Node<'d> {
    /// An active node without sockets and widgets.
    pub fn new(
        pen: &'d Pen<'d>,
        raw: &'d SavedNode<'d>,
        id: &'d str,
        class_type: &'d str,
        title: &'d str,
        role: Role<'d>,
    ) -> Self {
        Node {
            pen,
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
            cut: Vec::new(),
            made: false,
            restored: false,
        }
    }

    /// Makes the sockets and widgets of a class, in the editor's order.
    pub fn make_inputs(&mut self, class: &'d Class) {
        for spec in &class.inputs {
            self.make_socket(&spec.name, spec);
        }
        for spec in &class.inputs {
            self.make_widget(&spec.name, spec);
        }
        self.make_extra_widgets(class);
        self.made = true;
        for ty in &class.outputs {
            // Outputs that take the type of their inputs start as wildcards.
            self.outputs.push(if **ty == *"COMFY_MATCHTYPE_V3" { "*" } else { ty });
        }
    }

    /// Makes an input where one is needed later.
    pub fn make_input(&mut self, name: &'d str, spec: &'d Spec) {
        self.make_socket(name, spec);
        self.make_widget(name, spec);
    }

    fn make_socket(&mut self, name: &'d str, spec: &'d Spec) {
        if spec.makes_widget() {
            return;
        }
        let ty = match &spec.dynamic {
            Dynamic::Autogrow(autogrow) => return self.make_autogrow(name, autogrow),
            Dynamic::Match { input, .. } => return self.make_input(name, input),
            Dynamic::Unreadable => "*",
            Dynamic::None | Dynamic::Combo(_) | Dynamic::Group { .. } => &spec.ty,
        };
        self.inputs.push(Input::socket(name, ty));
    }

    fn make_widget(&mut self, name: &'d str, spec: &'d Spec) {
        let Some(kind) = spec.widget.filter(|_| spec.makes_widget()) else {
            return;
        };
        match kind {
            Kind::DynamicGroup => return self.make_dynamic_group(name, spec),
            Kind::DynamicCombo => self.make_dynamic_combo(name, spec),
            _ => self.make_plain_widget(name, kind, spec),
        }
        if kind != Kind::BranchInputNames {
            self.inputs.push(Input { widget: Some(name), ..Input::socket(name, &spec.ty) });
        }
    }

    pub fn input_named(&self, name: &str) -> Option<usize> {
        self.inputs.iter().position(|input| input.name == name)
    }

    pub fn widget_named(&self, name: &str) -> Option<usize> {
        self.widgets.iter().position(|widget| widget.name == name)
    }

    /// The widget beside a socket.
    pub fn widget_of(&self, input: &Input) -> Option<usize> {
        self.widget_named(input.widget?)
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
        self.raw.properties.get(name)
    }

    /// Brings together the sockets of the class and those of the file: the class's come first and keep their type, the
    /// file's others follow. Gives, for each socket, the link that the file names for it.
    pub fn merge_inputs(&mut self, class: &Class) -> Vec<&'d Json<'d>> {
        let saved = &self.raw.inputs;
        // Of several of the same name the last counts.
        let by_name = Index::new(saved.iter().map(|input| input.name.str().unwrap_or("\0")));
        let mut links: Vec<&Json> = Vec::with_capacity(saved.len());
        for input in &mut self.inputs {
            input.known = class.inputs.iter().any(|spec| *spec.name == *input.name);
            links.push(by_name.all(input.name).last().map_or(&json::NULL, |(_, at)| &saved[*at].link));
        }
        let count = self.inputs.len();
        let index = (count > FEW).then(|| Index::new(self.inputs.iter().map(|input| input.name)));
        for input in saved.iter() {
            let socket = saved_input(input, self.pen);
            let is_defined = match &index {
                Some(index) => index.first(socket.name).is_some(),
                None => self.inputs.iter().take(count).any(|input| input.name == socket.name),
            };
            if !is_defined {
                self.inputs.push(socket);
                links.push(&input.link);
            }
        }
        // The file's outputs beyond those of the class stay.
        self.take_saved_outputs();
        links
    }

    /// Adds the file's outputs beyond those that are there.
    pub fn take_saved_outputs(&mut self) {
        for output in self.raw.outputs.iter().skip(self.outputs.len()) {
            self.outputs.push(output.ty.text(self.pen));
        }
    }
}

/// A socket that the file has and the class has not.
pub(crate) fn saved_input<'d>(saved: &'d SavedSlot<'d>, pen: &Pen<'d>) -> Input<'d> {
    let widget = saved.widget.name.str();
    Input { widget, ..Input::socket(saved.name.or_empty(), saved.ty.text(pen)) }
}
