//! Writes the prompt (rules P4, P5, P6).
//!
//! Widget values first: lists become `{"__value__": […]}`, a CURVE `{"__type__": "CURVE", "__value__": …}`, texts are
//! resolved, seeds are left alone. Then links, over the values; a link whose origin does not reach the prompt takes the
//! input away.

mod widget_values;

use crate::text::index::{FEW, Index};
use crate::workflow::export::check;
use crate::workflow::export::conversion::{Chosen, Prompt, Warning};
use crate::workflow::export::dropped;
use crate::workflow::export::dynamic_prompts::Chooser;
use crate::workflow::export::expand::{Expansion, NodeRef, Scope};
use crate::workflow::export::node_names::Names;
use crate::workflow::export::options::ConvertOptions;
use crate::workflow::export::resolve::{Missing, Resolved, Resolver};
use crate::workflow::export::unknown_types;
use crate::workflow::export::warnings::Warnings;
use crate::workflow::model::error::ConvertError;
use crate::workflow::model::graph::Graphs;
use crate::workflow::model::json;
use crate::workflow::model::node::{Mode, Node, Role};
use crate::workflow::model::spec::Spec;
use crate::workflow::model::value::Value;
use crate::workflow::packs;

/// The largest prompt, in bytes: subgraphs multiply the values inside of them.
const MAX_PROMPT: usize = 64_000_000;

