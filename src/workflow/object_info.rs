//! What `GET /object_info` answers: which inputs and outputs a node class has.
//!
//! [`ObjectInfo::parse`] only finds where each class begins and ends; a class is read when a workflow first uses it, and
//! kept. Most of the text (the lists of models, the descriptions) is never looked at.
//!
//! Order of inputs (rule W2): `input_order.required`, `input_order.optional`, then what these lists leave out in the
//! order of the text; without `input_order`, required then optional as listed. `hidden` inputs are none of the
//! editor's business.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use super::error::ConvertError;
use super::json::{Json, Reader};
use super::spec::{self, Spec};

/// The schema of every node class that a server knows, parsed once and used for any number of conversions.
pub struct ObjectInfo {
    text: Box<str>,
    classes: HashMap<Box<str>, Entry>,
}

struct Entry {
    text: Range<usize>,
    class: OnceLock<Class>,
}

/// One node class, as far as a conversion needs it.
#[derive(Default)]
pub(crate) struct Class {
    pub name: String,
    pub title: String,
    /// In the order in which the editor makes them.
    pub inputs: Vec<Spec>,
    /// Positions in `inputs`, in the order of the text: required, then optional.
    pub listed: Vec<usize>,
    pub outputs: Vec<String>,
    /// For each output the `template_id` that it shares its type with.
    pub output_matches: Vec<Option<String>>,
    /// `fallbackWidgetsValuesNames`: the names that the places of `widgets_values` stood for in older files (rule W6).
    pub fallback_names: Option<Vec<String>>,
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
        let mut classes = HashMap::new();
        let base = text.as_ptr() as usize;
        let mut reader = Reader::new(&text);
        reader
            .object(0, |reader, name| {
                let class = reader.skip(1)?;
                let start = class.as_ptr() as usize - base;
                let entry = Entry { text: start..start + class.len(), class: OnceLock::new() };
                classes.insert(Box::from(&*name), entry);
                Ok(())
            })
            .and_then(|()| reader.end())
            .map_err(ConvertError::ObjectInfo)?;
        Ok(ObjectInfo { text, classes })
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
        self.classes.contains_key(class_type)
    }

    pub(crate) fn class(&self, class_type: &str) -> Option<&Class> {
        let entry = self.classes.get(class_type)?;
        Some(entry.class.get_or_init(|| {
            let raw = Json::parse(&self.text[entry.text.clone()]).unwrap_or(Json::Null);
            Class::read(class_type, &raw)
        }))
    }
}

impl Class {
    fn read(name: &str, raw: &Json) -> Class {
        let input = raw.get("input");
        let mut listed: Vec<Spec> = Vec::new();
        for (section, optional) in [("required", false), ("optional", true)] {
            for (key, value) in input.get(section).pairs() {
                let spec = Spec::read(key, value, optional, 0);
                match listed.iter_mut().find(|other| other.name == spec.name) {
                    Some(other) => *other = spec,
                    None => listed.push(spec),
                }
            }
            if section == "required" {
                spec::add_editor_inputs(name, &mut listed);
            }
        }
        let (order, listed) = order(listed, raw.get("input_order"));
        let broken = spec::is_broken(&order);
        Class {
            title: raw.get("display_name").str().filter(|title| !title.is_empty()).unwrap_or(name).to_owned(),
            name: name.to_owned(),
            inputs: order,
            listed,
            outputs: raw.get("output").items().iter().map(spec::type_name).collect(),
            output_matches: raw.get("output_matchtypes").items().iter().map(|id| id.str().map(str::to_owned)).collect(),
            fallback_names: match raw.get("fallbackWidgetsValuesNames") {
                Json::Array(names) => Some(names.iter().map(|name| name.to_text().into_owned()).collect()),
                _ => None,
            },
            broken,
        }
    }

    /// The inputs in the order of the text.
    pub fn listed(&self) -> impl Iterator<Item = &Spec> {
        self.listed.iter().filter_map(|at| self.inputs.get(*at))
    }
}

/// Brings the inputs into the order of `input_order`, and says where each one went.
fn order(inputs: Vec<Spec>, input_order: &Json) -> (Vec<Spec>, Vec<usize>) {
    let mut place: Vec<Option<usize>> = vec![None; inputs.len()];
    let mut next = 0;
    let mut put = |place: &mut Option<usize>| {
        if place.is_none() {
            *place = Some(next);
            next += 1;
        }
    };
    if matches!(input_order, Json::Object(_)) {
        let at: HashMap<&str, usize> = inputs.iter().enumerate().map(|(at, spec)| (spec.name.as_str(), at)).collect();
        for (section, optional) in [("required", false), ("optional", true)] {
            for name in input_order.get(section).items() {
                let found = name.str().and_then(|name| at.get(name)).filter(|at| inputs[**at].optional == optional);
                if let Some(at) = found {
                    put(&mut place[*at]);
                }
            }
        }
    }
    place.iter_mut().for_each(&mut put);
    let listed: Vec<usize> = place.into_iter().flatten().collect();
    let mut ordered: Vec<(usize, Spec)> = listed.iter().copied().zip(inputs).collect();
    ordered.sort_by_key(|(place, _)| *place);
    (ordered.into_iter().map(|(_, spec)| spec).collect(), listed)
}
