//! Inputs that stand for others (rule D).
//!
//! - A dynamic combo has a selector; the inputs of the chosen option follow it as `name.key`. Choosing another option
//!   takes the inputs of the former away, and their links where the new option has no input of that name.
//! - An autogrow group begins with `min + 1` inputs named `group.prefix0…` or `group.name` (at least one, at most
//!   `max`), and grows by one behind every connected input.
//! - A dynamic group has a row count, then `rows.N.field` for every row.
//! - `MatchType` changes the types of sockets only.

use std::borrow::Cow;

use super::json::Json;
use super::node::{Input, Node};
use super::spec::{Autogrow, Dynamic, Spec};
use super::widgets::{Value, Widget, WidgetRole};

/// An autogrow group of a node.
pub(crate) struct Grown<'d> {
    pub name: Cow<'d, str>,
    pub of: &'d Autogrow,
}

fn join(group: &str, key: &str) -> String {
    let mut name = String::with_capacity(group.len() + key.len() + 1);
    name.push_str(group);
    name.push('.');
    name.push_str(key);
    name
}

/// Whether `name` is `group` followed by a dot and more.
pub(crate) fn is_in_group(name: &str, group: &str) -> bool {
    name.strip_prefix(group).is_some_and(|rest| rest.starts_with('.'))
}

/// The group that a dotted name belongs to.
pub(crate) fn group_of(name: &str) -> Option<&str> {
    name.rfind('.').filter(|at| *at > 0).map(|at| &name[..at])
}

/// The number at the end of a name.
fn trailing_number(name: &str) -> Option<usize> {
    let digits = name.len() - name.bytes().rev().take_while(u8::is_ascii_digit).count();
    name[digits..].parse().ok()
}

impl<'d> Grown<'d> {
    fn key(&self, ordinal: usize, input: usize) -> String {
        match &self.of.names {
            Some(names) => join(&self.name, names.get(ordinal).map_or("undefined", String::as_str)),
            None => {
                let key = if self.of.inputs.len() == 1 { &self.of.prefix } else { &self.of.inputs[input].name };
                let mut name = join(&self.name, key);
                name.push_str(&ordinal.to_string());
                name
            }
        }
    }

    /// Which member of the group a name is.
    fn ordinal(&self, name: &str) -> Option<usize> {
        let key = name.get(self.name.len() + 1..)?;
        match &self.of.names {
            Some(names) => names.iter().position(|other| other == key),
            None => trailing_number(key),
        }
    }
}

/// What a dynamic combo begins with.
pub(crate) fn first_key(spec: &Spec) -> Value<'_> {
    match &spec.dynamic {
        Dynamic::Combo(options) => options.first().map(|(key, _)| Cow::Owned(Json::String(Cow::Borrowed(key)))),
        _ => None,
    }
}

impl<'d> Node<'d> {
    // Autogrow

    pub fn make_autogrow(&mut self, name: Cow<'d, str>, autogrow: &'d Autogrow) {
        self.grown.retain(|group| group.name != name);
        self.grown.push(Grown { name, of: autogrow });
        let group = self.grown.len() - 1;
        for ordinal in 0..autogrow.min + 1 {
            self.grow(group, ordinal);
        }
    }

    /// Makes the member with this number; where it is there already, it is made anew and keeps its link.
    fn grow(&mut self, group: usize, ordinal: usize) {
        let of = self.grown[group].of;
        if ordinal >= of.max {
            return;
        }
        let mut fresh = Vec::with_capacity(of.inputs.len());
        for (at, spec) in of.inputs.iter().enumerate() {
            let key = self.grown[group].key(ordinal, at);
            let before = self.inputs.len();
            self.make_input(Cow::Owned(key), spec);
            if self.inputs.len() <= before {
                continue;
            }
            let Some(mut input) = self.inputs.pop() else {
                continue;
            };
            if of.inputs.len() > 1 && self.widget_of(&input).is_none() {
                self.widgets.push(Widget::hidden(input.name.clone(), WidgetRole::Fixed));
                input.widget = Some(input.name.clone());
            }
            fresh.push(input);
        }
        for input in &mut fresh {
            while let Some(at) = self.input_named(&input.name) {
                let old = self.inputs.remove(at);
                input.link = input.link.or(old.link);
            }
        }
        // Behind the member before it, else at the end.
        let after = ordinal.checked_sub(1).and_then(|before| {
            let before = self.grown[group].key(before, of.inputs.len() - 1);
            self.inputs.iter().rposition(|input| input.name.starts_with(&before))
        });
        let at = after.map_or(self.inputs.len(), |at| at + 1);
        self.inputs.splice(at..at, fresh);
    }

    /// A link has come to an input: its autogrow group, if any, grows behind it.
    pub fn connected(&mut self, at: usize) {
        let Some(input) = self.inputs.get(at) else {
            return;
        };
        let group = group_of(&input.name).and_then(|key| self.grown.iter().position(|group| group.name == key));
        let Some(group) = group else {
            return;
        };
        if let Some(ordinal) = self.grown[group].ordinal(&input.name) {
            self.grow(group, ordinal + 1);
        }
    }

    // Dynamic combo

    pub fn make_dynamic_combo(&mut self, name: Cow<'d, str>, spec: &'d Spec) {
        let selector = Widget::new(name, first_key(spec));
        self.widgets.push(Widget { role: WidgetRole::Selector(spec), spec: Some(spec), ..selector });
        self.select_option(self.widgets.len() - 1);
    }

