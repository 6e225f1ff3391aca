//! Links inside one graph: from which output to which input.
//!
//! Rule L2: the link table is the truth. At most one link ends at an input: of several the first stays, unless only a
//! later one is named by an input; of links with the same id the first. Rule L3: an input of the file that names a link
//! says where it ends, by the input's name, because sockets may stand elsewhere now; a link that no input names ends at
//! the slot number of the table.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::dynamic::group_of;
use super::file::{LinkRow, id_text};
use super::graph::Graph;
use super::json::Json;
use super::node::Node;

/// The id by which the links of a definition name its inputs, and its outputs.
const INPUTS: &str = "-10";
const OUTPUTS: &str = "-20";

/// One end of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Node(usize),
    /// The inputs, or the outputs, of the subgraph itself.
    Boundary,
    Missing,
}

/// A link.
pub(crate) struct Link<'d> {
    /// Orders the links of an output.
    pub order: u64,
    pub origin: End,
    /// As the file writes it, which is how it reaches the prompt.
    pub origin_slot: Cow<'d, Json<'d>>,
    pub target: End,
    /// The input where it ends now; for the subgraph's outputs the slot of the table.
    pub target_slot: Option<usize>,
    /// Cut.
    pub gone: bool,
}

impl Link<'_> {
    pub fn origin_index(&self) -> Option<usize> {
        self.origin_slot.index()
    }
}

/// Reads a link table. `referenced` are the ids that inputs name.
pub(crate) fn read<'d>(
    graph: &mut Graph<'d>,
    rows: impl Iterator<Item = LinkRow<'d>>,
    referenced: HashSet<Cow<'d, str>>,
    is_definition: bool,
) {
    let mut by_target: HashMap<(Cow<'d, str>, usize), usize> = HashMap::new();
    let mut names: Vec<Cow<'d, str>> = Vec::new();
    for row in rows {
        if graph.link_ids.contains_key(&row.id) {
            continue;
        }
        let end = |id: &Cow<'d, str>, boundary: &str| match graph.by_id.get(id) {
            _ if is_definition && id == boundary => End::Boundary,
            Some(at) => End::Node(*at),
            None => End::Missing,
        };
        let link = Link {
            order: row.id.parse().unwrap_or(u64::MAX),
            origin: end(&row.origin, INPUTS),
            origin_slot: Cow::Borrowed(row.origin_slot),
            target: end(&row.target, OUTPUTS),
            target_slot: Some(row.target_slot),
            gone: false,
        };
        match by_target.get(&(row.target.clone(), row.target_slot)).copied() {
            Some(at) => {
                let same = graph.links[at].origin == link.origin && graph.links[at].origin_slot == link.origin_slot;
                if !same && referenced.contains(&row.id) && !referenced.contains(&names[at]) {
                    graph.links[at] = link;
                    names[at] = row.id.clone();
                }
                // Whoever names the one that goes means the one that stays.
                graph.link_ids.insert(row.id, at);
            }
            None => {
                by_target.insert((row.target, row.target_slot), graph.links.len());
                graph.link_ids.insert(row.id.clone(), graph.links.len());
                graph.links.push(link);
                names.push(row.id);
            }
        }
    }
}

/// For each node, the links that end at it and their slots.
pub(crate) fn ends_by_node(graph: &Graph) -> Vec<Vec<(usize, usize)>> {
    let mut ends: Vec<Vec<(usize, usize)>> = vec![Vec::new(); graph.nodes.len()];
    for (at, link) in graph.links.iter().enumerate() {
        if let (End::Node(node), Some(slot)) = (link.target, link.target_slot) {
            ends[node].push((at, slot));
        }
    }
    ends
}

/// Puts links onto the inputs at the slots of the table. Those beyond the last input are left in `ends`.
pub(crate) fn attach(node: &mut Node, ends: &mut Vec<(usize, usize)>) {
    ends.retain(|(link, slot)| match node.inputs.get_mut(*slot) {
        Some(input) => {
            input.link = Some(*link);
            false
        }
        None => true,
    });
}

