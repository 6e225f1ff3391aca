//! A node as the editor holds it: its sockets, its widgets and where its links end.

use crate::text::work;
use crate::workflow::model::arena::Arena;
use crate::workflow::model::json::Json;
use crate::workflow::model::object_info::Class;
use crate::workflow::model::saved::SavedNode;
use crate::workflow::model::spec::{Autogrow, Spec};
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::Widget;

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

/// A widget that a custom node pack makes of an input.
#[derive(Clone, Copy)]
pub(crate) struct CustomWidget {
    /// Reaches the prompt.
    pub prompt: bool,
    /// Its value where neither file nor class has one, as JSON text.
    pub default: Option<&'static str>,
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
    pub arena: &'d Arena,
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
    /// How many saved values, nulls aside, no widget takes.
    pub unread: usize,
}

/// An autogrow group of a node.
#[derive(Clone, Copy)]
pub(crate) struct Grown<'d> {
    pub name: &'d str,
    pub of: &'d Autogrow,
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
        arena: &'d Arena,
        raw: &'d SavedNode<'d>,
        id: &'d str,
        class_type: &'d str,
        title: &'d str,
        role: Role<'d>,
    ) -> Self {
        Node {
            arena,
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
            unread: 0,
        }
    }

    pub fn input_named(&self, name: &str) -> Option<usize> {
        work::count(self.inputs.len());
        self.inputs.iter().position(|input| input.name == name)
    }

    pub fn widget_named(&self, name: &str) -> Option<usize> {
        work::count(self.widgets.len());
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
}
