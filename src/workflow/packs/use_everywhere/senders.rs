//! What is broadcast, and to which inputs (`use_everywhere_classes.js`).
//!
//! - Active nodes of the pack send what each of their inputs is linked to, followed through bypassed nodes by type; any
//!   node with `ue_convert` sends its outputs, without those in `output_not_broadcasting`. What comes from a muted node
//!   is not sent.
//! - The type must be the same; `send_to_any` sends to inputs of any type, too, and `string_to_combo` a STRING to a
//!   COMBO, which the editor then refuses to link. Nothing is sent to the node that it comes from.
//! - Title of the node, name of the input, and area.
//! - Of two inputs with the same type, or with `apply_to_unrepeated`, the name of each must agree with the input that
//!   receives, by `repeated_type_rule`.
//! - Priority: `priority`, or 10, and 10 more for Prompts Everywhere, 20 with a regular expression or two of one type, 3
//!   with a group, 6 with a colour.
//!
//! A regular expression that JavaScript refuses is none. Older Seed Everywhere nodes have their seed where the title is
//! expected, and so does the pack take it.

use crate::workflow::model::graph::{Graph, Graphs};
use crate::workflow::model::link::End;
use crate::workflow::model::node::{Mode, Node};
use crate::workflow::model::value::Value;
use crate::workflow::packs::use_everywhere::area::{Area, Pattern};
use crate::workflow::packs::use_everywhere::budget::{Budget, TooMuchWork};
use crate::workflow::packs::use_everywhere::nodes::is_own;
use crate::workflow::packs::use_everywhere::properties::{broadcasts, of_sender};
use crate::workflow::packs::use_everywhere::receivers::Receiver;
use crate::workflow::packs::use_everywhere::regex::{Refused, Regex};
use crate::workflow::packs::use_everywhere::sources::{Source, is_seed, repeated, sources};

/// The broadcasts of a graph.
pub(super) struct Senders<'g, 'd> {
    graph: &'g Graph<'d>,
    nodes: Vec<Sender<'d>>,
    pub broadcasts: Vec<Broadcast<'d>>,
}

/// A node that sends.
struct Sender<'d> {
    node: usize,
    title: Option<Pattern>,
    input: Option<Pattern>,
    area: Area<'d>,
    priority: f64,
    to_combo: bool,
    to_any: bool,
}

/// One thing that a node sends.
pub(super) struct Broadcast<'d> {
    sender: usize,
    ty: &'d str,
    pub origin: End,
    pub slot: usize,
    label: Option<Label<'d>>,
}

