//! What `GET /object_info` answers: which inputs and outputs a node class has.
//!
//! [`ObjectInfo::parse`] only finds where each class begins and ends; a class is read when a workflow first uses it, and
//! kept. Most of the text (the lists of models, the descriptions) is never looked at.
//!
//! Order of inputs (rule W2): `input_order.required`, `input_order.optional`, then what these lists leave out in the
//! order of the text; without `input_order`, required then optional as listed. `hidden` inputs are none of the
//! editor's business.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;
use std::sync::OnceLock;

use crate::text::index::{Index, Numbers, sorted};
use crate::workflow::model::arena::Arena;
use crate::workflow::model::editor_inputs;
use crate::workflow::model::error::{ConvertError, Malformed};
use crate::workflow::model::json::Json;
use crate::workflow::model::lenient::{Entries, List, Raw, Text, fields};
use crate::workflow::model::python_json;
use crate::workflow::model::spec::Spec;
use crate::workflow::model::spec::read::type_name;

fields! {
    /// A class as the server writes it.
    SavedClass {
        "name" => name: Text<'a>,
        "display_name" => display_name: Text<'a>,
        "input" => input: Sections<'a>,
        "input_order" => input_order: SectionNames<'a>,
        "output" => output: List<Json<'a>>,
        "output_matchtypes" => output_matchtypes: List<Json<'a>>,
        "output_node" => output_node: Json<'a>,
        "python_module" => python_module: Text<'a>,
        "fallbackWidgetsValuesNames" => fallback_names: List<Json<'a>>,
    }
}

fields! {
    /// Inputs by section.
    Sections {
        "required" => required: Entries<'a, Json<'a>>,
        "optional" => optional: Entries<'a, Json<'a>>,
    }
}

fields! {
    /// Names of inputs by section.
    SectionNames {
        "required" => required: List<Text<'a>>,
        "optional" => optional: List<Text<'a>>,
    }
}

/// More inputs than any class has. Nodes of a class with more count as ones that cannot be made.
const MAX_INPUTS: usize = 5000;

/// The schema of every node class that a server knows, parsed once and used for any number of conversions.
pub struct ObjectInfo {
    text: Box<str>,
    /// The text as JSON, where it is not that as it came.
    readable: Option<Box<str>>,
    classes: Vec<Entry>,
    /// Positions in `classes`, by name.
    order: Vec<usize>,
}

struct Entry {
    name: Box<str>,
    text: Range<usize>,
    class: OnceLock<Class>,
}

/// One node class, as far as a conversion needs it.
#[derive(Default)]
pub(crate) struct Class {
    pub name: Box<str>,
    /// The class that a prompt names: the `name` of the class, which packs can forget to change.
    pub sent: Box<str>,
    pub title: Box<str>,
    /// In the order in which the editor makes them.
    pub inputs: Vec<Spec>,
    /// Positions in `inputs`, in the order of the text: required, then optional.
    pub listed: Vec<usize>,
    pub outputs: Vec<Box<str>>,
    /// For each output the `template_id` that it shares its type with.
    pub output_matches: Vec<Box<str>>,
    /// `fallbackWidgetsValuesNames`: the names that the places of `widgets_values` stood for in older files (rule W6).
    pub fallback_names: Option<Vec<Box<str>>>,
    /// The folder of the custom node pack that it comes from; `None` for classes of ComfyUI itself.
    pub pack: Option<Box<str>>,
    /// What nodes of this class make is a result: a server runs these nodes and what they need.
    pub is_output: bool,
    /// The editor fails to make a node of this class.
    pub broken: bool,
}

impl ObjectInfo {
    /// Reads the answer of `GET /object_info`. `NaN` and a byte order mark, which servers write, are accepted.
    ///
    /// # Errors
    ///
    /// [`ConvertError::ObjectInfo`] where the text is not a JSON object of node classes.
    pub fn parse(text: &str) -> Result<Self, ConvertError> {
        let readable = OnceCell::new();
        let entries: Entries<Raw> = python_json::read(text, |repaired| readable.get_or_init(|| repaired))
            .map_err(|error| ConvertError::ObjectInfo(Malformed::from(error)))?;
        let Some(entries) = entries.0 else {
            let what = "an object of node classes was expected".to_owned();
            return Err(ConvertError::ObjectInfo(Malformed { what, line: 1, column: 1 }));
        };
        let base = readable.get().map_or(text, String::as_str).as_ptr() as usize;
        let entry = |(name, class): (Cow<str>, Raw)| {
            let class = class.0.unwrap_or_default();
            let start = class.as_ptr() as usize - base;
            Entry { name: name.into(), text: start..start + class.len(), class: OnceLock::new() }
        };
        let classes: Vec<Entry> = entries.into_iter().map(entry).collect();
        let order = sorted(classes.len(), &|a, b| classes[a].name < classes[b].name);
        Ok(ObjectInfo { text: text.into(), readable: readable.into_inner().map(Into::into), classes, order })
    }

