//! What `GET /object_info` answers: which inputs and outputs a node class has.
//!
//! [`ObjectInfo::parse`] only finds where each class begins and ends; a class is read when a workflow first uses it, and
//! kept. Most of the text (the lists of models, the descriptions) is never looked at.
//!
//! Order of inputs (rule W2): `input_order.required`, `input_order.optional`, then what these lists leave out in the
//! order of the text; without `input_order`, required then optional as listed. `hidden` inputs are none of the
//! editor's business.

use std::ops::Range;
use std::sync::OnceLock;

use crate::text::index::sorted;
use crate::workflow::model::arena::Arena;
use crate::workflow::model::error::ConvertError;
use crate::workflow::model::json::{Json, Reader};
use crate::workflow::model::spec::{self, Spec};

/// The schema of every node class that a server knows, parsed once and used for any number of conversions.
pub struct ObjectInfo {
    text: Box<str>,
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
        let text: Box<str> = text.into();
        let mut classes: Vec<Entry> = Vec::new();
        let base = text.as_ptr() as usize;
        let mut reader = Reader::new(&text);
        let read = reader.object(&mut |reader, name| {
            let class = reader.skip()?;
            let start = class.as_ptr() as usize - base;
            let entry = Entry { name: (*name).into(), text: start..start + class.len(), class: OnceLock::new() };
            classes.push(entry);
            Some(())
        });
        if read.and_then(|()| reader.end()).is_none() {
            return Err(ConvertError::ObjectInfo(reader.malformed()));
        }
        let order = sorted(classes.len(), &|a, b| classes[a].name < classes[b].name);
        Ok(ObjectInfo { text, classes, order })
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
            let text = self.text.get(entry.text.clone()).unwrap_or("");
            Class::read(class_type, &Json::parse(text, &arena.pen()).unwrap_or(Json::Null))
        }))
    }
}

impl Class {
    fn read(name: &str, raw: &Json) -> Class {
        let input = raw.get("input");
        let mut inputs: Vec<Spec> = Vec::new();
        for (section, optional) in [("required", false), ("optional", true)] {
            for (key, value) in input.get(section).pairs() {
                spec::put(&mut inputs, Spec::read(key, value, optional, 0));
            }
            if !optional {
                spec::add_editor_inputs(name, &mut inputs);
            }
        }
        let order = order(&inputs, raw.get("input_order"));
        let mut listed = vec![0; inputs.len()];
        for (place, at) in order.iter().enumerate() {
            listed[*at] = place;
        }
        let names = |key: &str| raw.list(key).iter().map(spec::type_name).collect::<Vec<_>>();
        Class {
            name: name.into(),
            title: raw.str_at("display_name").filter(|title| !title.is_empty()).unwrap_or(name).into(),
            broken: spec::is_broken(&inputs),
            inputs: order.into_iter().map(|at| inputs[at].clone()).collect(),
            listed,
            outputs: names("output"),
            output_matches: names("output_matchtypes"),
            fallback_names: matches!(raw.get("fallbackWidgetsValuesNames"), Json::Array(_))
                .then(|| names("fallbackWidgetsValuesNames")),
        }
    }

    /// The inputs in the order of the text.
    pub fn listed(&self) -> impl Iterator<Item = &Spec> {
        self.listed.iter().map(|at| &self.inputs[*at])
    }
}

/// The inputs in the order of `input_order`.
fn order(inputs: &[Spec], input_order: &Json) -> Vec<usize> {
    let mut order = Vec::with_capacity(inputs.len());
    for (section, optional) in [("required", false), ("optional", true)] {
        for name in input_order.list(section) {
            let named = |spec: &Spec| name.str() == Some(&*spec.name) && spec.optional == optional;
            order.extend(inputs.iter().position(named).filter(|at| !order.contains(at)));
        }
    }
    for at in 0..inputs.len() {
        if !order.contains(&at) {
            order.push(at);
        }
    }
    order
}
