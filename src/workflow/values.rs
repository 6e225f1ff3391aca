//! `widgets_values`: which value belongs to which widget.
//!
//! Rule W3: the list is positional over the widgets that take a place. Rule W4: missing values leave the default, extra
//! ones are ignored, nothing is validated, clamped or rounded. Rule W5: files from before 1.16 hold dummies for inputs
//! that `forceInput` has made sockets, and `null` for widgets that take no place: both are dropped when the number of
//! values says so; an object instead of a list (VideoHelperSuite) goes by name. Rule W6: `widgets_values_named` is
//! ignored, except on classes with `fallbackWidgetsValuesNames`, where names are all that counts.

use std::borrow::Cow;

use super::error::ConvertError;
use super::json::Json;
use super::node::Node;
use super::object_info::Class;
use super::spec::{Control, Dynamic, Spec};
use super::widgets::{Widget, WidgetRole};

/// More rows than any form has; a count beyond it is a mistake.
const MAX_ROWS: usize = 1000;

/// The values that a node was saved with.
pub(crate) enum Saved<'d> {
    Places(Vec<&'d Json<'d>>),
    Names(Vec<(&'d str, &'d Json<'d>)>),
}

impl<'d> Saved<'d> {
    fn len(&self) -> usize {
        match self {
            Saved::Places(values) => values.len(),
            Saved::Names(values) => values.len(),
        }
    }
}

impl<'d> Node<'d> {
    /// Gives the widgets the values that the file has for them.
    pub fn restore_values(&mut self, saved: &Saved<'d>) -> Result<(), ConvertError> {
        let mut place = 0;
        let mut at = 0;
        // Setting a value may make further widgets behind this one.
        while at < self.widgets.len() {
            if self.widgets[at].slot {
                let value = match saved {
                    Saved::Places(values) => values.get(place).copied(),
                    Saved::Names(values) => {
                        let name = &*self.widgets[at].name;
                        values.iter().rev().find(|(other, _)| *other == name).map(|(_, value)| *value)
                    }
                };
                place += 1;
                if let Some(value) = value {
                    self.check_rows(at, value, saved.len())?;
                    self.set_widget(at, Cow::Borrowed(value));
                }
            }
            at += 1;
        }
        self.restored = true;
        Ok(())
    }

    fn check_rows(&self, at: usize, value: &Json, saved: usize) -> Result<(), ConvertError> {
        if !matches!(self.widgets[at].role, WidgetRole::Rows(_)) {
            return Ok(());
        }
        let rows = value.number().unwrap_or(0.0).max(0.0) as usize;
        if rows <= MAX_ROWS && (rows <= saved || self.rows_allowed(at, rows)) {
            return Ok(());
        }
        Err(ConvertError::BadValue {
            node: self.id.to_string(),
            input: self.widgets[at].name.to_string(),
            what: "its saved row count is more than the node can have",
        })
    }

    /// The values in the file, with the dummies of older files dropped: the widgets that the node begins with decide.
    pub fn saved_values(&self, class: &'d Class) -> Saved<'d> {
        let values = self.raw.get("widgets_values");
        let named = self.raw.get("widgets_values_named");
        if let Some(fallback) = &class.fallback_names {
            let pairs = match named {
                Json::Object(pairs) => pairs.iter().map(|(name, value)| (&**name, value)).collect(),
                _ => fallback.iter().map(String::as_str).zip(values.items()).collect(),
            };
            return Saved::Names(pairs);
        }
        match values {
            // An object that poses as a list.
            Json::Object(pairs) if values.get("length").index().is_some() => {
                let mut places = vec![&super::json::NULL; values.get("length").index().unwrap_or(0).min(pairs.len())];
                for (key, value) in pairs {
                    if let Some(place) = key.parse().ok().and_then(|at: usize| places.get_mut(at)) {
                        *place = value;
                    }
                }
                Saved::Places(places)
            }
            Json::Object(pairs) => Saved::Names(pairs.iter().map(|(name, value)| (&**name, value)).collect()),
            _ => Saved::Places(without_dummies(class, &self.widgets, values.items())),
        }
    }
}

/// Drops the places of older files that belong to no widget (rule W5).
fn without_dummies<'d>(class: &Class, widgets: &[Widget], values: &'d [Json<'d>]) -> Vec<&'d Json<'d>> {
    let all = || values.iter().collect::<Vec<_>>();
    if values.is_empty() || class.inputs.iter().any(has_dynamic_group) {
        return all();
    }
    // For each place of an old file, whether it holds a dummy.
    let mut dummies: Vec<bool> = Vec::new();
    for spec in class.listed() {
        let widget = widgets.iter().find(|widget| widget.name == spec.name);
        if (widget.is_none() && !spec.force_input) || widget.is_some_and(|widget| !widget.slot) {
            continue;
        }
        dummies.push(spec.force_input);
        if spec.control == Control::On {
            dummies.push(false);
        }
    }
    let places = widgets.iter().filter(|widget| widget.slot).count();
    if !dummies.contains(&true) && values.len() == places {
        return all();
    }
    let compact: Vec<&Json> = values
        .iter()
        .enumerate()
        .filter(|(at, _)| widgets.get(*at).is_none_or(|widget| widget.slot))
        .map(|(_, value)| value)
        .collect();
    let aligned = if compact.len() == dummies.len() {
        compact
    } else if values.len() == dummies.len() {
        all()
    } else {
        return all();
    };
    aligned.into_iter().zip(&dummies).filter(|(_, dummy)| !**dummy).map(|(value, _)| value).collect()
}

fn has_dynamic_group(spec: &Spec) -> bool {
    match &spec.dynamic {
        Dynamic::Group { .. } => true,
        Dynamic::Combo(options) => options.iter().any(|(_, inputs)| inputs.iter().any(has_dynamic_group)),
        Dynamic::Autogrow(autogrow) => autogrow.inputs.iter().any(has_dynamic_group),
        Dynamic::Match { .. } | Dynamic::None | Dynamic::Unreadable => false,
    }
}
