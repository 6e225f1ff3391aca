//! The prompt is written (rules P4, P5).
//!
//! Widget values first: lists become `{"__value__": […]}`, a CURVE `{"__type__": "CURVE", "__value__": …}`, texts are
//! resolved, seeds are left alone. Then links, over the values; a link whose origin does not reach the prompt takes the
//! input away.

use std::borrow::Cow;
use std::collections::HashMap;

use super::convert::{ConvertOptions, Prompt, Warning};
use super::dropped;
use super::error::{ConvertError, UnknownType};
use super::expand::{Expansion, Place};
use super::graph::Graphs;
use super::json::{self, Json};
use super::names::Names;
use super::node::{Mode, Node, Role};
use super::resolve::{Given, Nothing, Resolver};
use super::text::{self, Chooser};
use super::widgets::{Widget, WidgetRole};

/// The savers whose `filename_prefix` is resolved.
pub(crate) const SAVERS: [&str; 20] = [
    "SaveImage",
    "SaveImageAdvanced",
    "SaveSVGNode",
    "SaveVideo",
    "SaveAnimatedWEBP",
    "SaveWEBM",
    "SaveAudio",
    "SaveAudioMP3",
    "SaveAudioOpus",
    "SaveAudioAdvanced",
    "SaveGLB",
    "Save3DAdvanced",
    "SaveGaussianSplat",
    "SavePointCloud",
    "SaveAnimatedPNG",
    "CLIPSave",
    "VAESave",
    "ModelSave",
    "LoraSave",
    "SaveLatent",
];

/// What an input of the prompt is.
enum Entry<'g, 'd> {
    Value(Cow<'g, Json<'d>>),
    Curve(&'g Json<'d>),
    Link(Place, &'g Json<'d>),
    /// Left out.
    Absent,
}

struct Writer<'g, 'd> {
    graphs: &'g Graphs<'d>,
    expansion: &'g Expansion,
    resolver: Resolver<'g, 'd>,
    options: &'g ConvertOptions,
    chooser: Chooser,
    names: Option<Names<'d>>,
    warnings: Vec<Warning>,
}

/// Writes the prompt of a loaded workflow.
pub(crate) fn write(
    graphs: &Graphs,
    expansion: &Expansion,
    options: &ConvertOptions,
) -> Result<(Prompt, Vec<Warning>), ConvertError> {
    let unknown = dropped::unknown(graphs, expansion);
    if !unknown.is_empty() && !options.allow_unknown {
        return Err(unknown_types(graphs, expansion, &unknown));
    }
    let mut writer = Writer {
        graphs,
        expansion,
        resolver: Resolver::new(graphs, expansion),
        options,
        chooser: Chooser::new(options.random),
        names: None,
        warnings: Vec::new(),
    };
    let mut prompt = Prompt { json: String::from("{"), nodes: 0 };
    for place in distinct(graphs, expansion) {
        let node = expansion.node(graphs, place);
        if dropped::reason(node).is_none() {
            if prompt.nodes > 0 {
                prompt.json.push(',');
            }
            prompt.nodes += 1;
            writer.node(place, node, &mut prompt.json)?;
        }
    }
    prompt.json.push('}');
    Ok((prompt, writer.warnings))
}

/// All places, without those whose id another takes.
fn distinct(graphs: &Graphs, expansion: &Expansion) -> Vec<Place> {
    let mut places = expansion.order.clone();
    // An id with a colon in the file itself can be that of a node inside of an instance.
    if expansion.frames.len() > 1 && places.iter().any(|place| expansion.node(graphs, *place).id.contains(':')) {
        let mut by_id: HashMap<String, usize> = HashMap::new();
        let mut taken = vec![false; places.len()];
        for (at, place) in places.iter().enumerate() {
            if let Some(earlier) = by_id.insert(expansion.id(graphs, *place), at) {
                taken[earlier] = true;
            }
        }
        let mut taken = taken.into_iter();
        places.retain(|_| !taken.next().unwrap_or(false));
    }
    places
}