/// How the name of what is sent must agree with the input that gets it.
enum Label<'d> {
    Equal(&'d str),
    Start(&'d str),
    End(&'d str),
    /// With the title of the node.
    Title(&'d str),
    Regex(Regex),
}

impl<'g, 'd> Senders<'g, 'd> {
    pub fn find(
        graphs: &'g Graphs<'d>,
        at: usize,
        budget: &mut Budget,
        note: &mut dyn FnMut(usize, String, String),
    ) -> Result<Self, TooMuchWork> {
        let graph = &graphs.graphs[at];
        let mut senders = Senders { graph, nodes: Vec::new(), broadcasts: Vec::new() };
        for node_at in (0..graph.nodes.len()).filter(|at| broadcasts(&graph.nodes[*at])) {
            let sources = sources(graph, node_at, budget)?;
            if let Err(error) = senders.add(graphs, at, node_at, &sources, budget) {
                match error {
                    Problem::TooMuchWork => return Err(TooMuchWork),
                    Problem::Regex(text, why) => {
                        let message =
                            ["sends nothing: its regular expression ", text, " is not followed, ", why].concat();
                        note(node_at, String::new(), message);
                    }
                }
            }
        }
        Ok(senders)
    }

    fn add(
        &mut self,
        graphs: &Graphs<'d>,
        at: usize,
        node_at: usize,
        sources: &[Source<'d>],
        budget: &mut Budget,
    ) -> Result<(), Problem<'d>> {
        let node = &self.graph.nodes[node_at];
        let number = |name: &str| Value::Json(of_sender(node, name)).arithmetic();
        let is_seed = is_seed(node);
        let mut input = pattern(node, "input")?;
        if input.is_none() && node.class_type == "Seed Everywhere" && !of_sender(node, "input_regex").truthy() {
            input = Regex::new("seed").ok().map(|regex| Pattern { regex, invert: false });
        }
        let group = pattern(node, "group")?;
        let repeats = repeated(sources);
        let area = Area::of(graphs, at, node_at, group.as_ref(), budget)?;
        let has_repeats = repeats.contains(&true);
        let own_priority = number("priority");
        let sender = Sender {
            node: node_at,
            title: pattern(node, "title")?,
            input,
            area,
            priority: if own_priority == 0.0 || own_priority.is_nan() {
                default_priority(node, has_repeats)
            } else {
                own_priority
            },
            to_combo: number("string_to_combo") > 0.0,
            to_any: number("send_to_any") > 0.0,
        };
        let rule = number("repeated_type_rule");
        let to_unrepeated = of_sender(node, "apply_to_unrepeated").truthy();
        let mut broadcasts = Vec::new();
        for (source, repeats) in sources.iter().zip(repeats) {
            let is_restricted = !is_seed && (to_unrepeated || repeats);
            let label = if is_restricted { label(rule, source.name)? } else { None };
            let is_live = match source.origin {
                End::Node(node) => self.graph.nodes[node].mode == Mode::Active,
                End::Boundary => true,
                End::Missing => false,
            };
            if is_live {
                let (ty, origin, slot) = (source.ty, source.origin, source.slot);
                broadcasts.push(Broadcast { sender: self.nodes.len(), ty, origin, slot, label });
            }
        }
        self.broadcasts.append(&mut broadcasts);
        self.nodes.push(sender);
        Ok(())
    }

    fn sender(&self, broadcast: usize) -> &Sender<'d> {
        &self.nodes[self.broadcasts[broadcast].sender]
    }

    /// The node that sends.
    pub fn controller(&self, broadcast: usize) -> usize {
        self.sender(broadcast).node
    }

    pub fn priority(&self, broadcast: usize) -> f64 {
        self.sender(broadcast).priority
    }

    /// The types of inputs that a broadcast can go to.
    pub fn received_as(&self, broadcast: usize) -> impl Iterator<Item = &'d str> {
        let (sender, ty) = (self.sender(broadcast), self.broadcasts[broadcast].ty);
        let to_any = (sender.to_any && ty != "*").then_some("*");
        let to_combo = (sender.to_combo && ty == "STRING").then_some("COMBO");
        [Some(ty), to_any, to_combo].into_iter().flatten()
    }

    /// Whether a broadcast goes to an input whose type it can go to.
    pub fn matches(&self, at: usize, to: &Receiver, budget: &mut Budget) -> Result<bool, TooMuchWork> {
        let broadcast = &self.broadcasts[at];
        let sender = &self.nodes[broadcast.sender];
        budget.spend(1 + to.label.len() + to.title.len())?;
        let agrees = match &broadcast.label {
            None => true,
            Some(Label::Equal(name)) => *name == to.label,
            Some(Label::Start(name)) => agree(name.encode_utf16(), to.label.encode_utf16()),
            Some(Label::End(name)) => {
                let reversed = |text: &str| text.encode_utf16().collect::<Vec<_>>().into_iter().rev();
                agree(reversed(name), reversed(to.label))
            }
            Some(Label::Title(name)) => to.end != End::Boundary && *name == to.title,
            Some(Label::Regex(regex)) => regex.is_match(to.label, budget)?,
        };
        let in_area = match to.end {
            End::Node(node) => sender.area.has(self.graph, node),
            _ => sender.area.is_everywhere(),
        };
        if !agrees || !in_area || to.end == broadcast.origin && broadcast.origin != End::Boundary {
            return Ok(false);
        }
        for (pattern, text) in [(&sender.title, to.title), (&sender.input, to.shown)] {
            if let Some(pattern) = pattern {
                if !pattern.is_match(text, budget)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// Why a node cannot send.
enum Problem<'d> {
    TooMuchWork,
    Regex(&'d str, &'static str),
}

impl From<TooMuchWork> for Problem<'_> {
    fn from(_: TooMuchWork) -> Self {
        Problem::TooMuchWork
    }
}

/// Whether one begins with the other.
fn agree(a: impl Iterator<Item = u16>, b: impl Iterator<Item = u16>) -> bool {
    a.zip(b).all(|(a, b)| a == b)
}

/// A regular expression among the properties.
fn pattern<'d>(node: &Node<'d>, name: &str) -> Result<Option<Pattern>, Problem<'d>> {
    let text = of_sender(node, &[name, "_regex"].concat());
    if !text.truthy() || text.str() == Some(".*") {
        return Ok(None);
    }
    let text = text.text(node.arena);
    let invert = of_sender(node, &[name, "_regex_invert"].concat()).truthy();
    match Regex::new(text) {
        Ok(regex) => Ok(Some(Pattern { regex, invert })),
        Err(Refused::Invalid) => Ok(None),
        Err(Refused::Unsupported(why)) => Err(Problem::Regex(shortened(text), why)),
    }
}

/// The beginning of a text.
fn shortened(text: &str) -> &str {
    text.char_indices().nth(100).map_or(text, |(end, _)| &text[..end])
}

fn label<'d>(rule: f64, name: &'d str) -> Result<Option<Label<'d>>, Problem<'d>> {
    Ok(Some(match rule {
        1.0 => Label::Start(name),
        2.0 => Label::End(name),
        3.0 => Label::Title(name),
        4.0 => match Regex::new(name) {
            Ok(regex) => Label::Regex(regex),
            Err(Refused::Invalid) => return Err(Problem::Regex(shortened(name), "it is invalid")),
            Err(Refused::Unsupported(why)) => return Err(Problem::Regex(shortened(name), why)),
        },
        rule if rule == 0.0 || rule.is_nan() => Label::Equal(name),
        _ => return Ok(None),
    }))
}

fn default_priority(node: &Node, has_repeats: bool) -> f64 {
    let has = |name: &str| {
        match of_sender(node, name).str() {
            None | Some("") => false,
            // The pack clears this one on its own nodes.
            Some(".*") => !is_own(node),
            Some(_) => true,
        }
    };
    let names = ["title_regex", "input_regex", "group_regex", "prompt_regex", "negative_regex"];
    let is_seed = node.class_type == "Seed Everywhere";
    let is_restricted = |name: &str| Value::Json(of_sender(node, name)).arithmetic() > 0.0;
    let mut priority = 10.0;
    for (more, applies) in [
        (10.0, node.class_type == "Prompts Everywhere"),
        (20.0, is_seed || has_repeats || names.into_iter().any(has)),
        (3.0, is_restricted("group_restricted")),
        (6.0, is_restricted("color_restricted")),
    ] {
        priority += if applies { more } else { 0.0 };
    }
    priority
}
