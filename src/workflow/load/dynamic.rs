//! Inputs that stand for others (rule D).
//!
//! - A dynamic combo has a selector; the inputs of the chosen option follow it as `name.key`. Choosing another option
//!   takes the inputs of the former away, and their links where the new option has no input of that name.
//! - An autogrow group begins with `min + 1` inputs named `group.prefix0…` or `group.name` (at least one, at most
//!   `max`), and grows by one behind every connected input.
//! - A dynamic group has a row count, then `rows.N.field` for every row.
//! - `MatchType` changes the types of sockets only.

use crate::workflow::model::node::{Grown, Input, Node};
use crate::workflow::model::spec::{Autogrow, Dynamic, Spec};
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::{Widget, WidgetRole};

/// Whether `name` is `group` followed by a dot and more.
pub(crate) fn is_in_group(name: &str, group: &str) -> bool {
    name.strip_prefix(group).is_some_and(|rest| rest.starts_with('.'))
}

/// The group that a dotted name belongs to.
pub(crate) fn group_of(name: &str) -> Option<&str> {
    name.rfind('.').filter(|at| *at > 0).and_then(|at| name.get(..at))
}

impl Grown<'_> {
    /// The name of a member, without that of the group.
    fn key(&self, ordinal: usize, input: &Spec) -> String {
        if let Some(names) = &self.of.names {
            return names.get(ordinal).map_or("undefined", |name| name).to_owned();
        }
        let prefix = if self.of.inputs.len() == 1 { &self.of.prefix } else { &input.name };
        [prefix, ordinal.to_string().as_str()].concat()
    }

    /// Which member of the group a name is.
    fn ordinal(&self, name: &str) -> Option<usize> {
        let key = name.get(self.name.len() + 1..)?;
        if let Some(names) = &self.of.names {
            return names.iter().position(|other| **other == *key);
        }
        let digits = key.bytes().rev().take_while(u8::is_ascii_digit).count();
        key.get(key.len() - digits..)?.parse().ok()
    }
}

impl<'d> Node<'d> {
    // Autogrow

    pub fn make_autogrow(&mut self, name: &'d str, autogrow: &'d Autogrow) {
        self.grown.retain(|group| group.name != name);
        let group = Grown { name, of: autogrow };
        self.grown.push(group);
        for ordinal in 0..autogrow.min + 1 {
            self.grow(group, ordinal);
        }
    }

    /// Makes the member with this number; one that exists is made again and keeps its link. Gives the names of what it
    /// made.
    fn grow(&mut self, group: Grown<'d>, ordinal: usize) -> Vec<&'d str> {
        let inputs = &group.of.inputs;
        if ordinal >= group.of.max {
            return Vec::new();
        }
        let mut fresh = Vec::with_capacity(inputs.len());
        for spec in inputs {
            let name = self.arena.join(&[group.name, ".", &group.key(ordinal, spec)]);
            let before = self.inputs.len();
            self.make_input(name, spec);
            if self.inputs.len() <= before {
                continue;
            }
            let Some(mut input) = self.inputs.pop() else {
                continue;
            };
            if inputs.len() > 1 && self.widget_of(&input).is_none() {
                self.widgets.push(Widget::hidden(input.name, WidgetRole::Fixed));
                input.widget = Some(input.name);
            }
            fresh.push(input);
        }
        for input in &mut fresh {
            while let Some(at) = self.input_named(input.name) {
                input.link = input.link.or(self.inputs.remove(at).link);
            }
        }
        // Behind the member before it, else at the end.
        let mut at = self.inputs.len();
        if let (Some(before), Some(last)) = (ordinal.checked_sub(1), inputs.last()) {
            let before = [group.name, ".", &group.key(before, last)].concat();
            if let Some(after) = self.inputs.iter().rposition(|input| input.name.starts_with(&before)) {
                at = after + 1;
            }
        }
        let made = fresh.iter().map(|input| input.name).collect();
        for (offset, input) in fresh.into_iter().enumerate() {
            self.inputs.insert(at + offset, input);
        }
        made
    }

    /// A link has come to an input: its autogrow group, if any, grows behind it. Returns the names of the inputs that
    /// were made again.
    pub fn connected(&mut self, at: usize) -> Vec<&'d str> {
        let Some(name) = self.inputs.get(at).map(|input| input.name) else {
            return Vec::new();
        };
        let group = group_of(name).and_then(|key| self.grown.iter().find(|group| group.name == key)).copied();
        match group.and_then(|group| Some((group, group.ordinal(name)?))) {
            Some((group, ordinal)) => self.grow(group, ordinal + 1),
            None => Vec::new(),
        }
    }

    // Dynamic combo

    pub fn make_dynamic_combo(&mut self, name: &'d str, spec: &'d Spec) {
        let selector = Widget::new(name, spec.first());
        self.widgets.push(Widget { role: WidgetRole::Selector(spec), spec: Some(spec), ..selector });
        self.select_option(self.widgets.len() - 1);
        // One that comes with an option of another has no sockets before a value is brought in, only widgets.
        if self.made {
            self.inputs.retain(|input| !is_in_group(input.name, name));
        }
    }

