//! The class that a group node is an instance of (rule G): it shows the widgets and the unlinked sockets of all nodes of
//! the group, by names that a prefix keeps apart where two would be the same.

use crate::workflow::model::editor_inputs;
use crate::workflow::model::json::{self, Json};
use crate::workflow::model::kind::Kind;
use crate::workflow::model::object_info::{Class, ObjectInfo};
use crate::workflow::model::saved::{SavedGroup, SavedSlot};
use crate::workflow::model::spec::Spec;
use crate::workflow::model::spec::read::type_name;

/// More inputs than any group shows.
const MAX_NAMES: usize = 5000;

/// A node inside of a group, by position.
pub(crate) type Inner = usize;

/// A group as the class of a node.
#[derive(Default)]
pub(crate) struct Group {
    pub class: Class,
    /// The inner and the outer name of each widget.
    pub widgets: Vec<(Inner, Box<str>, String)>,
    /// The inner socket of each outer slot.
    pub inputs: Vec<(Inner, Box<str>)>,
    /// The inner output of each outer one.
    pub outputs: Vec<(Inner, usize)>,
    /// Names that are taken, and how often they were asked for.
    names: Vec<(String, usize)>,
}

/// The links inside of a group.
pub(crate) struct Inside<'j> {
    /// From position and slot to position and slot, with the type.
    pub links: Vec<(Inner, usize, Inner, usize, &'j Json<'j>)>,
    /// Outputs that also lead outside.
    pub external: Vec<(Inner, usize)>,
}

impl<'j> Inside<'j> {
    pub fn read(group: &'j SavedGroup<'j>) -> Self {
        let mut inside = Inside { links: Vec::new(), external: Vec::new() };
        for link in group.links.iter() {
            let cell = |at: usize| link.items().get(at).unwrap_or(&json::NULL);
            let numbers = [0, 1, 2, 3].map(|at| cell(at).index());
            if let [Some(from), Some(from_slot), Some(to), Some(to_slot)] = numbers {
                inside.links.push((from, from_slot, to, to_slot, cell(5)));
            }
        }
        for external in group.external.iter() {
            if let [node, slot, ty, ..] = external.items() {
                inside.external.extend(node.index().zip(slot.index()).filter(|_| !ty.is_null()));
            }
        }
        inside
    }

    fn leads_to(&self, node: Inner, slot: usize) -> bool {
        self.links.iter().any(|(_, _, to, to_slot, _)| (*to, *to_slot) == (node, slot))
    }

    fn comes_from(&self, node: Inner, slot: usize) -> bool {
        self.links.iter().any(|(from, from_slot, ..)| (*from, *from_slot) == (node, slot))
    }
}

impl Group {
    pub fn read(saved: &SavedGroup, object_info: &ObjectInfo) -> Group {
        let inside = Inside::read(saved);
        let mut group = Group::default();
        let mut converted: Vec<(Inner, usize, Spec)> = Vec::new();
        for (at, node) in saved.nodes.iter().enumerate() {
            if group.names.len() > MAX_NAMES {
                break;
            }
            let Some((specs, outputs)) = definition(saved, at, &inside, object_info) else {
                continue;
            };
            let inputs = &node.inputs;
            let mut sockets = Vec::new();
            for spec in specs {
                let name = Some(&*spec.name);
                let is_converted = |input: &SavedSlot| input.name.str() == name && input.widget.name.str() == name;
                if Kind::of(&spec.ty).is_none() || spec.force_input {
                    sockets.push(spec);
                } else if let Some(slot) = inputs.iter().position(is_converted) {
                    converted.push((at, slot, spec));
                } else {
                    group.show_widget(saved, at, spec);
                }
            }
            for (number, spec) in sockets.into_iter().enumerate() {
                let slot = inputs.iter().position(|input| input.name.str() == Some(&spec.name)).unwrap_or(number);
                if inside.leads_to(at, slot) {
                    continue;
                }
                let name = group.name(saved, at, &spec.name);
                if !matches!(custom(saved, at, "input", &spec.name).get("visible"), Json::Bool(false)) {
                    group.inputs.push((at, spec.name.clone()));
                    group.show(&name, spec);
                }
            }
            for slot in 0..outputs {
                let is_shown = match custom(saved, at, "output", &slot.to_string()).get("visible") {
                    Json::Bool(visible) => *visible,
                    _ => !inside.comes_from(at, slot) || inside.external.contains(&(at, slot)),
                };
                if is_shown {
                    group.outputs.push((at, slot));
                }
            }
        }
        for (at, slot, spec) in converted {
            if !inside.leads_to(at, slot) {
                group.inputs.push((at, spec.name.clone()));
                group.show_widget(saved, at, spec);
            }
        }
        group.class.listed = (0..group.class.inputs.len()).collect();
        group
    }

