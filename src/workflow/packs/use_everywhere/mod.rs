//! Use Everywhere (`cg-use-everywhere`), 7.8; `js/`.
//!
//! A node of the pack broadcasts what it is linked to: every unlinked input of the same type in its graph gets a link that
//! is not in the file. The editor makes these links when a prompt is queued, in each graph, before subgraphs are taken
//! apart (`use_everywhere_graph_analysis.js`).
//!
//! - Which nodes send what, with which restrictions and priority: `senders`, `area`.
//! - Which inputs receive: `receivers`.
//! - Properties of older files: `properties`.
//! - Of several broadcasts that match an input, the one with the highest priority counts; where two share it, none does
//!   (`find_best_match`).
//! - The links of a file that was saved while they were in the graph go (`remove_saved_ue_links`): the ids of all graphs
//!   count for the root.
//!
//! The editor's option "Connect to bypassed nodes" is on, as it is by default: bypassed and muted nodes receive, and an
//! input with a link never does, wherever the link comes from.

mod area;
mod budget;
mod nodes;
mod properties;
mod receivers;
mod regex;
mod senders;
mod sources;

use crate::text::index::{Index, sorted};
use crate::workflow::model::graph::{Graph, Graphs, Note};
use crate::workflow::model::link::End;
use crate::workflow::model::types::fits;
use crate::workflow::packs::Pack;
use budget::{Budget, TooMuchWork};
use receivers::Receiver;
use senders::{Broadcast, Senders};

pub(crate) struct UseEverywhere;

/// Steps of a conversion: comparing a broadcast with an input is one, and so is each step of a regular expression.
const MAX_WORK: u64 = 30_000_000;

/// Where a link begins and where it ends, each with the slot.
type NewLink = ((End, usize), (End, usize));

impl Pack for UseEverywhere {
    fn name(&self) -> &'static str {
        "cg-use-everywhere"
    }

    fn add_links(&self, graphs: &mut Graphs) {
        cut_saved_links(graphs);
        let mut budget = Budget(MAX_WORK);
        for at in 0..graphs.graphs.len() {
            let Some(first) = graphs.graphs[at].nodes.iter().position(properties::broadcasts) else { continue };
            let mut notes = Vec::new();
            match new_links(graphs, at, &mut budget, &mut |node, input, message| {
                let pack = Some(self.name());
                notes.push(Note { graph: at, node, input, rule: "broadcast", message, pack });
            }) {
                Ok(links) => links.into_iter().for_each(|(from, to)| graphs.add_link(at, from, to)),
                Err(TooMuchWork) => {
                    let message = "the broadcasts of this graph are left out: with so many nodes and such regular \
                                   expressions they take too long. Use links in their place";
                    let pack = Some(self.name());
                    notes.clear();
                    notes.push(Note {
                        graph: at,
                        node: first,
                        input: String::new(),
                        rule: "broadcast",
                        message: message.into(),
                        pack,
                    });
                }
            }
            graphs.notes.append(&mut notes);
        }
    }
}

/// Takes away the links that were in the graph when the file was saved.
fn cut_saved_links(graphs: &mut Graphs) {
    let saved = graphs.graphs.iter().filter_map(|graph| graph.raw);
    let ids: Vec<&str> = saved.flat_map(|raw| raw.extra.added_links.iter()).map(|id| id.text(graphs.arena)).collect();
    let root = graphs.root();
    let root = &mut graphs.graphs[root];
    for id in ids {
        if let Some(link) = root.link_ids.first(id) {
            root.cut(link);
        }
    }
}

/// The links that the broadcasts of a graph make. `note` takes a node, an input and what there is to say about them.
fn new_links(
    graphs: &Graphs,
    at: usize,
    budget: &mut Budget,
    note: &mut dyn FnMut(usize, String, String),
) -> Result<Vec<NewLink>, TooMuchWork> {
    let senders = Senders::find(graphs, at, budget, note)?;
    let graph = &graphs.graphs[at];
    let broadcasts = &senders.broadcasts;
    // Those that an input of a type can get, the highest priority first.
    let order = sorted(broadcasts.len(), &|a, b| senders.priority(a) > senders.priority(b));
    let mut entries = Vec::new();
    for at in order {
        entries.extend(senders.received_as(at).map(|ty| (ty, at)));
    }
    let by_type = Index::of(entries);
    let mut links = Vec::new();
    for receiver in receivers::find(graphs, at, &|ty| by_type.first(ty).is_some(), budget)? {
        let mut best: Option<usize> = None;
        for (_, candidate) in by_type.all(receiver.ty) {
            let lower = |best: usize| senders.priority(*candidate) < senders.priority(best);
            if best.is_some_and(lower) {
                break;
            }
            if !senders.matches(*candidate, &receiver, budget)? {
                continue;
            }
            if let Some(other) = best.take() {
                if let End::Node(node) = receiver.end {
                    note(node, receiver.name.to_owned(), tie(graph, &senders, other, *candidate));
                }
                break;
            }
            best = Some(*candidate);
        }
        links.extend(best.and_then(|best| link(graph, &broadcasts[best], &receiver)));
    }
    Ok(links)
}

fn tie(graph: &Graph, senders: &Senders, one: usize, other: usize) -> String {
    let id = |broadcast: usize| graph.nodes[senders.controller(broadcast)].id;
    let (one, other) = (id(one), id(other));
    ["not linked: nodes ", one, " and ", other, " broadcast to it with the same priority"].concat()
}

/// The link of a broadcast, where the editor can make it.
fn link(graph: &Graph, broadcast: &Broadcast, receiver: &Receiver) -> Option<NewLink> {
    let is_possible = match (broadcast.origin, receiver.end) {
        (End::Node(node), _) => {
            let output = graph.nodes[node].outputs.get(broadcast.slot);
            receiver.end != End::Node(node) && output.is_some_and(|output| fits(output, receiver.ty))
        }
        (End::Boundary, End::Node(_)) => true,
        _ => false,
    };
    is_possible.then_some(((broadcast.origin, broadcast.slot), (receiver.end, receiver.slot)))
}