    /// Brings the inputs and widgets of a dynamic combo in line with its selector.
    pub fn select_option(&mut self, at: usize) {
        let Widget { name: group, value, role: WidgetRole::Selector(spec), .. } = self.widgets[at] else {
            return;
        };
        let Dynamic::Combo(options) = &spec.dynamic else {
            return;
        };
        let key = if value.truthy() { value.text(self.arena) } else { "" };
        let option = options.iter().rev().find(|(name, _)| !key.is_empty() && **name == *key);
        let mut gone: Vec<Input> = Vec::new();
        self.inputs.retain(|input| {
            let stays = !is_in_group(input.name, group);
            if !stays {
                gone.push(*input);
            }
            stays
        });
        self.widgets.retain(|widget| !is_in_group(widget.name, group));
        let Some((_, inputs)) = option else {
            self.cut(gone);
            return;
        };
        let (first_widget, first_input) = (self.widgets.len(), self.inputs.len());
        for input in inputs {
            self.make_input(self.arena.join(&[group, ".", &input.name]), input);
        }
        let Some(selector) = self.widget_named(group) else {
            return;
        };
        let added = self.widgets.len() - first_widget;
        self.widgets[selector + 1..].rotate_right(added);

        let mut added = Vec::new();
        while self.inputs.len() > first_input {
            added.extend(self.inputs.pop());
        }
        let mut place = self.input_named(group).map_or(self.inputs.len(), |at| at + 1);
        let mut linked = Vec::new();
        for mut input in added.into_iter().rev() {
            if let Some(at) = self.input_named(input.name) {
                place -= usize::from(at < place);
                input = self.inputs.remove(at);
            } else if input.link.is_none() {
                input.link = gone.iter().find(|former| former.name == input.name).and_then(|former| former.link);
            }
            if input.link.is_some() {
                linked.push(input.name);
            }
            self.inputs.insert(place, input);
            place += 1;
        }
        self.cut(gone);
        // The member after the new one is made again, which adds nothing further.
        let mut anew: Vec<&str> = Vec::new();
        for name in linked {
            if let Some(at) = self.input_named(name).filter(|_| !anew.contains(&name)) {
                anew.extend(self.connected(at));
            }
        }
    }

    /// The links of inputs that were taken away are gone for good, unless another input has them now.
    fn cut(&mut self, gone: Vec<Input>) {
        for link in gone.into_iter().filter_map(|input| input.link) {
            if !self.inputs.iter().any(|input| input.link == Some(link)) {
                self.cut.push(link);
            }
        }
    }

    // Dynamic group

    pub fn make_dynamic_group(&mut self, name: &'d str, spec: &'d Spec) {
        let Dynamic::Group { min, .. } = &spec.dynamic else {
            return;
        };
        let count = Widget::new(name, Value::Undefined);
        self.widgets.push(Widget { role: WidgetRole::Rows(spec), spec: Some(spec), prompt: false, ..count });
        self.widgets.push(Widget::hidden(self.arena.join(&[name, ".$add"]), WidgetRole::AddRow));
        self.set_rows(self.widgets.len() - 2, Value::Raw(self.arena.number(*min)));
    }

    /// Brings the rows of a dynamic group in line with a saved count.
    pub fn set_rows(&mut self, at: usize, count: Value) {
        let Widget { name: group, role: WidgetRole::Rows(spec), .. } = self.widgets[at] else {
            return;
        };
        let Dynamic::Group { fields, min, .. } = &spec.dynamic else {
            return;
        };
        let Some(count) = count.number() else {
            return;
        };
        let count = (count.max(0.0) as usize).max(*min);
        let is_row = |widget: &&Widget| matches!(widget.role, WidgetRole::Row) && is_in_group(widget.name, group);
        let mut rows = self.widgets.iter().filter(is_row).count();
        while rows > count {
            rows -= 1;
            let row = [group, ".", &rows.to_string()].concat();
            self.widgets.retain(|widget| widget.name != row && !is_in_group(widget.name, &row));
            self.inputs.retain(|input| !is_in_group(input.name, &row));
        }
        while rows < count {
            let row = self.arena.join(&[group, ".", &rows.to_string()]);
            rows += 1;
            let (first_widget, first_input) = (self.widgets.len(), self.inputs.len());
            self.widgets.push(Widget::hidden(row, WidgetRole::Row));
            for field in fields {
                let name = self.arena.join(&[row, ".", &field.name]);
                let first = self.widgets.len();
                self.make_input(name, field);
                // What a field brings along besides its own widget is named after it.
                let mut number = 0;
                for extra in &mut self.widgets[first..] {
                    if extra.name != name {
                        extra.name = self.arena.join(&[name, ".", &number.to_string()]);
                        number += 1;
                    }
                }
            }
            let mut place = first_input;
            for _ in first_input..self.inputs.len() {
                let input = self.inputs[place];
                match self.inputs[..place].iter().position(|other| other.name == input.name) {
                    Some(at) => {
                        self.inputs[at].widget = input.widget;
                        self.inputs.remove(place);
                    }
                    None => place += 1,
                }
            }
            let added = self.widgets.len() - first_widget;
            let is_button =
                |widget: &Widget| matches!(widget.role, WidgetRole::AddRow) && is_in_group(widget.name, group);
            if let Some(button) = self.widgets.iter().position(is_button) {
                self.widgets[button..].rotate_right(added);
            }
        }
    }
}