fn unknown_types(graphs: &Graphs, expansion: &Expansion, places: &[Place]) -> ConvertError {
    let mut types: Vec<UnknownType> = Vec::new();
    let mut at: HashMap<&str, usize> = HashMap::new();
    for place in places {
        let class_type = expansion.node(graphs, *place).class_type;
        let at = *at.entry(class_type).or_insert_with(|| {
            types.push(UnknownType { class_type: class_type.to_owned(), nodes: Vec::new() });
            types.len() - 1
        });
        types[at].nodes.push(expansion.id(graphs, *place));
    }
    ConvertError::UnknownTypes(types)
}

impl<'g, 'd> Writer<'g, 'd> {
    fn node(&mut self, place: Place, node: &'g Node<'d>, out: &mut String) -> Result<(), ConvertError> {
        let mut entries: Vec<(&'g str, Entry<'g, 'd>)> = Vec::with_capacity(node.widgets.len() + node.inputs.len());
        for widget in &node.widgets {
            if widget.prompt && !widget.name.is_empty() {
                let entry = self.widget(place, node, widget)?;
                entries.push((&widget.name, entry));
            }
        }
        let values = entries.len();
        for (slot, input) in node.inputs.iter().enumerate() {
            if input.link.is_none() {
                continue;
            }
            let entry = match self.resolver.input(place, slot)? {
                Given::Output(origin, slot) if self.reaches(origin) => Entry::Link(origin, slot),
                Given::Output(origin, _) => {
                    let origin = self.expansion.id(self.graphs, origin);
                    self.warn(
                        place,
                        &input.name,
                        "unknown_type",
                        &["it came from node ", &origin, ", which is left out because its type is unknown"],
                    );
                    Entry::Absent
                }
                Given::Value(value) => value.map_or(Entry::Absent, |value| Entry::Value(Cow::Borrowed(value))),
                Given::Nothing(nothing) => {
                    let why = match nothing {
                        Nothing::Unlinked => continue,
                        Nothing::Muted => "it comes from a muted node",
                        Nothing::Bypass => "it comes through a bypassed node that has no input of a fitting type",
                    };
                    if input.widget.is_none() {
                        self.warn(place, &input.name, "link", &["the input is left out: ", why]);
                    }
                    continue;
                }
            };
            // Over the value of the same name; among links the last counts.
            let same = |(name, _): &(&str, Entry)| *name == input.name;
            let earlier = if input.widget.is_some() { entries[..values].iter().position(same) } else { None };
            match earlier.or_else(|| entries.iter().position(same).filter(|_| entries.len() < 64)) {
                Some(at) => entries[at].1 = entry,
                None => entries.push((&input.name, entry)),
            }
        }
        self.write_node(place, node, &entries, out);
        Ok(())
    }

    fn write_node(&self, place: Place, node: &Node, entries: &[(&str, Entry)], out: &mut String) {
        let mut id = String::new();
        self.expansion.write_id(self.graphs, place, &mut id);
        json::write_string(&id, out);
        out.push_str(":{\"inputs\":{");
        let mut first = true;
        for (name, entry) in entries {
            if matches!(entry, Entry::Absent) {
                continue;
            }
            if !first {
                out.push(',');
            }
            first = false;
            json::write_string(name, out);
            out.push(':');
            match entry {
                Entry::Value(value) if matches!(**value, Json::Array(_)) => {
                    out.push_str("{\"__value__\":");
                    value.write(out);
                    out.push('}');
                }
                Entry::Value(value) => value.write(out),
                Entry::Curve(value) => {
                    out.push_str("{\"__type__\":\"CURVE\",\"__value__\":");
                    value.write(out);
                    out.push('}');
                }
                Entry::Link(origin, slot) => {
                    id.clear();
                    self.expansion.write_id(self.graphs, *origin, &mut id);
                    out.push('[');
                    json::write_string(&id, out);
                    out.push(',');
                    slot.write(out);
                    out.push(']');
                }
                Entry::Absent => {}
            }
        }
        out.push_str("},\"class_type\":");
        json::write_string(node.class_type, out);
        out.push_str(",\"_meta\":{\"title\":");
        json::write_string(node.title, out);
        out.push_str("}}");
    }

    fn reaches(&self, place: Place) -> bool {
        let node = self.expansion.node(self.graphs, place);
        node.mode == Mode::Active && matches!(node.role, Role::Class(_))
    }

    fn widget(
        &mut self,
        place: Place,
        node: &'g Node<'d>,
        widget: &'g Widget<'d>,
    ) -> Result<Entry<'g, 'd>, ConvertError> {
        if matches!(widget.role, WidgetRole::ChoiceIndex) {
            return self.choice_index(place, node);
        }
        let Some(value) = widget.value.as_deref() else {
            return Ok(Entry::Absent);
        };
        let resolved = match (widget.role, value) {
            (WidgetRole::Curve, value) if !value.is_null() => return Ok(Entry::Curve(value)),
            (WidgetRole::Dynamic(_), Json::String(text)) => text::resolve_dynamic(text, &mut self.chooser),
            (_, Json::String(text))
                if widget.name == "filename_prefix" && text.contains('%') && SAVERS.contains(&node.class_type) =>
            {
                Some(self.file_name(place, text))
            }
            _ => None,
        };
        Ok(Entry::Value(match resolved {
            Some(text) => Cow::Owned(Json::String(Cow::Owned(text))),
            None => Cow::Borrowed(value),
        }))
    }

    /// CustomCombo: where its choice stands among its options.
    fn choice_index(&mut self, place: Place, node: &'g Node<'d>) -> Result<Entry<'g, 'd>, ConvertError> {
        let Some(choice) = node.widgets.first() else {
            return Ok(Entry::Absent);
        };
        let mut chosen = choice.value.as_deref();
        if let Some(slot) = node.inputs.iter().position(|input| input.widget.as_deref() == Some(&*choice.name)) {
            if let Given::Value(value) = self.resolver.input(place, slot)? {
                chosen = value;
            }
        }
        let mut options = node.widgets.iter().filter(|widget| matches!(widget.role, WidgetRole::ChoiceOption));
        let index = options.position(|option| option.value.as_deref() == chosen);
        Ok(Entry::Value(Cow::Owned(json::from_f64(index.map_or(-1.0, |index| index as f64)))))
    }

    /// Resolves `%date:…%` and `%Node.widget%`.
    fn file_name(&mut self, place: Place, text: &str) -> String {
        text::replace_patterns(text, |pattern| {
            let mut parts = pattern.split('.');
            let (first, second, third) = (parts.next().unwrap_or(""), parts.next(), parts.next());
            let (Some(widget), None) = (second, third) else {
                let Some(date) = first.strip_prefix("date:") else {
                    if !matches!(pattern, "width" | "height") {
                        self.warn_pattern(place, pattern, "there is no such pattern");
                    }
                    return None;
                };
                if self.options.now.is_none() {
                    self.warn_pattern(place, pattern, "no time was given");
                }
                return Some(text::format_date(date, self.options.now.as_ref()?));
            };
            let graphs = self.graphs;
            let names = self.names.get_or_insert_with(|| Names::read(graphs, graphs.root()));
            let value = names.value(graphs, first, widget);
            if value.is_none() {
                self.warn_pattern(place, pattern, "there is no such node, or it has no such widget");
            }
            value
        })
    }

    fn warn_pattern(&mut self, place: Place, pattern: &str, why: &str) {
        self.warn(place, "filename_prefix", "file_name", &["%", pattern, "% stays as it is: ", why]);
    }

    fn warn(&mut self, place: Place, input: &str, rule: &'static str, message: &[&str]) {
        self.warnings.push(Warning {
            node: self.expansion.id(self.graphs, place),
            input: input.to_owned(),
            rule,
            message: message.concat(),
        });
    }
}
