//! `widgets_values`: which value belongs to which widget.
//!
//! Rule W3: the list is positional over the widgets that take a place. Rule W4: missing values leave the default, extra
//! ones are ignored, nothing is validated, clamped or rounded. Rule W5: files from before 1.16 hold dummies for inputs
//! that `forceInput` has made sockets, and `null` for widgets that take no place: both are dropped when the number of
//! values says so; an object instead of a list is ignored, unless it has as many entries as such a file. Rule W6: `widgets_values_named` is
//! ignored, except on classes with `fallbackWidgetsValuesNames`, where names are all that counts.

use std::borrow::Cow;

use crate::text::index::Index;
use crate::workflow::model::error::ConvertError;
use crate::workflow::model::json::{self, Json};
use crate::workflow::model::node::Node;
use crate::workflow::model::object_info::Class;
use crate::workflow::model::spec::{Dynamic, Spec};
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::WidgetRole;
use crate::workflow::packs::Pack;

/// More rows than any form has; a count beyond it is a mistake.
const MAX_ROWS: usize = 1000;

/// The values that a node was saved with.
pub(crate) enum Saved<'d> {
    Places(Vec<&'d Json<'d>>),
    Names(Index<'d>, Vec<&'d Json<'d>>),
}

impl<'d> Node<'d> {
    /// Gives the widgets the values that the file has for them.
    pub fn restore_values(&mut self, saved: &Saved<'d>) -> Result<(), ConvertError> {
        let mut place = 0;
        let mut at = 0;
        // Setting a value may make further widgets behind this one.
        while at < self.widgets.len() {
            if self.widgets[at].slot {
                let (value, count) = match saved {
                    Saved::Places(values) => (values.get(place), values.len()),
                    Saved::Names(names, values) => {
                        let found = names.all(self.widgets[at].name).last();
                        (found.and_then(|(_, at)| values.get(*at)), values.len())
                    }
                };
                place += 1;
                if let Some(value) = value {
                    self.check_rows(at, value, count)?;
                    self.set_widget(at, Value::Json(value));
                }
            }
            at += 1;
        }
        if let Saved::Places(values) = saved {
            self.unread = values.iter().skip(place).filter(|value| !value.is_null()).count();
        }
        self.restored = true;
        Ok(())
    }

    /// A saved row count may ask for as many rows as the schema allows or there are saved values.
    fn check_rows(&self, at: usize, value: &Json, saved: usize) -> Result<(), ConvertError> {
        let WidgetRole::Rows(spec) = self.widgets[at].role else {
            return Ok(());
        };
        let Dynamic::Group { max, .. } = &spec.dynamic else {
            return Ok(());
        };
        let rows = value.number().unwrap_or(0.0).max(0.0) as usize;
        if rows <= MAX_ROWS && rows <= saved.max(*max) {
            return Ok(());
        }
        Err(ConvertError::BadValue {
            node: self.id.to_owned(),
            input: self.widgets[at].name.to_owned(),
            what: "its saved row count is more than the node can have",
        })
    }

    /// The values in the file, with the dummies of older files dropped: the widgets that the node begins with decide.
    pub fn saved_values(&self, class: &'d Class, pack: Option<&dyn Pack>) -> Saved<'d> {
        let (values, named) = (&self.raw.values, &self.raw.named_values);
        let by_name = |object: &'d Json<'d>| {
            let pairs = object.pairs();
            Saved::Names(
                Index::new(pairs.iter().map(|(name, _)| &**name)),
                pairs.iter().map(|(_, value)| value).collect(),
            )
        };
        match (&class.fallback_names, values) {
            (Some(_), _) if matches!(named, Json::Object(_)) => by_name(named),
            (Some(names), _) => {
                let values: Vec<&Json> = values.items().iter().take(names.len()).collect();
                Saved::Names(Index::new(names.iter().take(values.len()).map(|name| &**name)), values)
            }
            // An object that counts as a list.
            (None, Json::Object(pairs)) if values.get("length").index().is_some() => {
                let length = values.get("length").index().unwrap_or(0).min(pairs.len());
                let mut places = vec![&json::NULL; length];
                for (key, value) in pairs {
                    if let Some(place) = json::to_index(key).and_then(|at| places.get_mut(at)) {
                        *place = value;
                    }
                }
                Saved::Places(places)
            }
            (None, Json::Object(pairs)) => Saved::Places(self.in_file_order(class, pairs)),
            _ => {
                let mut values: Vec<&Json> = values.items().iter().collect();
                if let Some(pack) = pack {
                    pack.adjust_values(self, &mut values);
                }
                Saved::Places(self.without_dummies(class, values))
            }
        }
    }

    /// For each place of an older file, whether it holds a dummy (rule W5).
    fn dummies(&self, class: &Class) -> Vec<bool> {
        let mut dummies: Vec<bool> = Vec::new();
        let widgets = Index::new(self.widgets.iter().map(|widget| widget.name));
        for spec in class.listed() {
            let takes_place = match widgets.first(&spec.name) {
                Some(at) => self.widgets[at].slot,
                None => spec.force_input,
            };
            if takes_place {
                dummies.push(spec.force_input);
                if spec.control == Some(true) {
                    dummies.push(false);
                }
            }
        }
        dummies
    }

    /// The values of an object, in the file's order: the editor takes them for a list where there are as many as an older
    /// file would have, and for nothing else.
    fn in_file_order(&self, class: &Class, pairs: &'d [(Cow<'d, str>, Json<'d>)]) -> Vec<&'d Json<'d>> {
        let dummies = self.dummies(class);
        if pairs.len() != dummies.len() {
            return Vec::new();
        }
        pairs.iter().zip(dummies).filter(|(_, dummy)| !dummy).map(|((_, value), _)| value).collect()
    }

    /// Drops the places of older files that belong to no widget (rule W5).
    fn without_dummies(&self, class: &Class, values: Vec<&'d Json<'d>>) -> Vec<&'d Json<'d>> {
        let mut all = values;
        if all.is_empty() || class.inputs.iter().any(has_dynamic_group) {
            return all;
        }
        let dummies = self.dummies(class);
        let places = self.widgets.iter().filter(|widget| widget.slot).count();
        if !dummies.contains(&true) && all.len() == places {
            return all;
        }
        let has_place = |at: usize| self.widgets.get(at).is_none_or(|widget| widget.slot);
        let compact = (0..all.len()).filter(|at| has_place(*at)).count();
        if compact == dummies.len() {
            keep(&mut all, has_place);
        }
        if all.len() == dummies.len() {
            keep(&mut all, |at| !dummies[at]);
        }
        all
    }
}

/// Keeps the elements at these positions.
fn keep(values: &mut Vec<&Json>, wanted: impl Fn(usize) -> bool) {
    let mut at = 0;
    values.retain(|_| {
        at += 1;
        wanted(at - 1)
    });
}

fn has_dynamic_group(spec: &Spec) -> bool {
    match &spec.dynamic {
        Dynamic::Group { .. } => true,
        Dynamic::Combo(options) => options.iter().any(|(_, inputs)| inputs.iter().any(has_dynamic_group)),
        Dynamic::Autogrow(autogrow) => autogrow.inputs.iter().any(has_dynamic_group),
        Dynamic::Match { .. } | Dynamic::None | Dynamic::Unreadable => false,
    }
}