    fn show_widget(&mut self, saved: &SavedGroup, at: Inner, spec: Spec) {
        let name = self.name(saved, at, &spec.name);
        self.widgets.push((at, spec.name.clone(), name.clone()));
        self.show(&name, spec);
    }

    /// Adds an input to the class.
    fn show(&mut self, name: &str, mut spec: Spec) {
        if matches!(&*spec.name, "seed" | "noise_seed") {
            spec.control = Some(true);
        }
        spec.name = name.into();
        spec.optional = false;
        editor_inputs::put(&mut self.class.inputs, spec);
    }

    /// A name for an input: its own, or with the title of its node before it.
    fn name(&mut self, saved: &SavedGroup, at: Inner, input: &str) -> String {
        let node = &saved.nodes[at];
        let own = node.inputs.iter().find(|saved| saved.name.str() == Some(input));
        let label = own.and_then(|saved| saved.label.str());
        let class_type = node.class_type.or_empty();
        let title = node.title.str();
        let mut name = custom(saved, at, "input", input).str_at("name").or(label).unwrap_or(input).to_owned();
        let mut key = name.clone();
        let asked = |names: &[(String, usize)], key: &str| names.iter().position(|(name, _)| name == key);
        let is_named_primitive = class_type == "PrimitiveNode" && title.is_some_and(|title| !title.is_empty());
        if is_named_primitive || asked(&self.names, &name).is_some() {
            let prefix = title.unwrap_or(class_type);
            key = [prefix, " ", input].concat();
            name = match asked(&self.names, &key) {
                Some(found) => [prefix, " ", &self.names[found].1.to_string(), " ", input].concat(),
                None => key.clone(),
            };
        }
        match asked(&self.names, &key) {
            Some(found) => self.names[found].1 += 1,
            None => self.names.push((key, 2)),
        }
        name
    }
}

/// What the group says about an input or output of a node inside.
fn custom<'j, 'a>(saved: &'j SavedGroup<'a>, at: Inner, side: &str, name: &str) -> &'j Json<'a> {
    saved.config.get(&at.to_string()).get(side).get(name)
}

/// The inputs of a node inside and the number of its outputs; `None` where it shows nothing.
fn definition(saved: &SavedGroup, at: Inner, inside: &Inside, object_info: &ObjectInfo) -> Option<(Vec<Spec>, usize)> {
    let nodes = &saved.nodes;
    match nodes[at].class_type.str()? {
        "PrimitiveNode" => {
            let (_, _, to, _, ty) = inside.links.iter().find(|(from, slot, ..)| (*from, *slot) == (at, 0))?;
            let mut spec = Spec::bare("value", &type_name(ty));
            if &*spec.ty == "COMBO" {
                let widget = nodes[at].outputs.first()?.widget.name.str()?;
                let class = object_info.class(nodes.get(*to)?.class_type.str()?)?;
                spec = class.inputs.iter().find(|spec| *spec.name == *widget)?.clone();
                spec.name = "value".into();
            }
            spec.control = Some(true);
            Some((vec![spec], 1))
        }
        "Reroute" => {
            let is_inside = inside.leads_to(at, 0) && inside.comes_from(at, 0);
            if is_inside && !inside.external.contains(&(at, 0)) {
                return None;
            }
            Some((vec![Spec::bare("*", "*")], 1))
        }
        class_type => {
            let class = object_info.class(class_type)?;
            Some((class.listed().cloned().collect(), class.outputs.len()))
        }
    }
}