    /// The text it was read from.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many node classes there are.
    pub fn len(&self) -> usize {
        self.classes.len()
    }

    /// Whether there is no class at all.
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty()
    }

    /// Whether the server knows a node class.
    pub fn has(&self, class_type: &str) -> bool {
        self.entry(class_type).is_some()
    }

    fn entry(&self, class_type: &str) -> Option<&Entry> {
        // Of several of the same name the last counts.
        let end = self.order.partition_point(|at| *self.classes[*at].name <= *class_type);
        let entry = &self.classes[*self.order.get(end.checked_sub(1)?)?];
        (*entry.name == *class_type).then_some(entry)
    }

    pub(crate) fn class(&self, class_type: &str) -> Option<&Class> {
        let entry = self.entry(class_type)?;
        Some(entry.class.get_or_init(|| {
            let arena = Arena::default();
            let text = self.readable.as_ref().unwrap_or(&self.text).get(entry.text.clone()).unwrap_or("");
            let saved = python_json::read(text, |repaired| arena.keep(repaired));
            Class::read(class_type, &saved.unwrap_or_default())
        }))
    }
}

impl Class {
    fn read(name: &str, saved: &SavedClass) -> Class {
        if saved.input.required.len() + saved.input.optional.len() > MAX_INPUTS {
            return Class { name: name.into(), title: name.into(), broken: true, ..Class::default() };
        }
        let mut inputs: Vec<Spec> = Vec::new();
        let mut places = Numbers::default();
        for (section, optional) in [(&saved.input.required, false), (&saved.input.optional, true)] {
            for (key, value) in section.iter() {
                let spec = Spec::read(key, value, optional, 0);
                match places.get(&spec.name) {
                    Some(at) => inputs[at] = spec,
                    None => {
                        places.set(&spec.name, inputs.len());
                        inputs.push(spec);
                    }
                }
            }
            if !optional {
                let read = inputs.len();
                editor_inputs::add_editor_inputs(name, &mut inputs);
                for (at, added) in inputs.iter().enumerate().skip(read) {
                    places.set(&added.name, at);
                }
            }
        }
        let order = order(&inputs, &saved.input_order);
        let mut listed = vec![0; inputs.len()];
        for (place, at) in order.iter().enumerate() {
            listed[*at] = place;
        }
        let broken = editor_inputs::is_broken(&inputs);
        let mut inputs: Vec<Option<Spec>> = inputs.into_iter().map(Some).collect();
        let names = |list: &List<Json>| list.iter().map(type_name).collect::<Vec<_>>();
        Class {
            name: name.into(),
            sent: saved.name.str().filter(|name| !name.is_empty()).unwrap_or(name).into(),
            title: saved.display_name.str().filter(|title| !title.is_empty()).unwrap_or(name).into(),
            is_output: saved.output_node.is_true(),
            broken,
            inputs: order.into_iter().filter_map(|at| inputs[at].take()).collect(),
            listed,
            pack: saved.python_module.str().and_then(|module| module.strip_prefix("custom_nodes.")).map(Into::into),
            outputs: names(&saved.output),
            output_matches: names(&saved.output_matchtypes),
            fallback_names: saved.fallback_names.0.is_some().then(|| names(&saved.fallback_names)),
        }
    }

    /// The inputs in the order of the text.
    pub fn listed(&self) -> impl Iterator<Item = &Spec> {
        self.listed.iter().map(|at| &self.inputs[*at])
    }
}

/// The inputs in the order of `input_order`.
fn order(inputs: &[Spec], input_order: &SectionNames) -> Vec<usize> {
    let mut order = Vec::with_capacity(inputs.len());
    let mut is_placed = vec![false; inputs.len()];
    let places = Index::new(inputs.iter().map(|spec| &*spec.name));
    for (section, optional) in [(&input_order.required, false), (&input_order.optional, true)] {
        for name in section.iter().take(MAX_INPUTS) {
            let place = name.str().and_then(|name| places.first(name)).filter(|at| inputs[*at].optional == optional);
            if let Some(at) = place.filter(|at| !is_placed[*at]) {
                is_placed[at] = true;
                order.push(at);
            }
        }
    }
    order.extend((0..inputs.len()).filter(|at| !is_placed[*at]));
    order
}