/// Moves the links of a node to the inputs whose names the file has for them (rule L3). `counts` says which of the
/// file's inputs take part, `dangling` are links beyond the last input.
pub(crate) fn follow<'d>(
    node: &mut Node<'d>,
    dangling: &mut Vec<(usize, usize)>,
    link_ids: &HashMap<Cow<'d, str>, usize>,
    counts: impl Fn(&Node<'d>, &str) -> bool,
) {
    // The names that the file has for each link that ends at this node.
    let here: HashSet<usize> =
        node.inputs.iter().filter_map(|input| input.link).chain(dangling.iter().map(|(link, _)| *link)).collect();
    let mut names: HashMap<usize, Vec<&'d str>> = HashMap::new();
    let mut order: Vec<usize> = Vec::new();
    for saved in node.raw.get("inputs").items() {
        let link = saved.get("link");
        if link.is_null() {
            continue;
        }
        let Some(link) = link_ids.get(&id_text(link)).copied().filter(|link| here.contains(link)) else {
            continue;
        };
        let name = saved.get("name").str().unwrap_or("");
        if !counts(node, name) {
            continue;
        }
        let entry = names.entry(link).or_default();
        if entry.is_empty() {
            order.push(link);
        }
        entry.push(name);
    }

    // Moving a link into an autogrow group can grow it, which moves others.
    for _ in 0..order.len() {
        let slots: HashMap<usize, usize> = {
            let attached = node.inputs.iter().enumerate().filter_map(|(slot, input)| Some((input.link?, slot)));
            attached.collect()
        };
        let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
        for (slot, input) in node.inputs.iter().enumerate() {
            by_name.entry(&input.name).or_default().push(slot);
        }
        let mut moves: Vec<(usize, usize)> = Vec::new();
        let mut unmatched: HashSet<usize> = HashSet::new();
        for link in &order {
            let wanted: Vec<usize> =
                names[link].iter().filter_map(|name| by_name.get(name)).flatten().copied().collect();
            let now = slots.get(link).copied();
            match wanted.iter().min() {
                None => {
                    unmatched.insert(*link);
                }
                Some(_) if now.is_some_and(|now| wanted.contains(&now)) => {}
                Some(first) => moves.push((*link, *first)),
            }
        }
        let moving: HashSet<usize> = moves.iter().map(|(link, _)| *link).collect();
        // A link that no input names, or one that is in its place, keeps it.
        moves.retain(|(_, slot)| {
            node.inputs[*slot].link.is_none_or(|link| moving.contains(&link) || unmatched.contains(&link))
        });
        if moves.is_empty() {
            break;
        }
        for (link, _) in &moves {
            if let Some(slot) = slots.get(link) {
                node.inputs[*slot].link = None;
            }
            dangling.retain(|(other, _)| other != link);
        }
        let mut grow: Vec<Cow<'d, str>> = Vec::new();
        for (link, slot) in moves {
            node.inputs[slot].link = Some(link);
            grow.push(node.inputs[slot].name.clone());
        }
        for name in grow {
            if let Some(slot) = node.input_named(&name) {
                node.connected(slot);
            }
        }
    }
}

/// Before values are brought in: links to the children of a group widget follow their names, because choosing an option
/// replaces those inputs. Autogrow groups are left to [`follow_names`].
pub(crate) fn follow_names_into_groups<'d>(
    node: &mut Node<'d>,
    dangling: &mut Vec<(usize, usize)>,
    link_ids: &HashMap<Cow<'d, str>, usize>,
) {
    let of_autogrow = |node: &Node, name: &str| {
        group_of(name).is_some_and(|group| node.grown.iter().any(|grown| grown.name == group))
    };
    let of_widget = |input: &Json| {
        let name = input.get("name").str().unwrap_or("");
        !of_autogrow(node, name) && group_of(name).is_some_and(|group| node.widget_named(group).is_some())
    };
    if node.raw.get("inputs").items().iter().any(of_widget) {
        follow(node, dangling, link_ids, |node, name| !of_autogrow(node, name));
    }
}

/// Once all nodes have their sockets: every link follows its name.
pub(crate) fn follow_names(graph: &mut Graph) {
    let mut placed = vec![false; graph.links.len()];
    for node in &graph.nodes {
        for link in node.inputs.iter().filter_map(|input| input.link) {
            placed[link] = true;
        }
    }
    let mut ends = ends_by_node(graph);
    for (node, ends) in graph.nodes.iter_mut().zip(&mut ends) {
        // Links that lost their input when an option was chosen are gone for good; only those count that the slots of
        // the table put beyond the last input.
        ends.retain(|(link, slot)| !placed[*link] && *slot >= node.inputs.len());
        follow(node, ends, &graph.link_ids, |_, _| true);
    }
}
