//! The warnings of a conversion as they are collected.
//!
//! Some count only if a result depends on the node, which is known once all links are.

use crate::text::index::sorted;
use crate::workflow::export::conversion::Warning;
use crate::workflow::export::expand::{Expansion, NodeRef};
use crate::workflow::model::graph::Graphs;

/// The most that warnings may take, in bytes: subgraphs multiply them.
const MAX_BYTES: usize = 4_000_000;

/// The warnings of a conversion.
#[derive(Default)]
pub(crate) struct Warnings {
    list: Vec<Warning>,
    bytes: usize,
    /// Positions of those that count only if a result depends on their node, and the nodes.
    conditional: Vec<(usize, NodeRef)>,
}

impl Warnings {
    /// Whether no more are taken.
    pub fn is_full(&self) -> bool {
        self.bytes > MAX_BYTES
    }

    /// Adds a warning, or the last one, which says that there are more.
    pub fn push(&mut self, mut warning: Warning) {
        self.bytes += 100 + warning.node.len() + warning.input.len() + warning.message.len();
        if self.is_full() {
            warning.rule = "more";
            warning.message = "this and further warnings are left out: they are too many".to_owned();
        }
        self.list.push(warning);
    }

    /// The next warning counts only if a result depends on this node.
    pub fn expect_condition(&mut self, place: NodeRef) {
        self.conditional.push((self.list.len(), place));
    }

    pub fn last(&mut self) -> Option<&mut Warning> {
        self.list.last_mut()
    }

    /// All warnings but those of nodes that no result depends on. `links` lead from each node to those that it needs,
    /// `outputs` are the nodes that make results. Where there are none, all warnings stay: the object info may not say it.
    pub fn of_needed_nodes(
        mut self,
        graphs: &Graphs,
        expansion: &Expansion,
        links: &[(NodeRef, NodeRef)],
        outputs: Vec<NodeRef>,
    ) -> Vec<Warning> {
        if self.conditional.is_empty() || outputs.is_empty() {
            return self.list;
        }
        let scopes = 0..expansion.scopes.len();
        let mut needed: Vec<Vec<bool>> =
            scopes.map(|scope| vec![false; expansion.graph(graphs, scope).nodes.len()]).collect();
        let order = sorted(links.len(), &|a, b| links[a].0 < links[b].0);
        let mut pending = outputs;
        while let Some(place) = pending.pop() {
            if std::mem::replace(&mut needed[place.0][place.1], true) {
                continue;
            }
            let first = order.partition_point(|at| links[*at].0 < place);
            let own = order[first..].iter().map(|at| links[*at]).take_while(|(from, _)| *from == place);
            pending.extend(own.map(|(_, to)| to));
        }
        let is_unneeded = |(_, (scope, node)): &&(usize, NodeRef)| !needed[*scope][*node];
        let mut unneeded = self.conditional.iter().filter(is_unneeded).map(|(at, _)| *at);
        let mut next = unneeded.next();
        let mut at = 0;
        self.list.retain(|_| {
            let stays = next != Some(at);
            if !stays {
                next = unneeded.next();
            }
            at += 1;
            stays
        });
        self.list
    }
}