/// What an input of the prompt is.
#[derive(Clone, Copy)]
enum Entry<'d> {
    Value(Value<'d>),
    Curve(Value<'d>),
    Link(NodeRef, Value<'d>),
    /// Left out.
    Absent,
}

/// An input of the prompt by name, and the input of the class that its value belongs to.
type Named<'d> = (&'d str, Entry<'d>, Option<&'d Spec>);

struct Writer<'g, 'd> {
    graphs: &'g Graphs<'d>,
    expansion: &'g Expansion,
    resolver: Resolver<'g, 'd>,
    options: &'g ConvertOptions,
    chooser: Chooser,
    names: Option<Names<'d>>,
    warnings: Warnings,
    /// From each node of the prompt to the nodes that it needs.
    links: Vec<(NodeRef, NodeRef)>,
    /// Nodes whose class makes results.
    outputs: Vec<NodeRef>,
    chosen: Vec<Chosen>,
}

/// Writes the prompt of a loaded workflow.
pub(crate) fn write(
    graphs: &Graphs,
    expansion: &Expansion,
    options: &ConvertOptions,
) -> Result<(Prompt, Vec<Warning>, Vec<Chosen>), ConvertError> {
    if !options.allow_unknown {
        unknown_types::refuse(graphs, expansion)?;
    }
    let mut writer = Writer {
        graphs,
        expansion,
        resolver: Resolver::new(graphs, expansion),
        options,
        chooser: Chooser::new(options.random),
        names: None,
        warnings: Warnings::default(),
        links: Vec::new(),
        outputs: Vec::new(),
        chosen: Vec::new(),
    };
    writer.warn_of_notes();
    let mut prompt = Prompt { json: String::from("{"), nodes: 0 };
    for place in distinct(graphs, expansion) {
        let node = expansion.node(graphs, place);
        if dropped::reason(node).is_none() {
            if prompt.nodes > 0 {
                prompt.json.push(',');
            }
            prompt.nodes += 1;
            if matches!(node.role, Role::Class(class) if class.is_output) {
                writer.outputs.push(place);
            }
            writer.node(place, node, &mut prompt.json)?;
        }
    }
    prompt.json.push('}');
    let warnings = writer.warnings.of_needed_nodes(graphs, expansion, &writer.links, writer.outputs);
    Ok((prompt, warnings, writer.chosen))
}

/// All nodes, without those whose id a later one has too.
fn distinct(graphs: &Graphs, expansion: &Expansion) -> Vec<NodeRef> {
    let mut places = expansion.order.clone();
    // An id with a colon in the file itself can be that of a node inside of an instance; the later one counts.
    if expansion.scopes.len() > 1 && places.iter().any(|place| expansion.node(graphs, *place).id.contains(':')) {
        let ids: Vec<String> = places.iter().map(|place| expansion.id(graphs, *place)).collect();
        let index = Index::new(ids.iter().map(String::as_str));
        let mut at = 0;
        places.retain(|_| {
            at += 1;
            index.all(&ids[at - 1]).last().is_none_or(|(_, last)| *last == at - 1)
        });
    }
    places
}

impl<'g, 'd> Writer<'g, 'd> {
    /// Turns the notes about nodes of a graph into warnings, one for each place of the graph.
    fn warn_of_notes(&mut self) {
        let graphs = self.graphs;
        if graphs.notes.is_empty() {
            return;
        }
        let mut scopes: Vec<Vec<usize>> = vec![Vec::new(); graphs.graphs.len()];
        for (scope, Scope { graph, .. }) in self.expansion.scopes.iter().enumerate() {
            scopes[*graph].push(scope);
        }
        for note in &graphs.notes {
            for scope in &scopes[note.graph] {
                if self.warnings.is_full() {
                    return;
                }
                self.warn((*scope, note.node), &note.input, note.rule, &[&note.message]);
                if let (Some(warning), Some(pack)) = (self.warnings.last(), note.pack) {
                    warning.pack = Some(pack.to_owned());
                }
            }
        }
    }

    fn node(&mut self, place: NodeRef, node: &Node<'d>, out: &mut String) -> Result<(), ConvertError> {
        let mut entries: Vec<Named<'d>> = Vec::with_capacity(node.widgets.len() + node.inputs.len());
        let pack = packs::for_class(node.class_type);
        for widget in &node.widgets {
            if widget.prompt && !widget.name.is_empty() {
                let before = self.chooser.choices;
                let entry = self.widget(place, node, widget, pack)?;
                if let (Entry::Value(value), true) = (entry, self.chooser.choices > before) {
                    let node = self.expansion.id(self.graphs, place);
                    let mut text = String::new();
                    value.write(&mut text);
                    self.chosen.push(Chosen { node, input: widget.name.to_owned(), value: text });
                }
                // Values of packs need not fit the class.
                let spec = widget.spec.filter(|_| pack.is_none());
                entries.push((widget.name, entry, spec));
            }
        }
        for (slot, input) in node.inputs.iter().enumerate() {
            if input.link.is_none() {
                continue;
            }
            let given = self.resolver.input(place, slot)?;
            if let Some(entry) = self.given(place, input.name, input.widget.is_some(), given) {
                let spec = match entry {
                    Entry::Value(_) => node.widget_of(input).and_then(|at| node.widgets[at].spec),
                    _ => None,
                };
                entries.push((input.name, entry, spec));
            }
        }
        self.write_node(place, node, &entries, out)
    }

    /// The entry that a link gives an input; `None` where the input keeps its own value.
    fn given(&mut self, place: NodeRef, name: &str, has_widget: bool, given: Resolved<'d>) -> Option<Entry<'d>> {
        let why = match given {
            Resolved::Value(value) => return Some(Entry::Value(value)),
            Resolved::Output(origin, slot) => {
                let node = self.expansion.node(self.graphs, origin);
                if node.mode == Mode::Active && matches!(node.role, Role::Class(_)) {
                    return Some(Entry::Link(origin, slot));
                }
                let origin = self.expansion.id(self.graphs, origin);
                self.warn(
                    place,
                    name,
                    "unknown_type",
                    &["left out: it comes from node ", &origin, ", whose type is unknown"],
                );
                return Some(Entry::Absent);
            }
            Resolved::Nothing(Missing::Setter) => {
                let kept = if has_widget { "its own value counts" } else { "left out" };
                self.warn(place, name, "setter", &[kept, ": it comes from a Get node whose Set node is not there"]);
                return if has_widget { None } else { Some(Entry::Absent) };
            }
            Resolved::Nothing(_) if has_widget => return None,
            Resolved::Nothing(Missing::Unlinked) => return None,
            Resolved::Nothing(Missing::Muted) => "left out: it comes from a muted node",
            Resolved::Nothing(Missing::Bypass) => {
                "left out: it comes through a bypassed node that has no input of a fitting type"
            }
        };
        // An optional input without a source was switched off by the user.
        if check::requires(self.expansion.node(self.graphs, place), name) {
            self.warn_if_reached(place, name, "link", why);
        }
        Some(Entry::Absent)
    }

    fn write_node(
        &mut self,
        place: NodeRef,
        node: &Node,
        entries: &[Named],
        out: &mut String,
    ) -> Result<(), ConvertError> {
        json::write_string(&self.expansion.id(self.graphs, place), out);
        out.push_str(":{\"inputs\":{");
        // Of entries of the same name the last counts: links come after values.
        let index = (entries.len() > FEW).then(|| Index::new(entries.iter().map(|(name, ..)| *name)));
        let is_last = |at: usize, name: &str| match &index {
            Some(index) => index.all(name).last().is_some_and(|(_, last)| *last == at),
            None => entries.iter().skip(at + 1).all(|(other, ..)| *other != name),
        };
        let mut first = true;
        for (at, (name, entry, spec)) in entries.iter().enumerate() {
            if !is_last(at, name) {
                continue;
            }
            if let (Entry::Value(value), Some(spec)) = (entry, spec)
                && let Some((rule, message)) = check::value(spec, *value)
            {
                self.warn_if_reached(place, name, rule, &message);
            }
            if matches!(entry, Entry::Absent | Entry::Value(Value::Undefined)) {
                continue;
            }
            if !first {
                out.push(',');
            }
            first = false;
            json::write_string(name, out);
            out.push(':');
            let (before, value, after) = match *entry {
                Entry::Value(value) if value.is_list() => ("{\"__value__\":", value, "}"),
                Entry::Value(value) => ("", value, ""),
                Entry::Curve(value) => ("{\"__type__\":\"CURVE\",\"__value__\":", value, "}"),
                Entry::Link(origin, slot) => {
                    self.links.push((place, origin));
                    out.push('[');
                    json::write_string(&self.expansion.id(self.graphs, origin), out);
                    (",", slot, "]")
                }
                Entry::Absent => continue,
            };
            out.push_str(before);
            value.write(out);
            out.push_str(after);
        }
        let is_given = |name: &str| match &index {
            Some(index) => index.first(name).is_some(),
            None => entries.iter().any(|(other, ..)| *other == name),
        };
        check::open_sockets(node, &is_given, &mut |name| {
            self.warn_if_reached(place, name, "required", "nothing is linked to it, and the server wants it");
        });
        out.push_str("},\"class_type\":");
        json::write_string(if let Role::Class(class) = node.role { &class.sent } else { node.class_type }, out);
        out.push_str(",\"_meta\":{\"title\":");
        json::write_string(node.title, out);
        out.push_str("}}");
        if out.len() > MAX_PROMPT {
            return Err(ConvertError::TooLarge("the prompt is larger than 64 MB"));
        }
        Ok(())
    }

    /// Warns only if a result depends on the node, because a server ignores other nodes.
    fn warn_if_reached(&mut self, place: NodeRef, input: &str, rule: &'static str, message: &str) {
        self.warnings.expect_condition(place);
        self.warn(place, input, rule, &[message]);
    }

    fn warn(&mut self, place: NodeRef, input: &str, rule: &'static str, message: &[&str]) {
        if self.warnings.is_full() {
            return;
        }
        let node = self.expansion.id(self.graphs, place);
        let pack = packs::pack_of(self.expansion.node(self.graphs, place)).map(str::to_owned);
        self.warnings.push(Warning { node, input: input.to_owned(), rule, message: message.concat(), pack });
    }
}
