//! What the widgets of a node send: values, resolved texts, file names.

use crate::workflow::export::dynamic_prompts;
use crate::workflow::export::expand::NodeRef;
use crate::workflow::export::file_names::{self, SAVERS};
use crate::workflow::export::node_names::Names;
use crate::workflow::export::prompt::{Entry, Writer};
use crate::workflow::export::resolve::Resolved;
use crate::workflow::model::error::ConvertError;
use crate::workflow::model::node::Node;
use crate::workflow::model::value::Value;
use crate::workflow::model::widget::{Widget, WidgetRole};
use crate::workflow::packs::Pack;

impl<'d> Writer<'_, 'd> {
    pub(super) fn widget(
        &mut self,
        place: NodeRef,
        node: &Node<'d>,
        widget: &Widget<'d>,
        pack: Option<&dyn Pack>,
    ) -> Result<Entry<'d>, ConvertError> {
        let arena = self.graphs.arena;
        if let Some(value) = pack.and_then(|pack| pack.value(node, widget, &mut || self.chooser.fraction())) {
            return Ok(Entry::Value(value));
        }
        let value = widget.value;
        let resolved = match (widget.role, value.str()) {
            (WidgetRole::ChoiceIndex, _) => return self.choice_index(place, node),
            (WidgetRole::Curve, _) if !value.is_nothing() => return Ok(Entry::Curve(value)),
            (WidgetRole::Dynamic(_), Some(text)) => dynamic_prompts::resolve(text, &mut self.chooser),
            (_, Some(text))
                if widget.name == "filename_prefix"
                    && text.contains('%')
                    && (SAVERS.contains(&node.class_type)
                        || pack.is_some_and(|pack| pack.resolves_file_names(node.class_type))) =>
            {
                Some(self.file_name(place, text)?)
            }
            _ => None,
        };
        Ok(Entry::Value(resolved.map_or(value, |text| Value::Text(arena.keep(text)))))
    }

    /// CustomCombo: the index of its choice among its options.
    fn choice_index(&mut self, place: NodeRef, node: &Node<'d>) -> Result<Entry<'d>, ConvertError> {
        let Some(choice) = node.widgets.first() else {
            return Ok(Entry::Absent);
        };
        let mut chosen = choice.value;
        if let Some(slot) = node.inputs.iter().position(|input| input.widget == Some(choice.name)) {
            if let Resolved::Value(value) = self.resolver.input(place, slot)? {
                chosen = value;
            }
        }
        let mut options = node.widgets.iter().filter(|widget| matches!(widget.role, WidgetRole::ChoiceOption));
        let index = options.position(|option| option.value.same(chosen));
        Ok(Entry::Value(Value::Raw(index.map_or("-1", |index| self.graphs.arena.number(index)))))
    }

    /// Resolves `%date:…%` and `%Node.widget%`.
    fn file_name(&mut self, place: NodeRef, text: &str) -> Result<String, ConvertError> {
        let mut unresolved: Vec<(String, &str)> = Vec::new();
        let graphs = self.graphs;
        let now = self.options.now.as_ref();
        let names = &mut self.names;
        let resolved = file_names::replace_patterns(text, &mut |pattern| {
            let (value, why) = match pattern.split_once('.') {
                Some((name, widget)) if !widget.contains('.') => {
                    let names = names.get_or_insert_with(|| Names::read(graphs, graphs.root()));
                    (names.value(graphs, name, widget), "there is no such node, or it has no such widget")
                }
                split => {
                    let first = split.map_or(pattern, |(first, _)| first);
                    match (first.strip_prefix("date:"), now) {
                        (Some(date), Some(now)) => (Some(file_names::format_date(date, now)), ""),
                        (Some(_), None) => (None, "no time was given"),
                        (None, _) => (None, "there is no such pattern"),
                    }
                }
            };
            if value.is_none() && !matches!(pattern, "width" | "height") {
                unresolved.push((pattern.to_owned(), why));
            }
            value
        });
        for (pattern, why) in unresolved {
            self.warn(place, "filename_prefix", "file_name", &["%", &pattern, "% stays as it is: ", why]);
        }
        resolved.ok_or_else(|| ConvertError::BadValue {
            node: self.expansion.id(self.graphs, place),
            input: "filename_prefix".to_owned(),
            what: file_names::TOO_LONG,
        })
    }
}
