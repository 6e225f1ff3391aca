//! The sockets and widgets that a node begins with.
//!
//! Rule W1: an input whose type makes a widget gets a widget and a socket beside it; `forceInput` leaves the socket
//! alone; any other type is a socket even with a `default`. Sockets come first, then widget inputs, each in the order
//! of the class; the widgets that autogrow inputs create come before all others, because sockets are made first.

use crate::text::index::{FEW, Index};
use crate::workflow::model::arena::Arena;
use crate::workflow::model::json::{self, Json};
use crate::workflow::model::kind::Kind;
use crate::workflow::model::node::{CustomWidget, Input, Node};
use crate::workflow::model::object_info::Class;
use crate::workflow::model::saved::SavedSlot;
use crate::workflow::model::spec::{Dynamic, Spec};
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::Widget;

impl<'d> Node<'d> {
    /// Makes the sockets and widgets of a class, in the editor's order. `custom` says which of the types that ComfyUI
    /// itself makes sockets of are widgets.
    pub fn make_inputs(&mut self, class: &'d Class, custom: &dyn Fn(&Spec) -> Option<CustomWidget>) {
        let custom = |spec: &Spec| if spec.is_bare_socket() { custom(spec) } else { None };
        for spec in &class.inputs {
            if custom(spec).is_none() {
                self.make_socket(&spec.name, spec);
            }
        }
        for spec in &class.inputs {
            match custom(spec) {
                Some(custom) => self.make_custom_widget(spec, custom),
                None => self.make_widget(&spec.name, spec),
            }
        }
        self.make_extra_widgets(class);
        self.made = true;
        for ty in &class.outputs {
            // Outputs that take the type of their inputs start as wildcards.
            self.outputs.push(if **ty == *"COMFY_MATCHTYPE_V3" { "*" } else { ty });
        }
    }

    fn make_custom_widget(&mut self, spec: &'d Spec, custom: CustomWidget) {
        let default = spec.default();
        let value = if default.is_nothing() { custom.default.map_or(default, Value::Raw) } else { default };
        let widget = Widget { spec: Some(spec), prompt: custom.prompt, ..Widget::new(&spec.name, value) };
        self.widgets.push(widget);
        self.inputs.push(Input { widget: Some(&spec.name), ..Input::socket(&spec.name, &spec.ty) });
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
            let socket = saved_input(input, self.arena);
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
            self.outputs.push(output.ty.text(self.arena));
        }
    }
}

/// A socket that the file has and the class has not.
pub(crate) fn saved_input<'d>(saved: &'d SavedSlot<'d>, arena: &'d Arena) -> Input<'d> {
    let widget = saved.widget.name.str();
    Input { widget, ..Input::socket(saved.name.or_empty(), saved.ty.text(arena)) }
}