    /// Brings the inputs and widgets of a dynamic combo in line with its selector.
    pub fn select_option(&mut self, at: usize) {
        let WidgetRole::Selector(spec) = self.widgets[at].role else {
            return;
        };
        let Dynamic::Combo(options) = &spec.dynamic else {
            return;
        };
        let group = self.widgets[at].name.clone();
        let option = self.widgets[at].value.as_deref().and_then(|value| {
            let key = if value.truthy() { value.to_text() } else { return None };
            options.iter().rev().find(|(name, _)| *name == key)
        });

        let (gone, kept): (Vec<Input>, Vec<Input>) =
            std::mem::take(&mut self.inputs).into_iter().partition(|input| is_in_group(&input.name, &group));
        self.inputs = kept;
        self.widgets.retain(|widget| !is_in_group(&widget.name, &group));
        let Some((_, inputs)) = option else {
            return;
        };
        let (first_widget, first_input) = (self.widgets.len(), self.inputs.len());
        for input in inputs {
            self.make_input(Cow::Owned(join(&group, &input.name)), input);
        }

        let Some(selector) = self.widget_named(&group) else {
            return;
        };
        let widgets = self.widgets.split_off(first_widget.min(self.widgets.len()));
        self.widgets.splice(selector + 1..selector + 1, widgets);

        let added = self.inputs.split_off(first_input.min(self.inputs.len()));
        let mut moved = Vec::with_capacity(added.len());
        for mut input in added {
            match self.input_named(&input.name) {
                Some(at) => moved.push(self.inputs.remove(at)),
                None => {
                    let former = gone.iter().find(|former| former.name == input.name && former.link.is_some());
                    input.link = input.link.or(former.and_then(|former| former.link));
                    moved.push(input);
                }
            }
        }
        let linked: Vec<Cow<'d, str>> =
            moved.iter().filter(|input| input.link.is_some()).map(|input| input.name.clone()).collect();
        let at = self.input_named(&group).map_or(self.inputs.len(), |at| at + 1);
        self.inputs.splice(at..at, moved);
        for name in linked {
            if let Some(at) = self.input_named(&name) {
                self.connected(at);
            }
        }
    }

    // Dynamic group

    pub fn make_dynamic_group(&mut self, name: Cow<'d, str>, spec: &'d Spec) {
        let Dynamic::Group { min, .. } = &spec.dynamic else {
            return;
        };
        let count = Widget { role: WidgetRole::Rows(spec), prompt: false, ..Widget::new(name.clone(), None) };
        self.widgets.push(count);
        let at = self.widgets.len() - 1;
        self.widgets.push(Widget::hidden(join(&name, "$add"), WidgetRole::AddRow));
        self.set_rows(at, &super::json::from_f64(*min as f64));
    }

    /// Brings the rows of a dynamic group in line with a saved count.
    pub fn set_rows(&mut self, at: usize, count: &Json<'d>) {
        let WidgetRole::Rows(spec) = self.widgets[at].role else {
            return;
        };
        let (Dynamic::Group { fields, min, .. }, Some(count)) = (&spec.dynamic, count.number()) else {
            return;
        };
        let group = self.widgets[at].name.clone();
        let count = (count.max(0.0) as usize).max(*min);
        let mut rows = self.rows(&group);
        while rows > count {
            rows -= 1;
            let row = join(&group, &rows.to_string());
            self.widgets.retain(|widget| widget.name != row && !is_in_group(&widget.name, &row));
            self.inputs.retain(|input| !is_in_group(&input.name, &row));
        }
        while rows < count {
            let row = join(&group, &rows.to_string());
            rows += 1;
            let (first_widget, first_input) = (self.widgets.len(), self.inputs.len());
            self.widgets.push(Widget::hidden(row.clone(), WidgetRole::Row));
            for field in fields {
                let name = join(&row, &field.name);
                let first = self.widgets.len();
                self.make_input(Cow::Owned(name.clone()), field);
                // What a field brings along besides its own widget is named after it.
                for (number, extra) in self.widgets[first..].iter_mut().filter(|widget| widget.name != name).enumerate()
                {
                    extra.name = Cow::Owned(join(&name, &number.to_string()));
                }
            }
            for input in self.inputs.split_off(first_input) {
                match self.input_named(&input.name) {
                    Some(at) => self.inputs[at].widget = input.widget,
                    None => self.inputs.push(input),
                }
            }
            let widgets = self.widgets.split_off(first_widget);
            let add = join(&group, "$add");
            let at = self.widget_named(&add).unwrap_or(self.widgets.len());
            self.widgets.splice(at..at, widgets);
        }
    }

    fn rows(&self, group: &str) -> usize {
        let is_row = |widget: &&Widget| matches!(widget.role, WidgetRole::Row) && is_in_group(&widget.name, group);
        self.widgets.iter().filter(is_row).count()
    }

    /// How many rows a saved count may ask for: as many as the schema allows or there are saved values.
    pub fn rows_allowed(&self, at: usize, saved: usize) -> bool {
        let Some(Widget { role: WidgetRole::Rows(spec), .. }) = self.widgets.get(at) else {
            return true;
        };
        match &spec.dynamic {
            Dynamic::Group { max, .. } => saved <= *max,
            _ => true,
        }
    }
}
