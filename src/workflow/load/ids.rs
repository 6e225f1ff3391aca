//! Ids of nodes.
//!
//! Rule P2: ids are unique across the root and all subgraph definitions. In definition order, an id that is taken is
//! replaced by the next after the highest ever given (`last_node_id`), and the definition's links and the promoted
//! widgets that name it follow. At the root a repeated id, an empty one and -1 get a
//! new one; anything else is an id by its text (`null`, `1.5`); of repeated ids inside one definition only the first node stays.

use crate::text::index::Index;
use crate::workflow::load::file::{Document, id_text};
use crate::workflow::model::arena::Arena;
use crate::workflow::model::saved::SavedGraph;

/// Gives out ids.
pub(crate) struct Ids<'d> {
    /// The ids of the file: those of the root, then those of the definitions, in order.
    index: Index<'d>,
    last: usize,
    /// Every id given out.
    minted: Vec<&'d str>,
}

impl<'d> Ids<'d> {
    /// The next id that none of the first `seen` nodes has.
    fn next(&mut self, seen: usize, arena: &'d Arena) -> &'d str {
        loop {
            self.last += 1;
            let id = arena.number(self.last);
            if self.index.first(id).is_none_or(|at| at >= seen) {
                self.minted.push(id);
                return id;
            }
        }
    }

    /// The next id that is free.
    pub fn mint(&mut self, arena: &'d Arena) -> &'d str {
        self.next(usize::MAX, arena)
    }

    fn was_minted(&self, id: &str) -> bool {
        // Ids are given out in ascending order.
        let before = |other: &&str| (other.len(), *other) < (id.len(), id);
        self.minted.get(self.minted.partition_point(before)) == Some(&id)
    }
}

/// The id of every node of every graph, `None` where the node does not count; and where the file leaves off.
pub(crate) fn assign<'d>(document: &Document<'d>, arena: &'d Arena) -> (Vec<Vec<Option<&'d str>>>, Ids<'d>) {
    let count = document.graphs.len();
    let root = &document.graphs[count - 1..];
    let ids_of = |graph: &&'d SavedGraph<'d>| graph.nodes.iter().map(|node| id_text(&node.id, arena));
    let all: Vec<&str> = root.iter().chain(&document.graphs[..count - 1]).flat_map(ids_of).collect();
    let mut ids = Ids { index: Index::new(all.iter().copied()), last: document.last_node_id, minted: Vec::new() };
    let root_count = root[0].nodes.len();

    let mut assigned = Vec::with_capacity(count);
    let mut seen = root_count;
    for definition in &document.graphs[..count - 1] {
        let start = seen;
        let mut own = Vec::new();
        for _ in definition.nodes.iter() {
            let id = all[seen];
            let alike = ids.index.all(id);
            let earlier = alike[..alike.partition_point(|(_, at)| *at < seen)].last().map(|(_, at)| *at);
            own.push(if earlier.is_some_and(|at| at >= start) {
                None
            } else if earlier.is_some() || ids.was_minted(id) {
                Some(ids.next(seen, arena))
            } else {
                // Beyond this JavaScript's numbers have gaps.
                ids.last = ids.last.max(id.parse().ok().filter(|number| (*number as u64) < 1 << 53).unwrap_or(0));
                Some(id)
            });
            seen += 1;
        }
        assigned.push(own);
    }
    let mut own = Vec::new();
    for (at, id) in all[..root_count].iter().enumerate() {
        let valid = !id.is_empty() && *id != "-1" && ids.index.first(id) == Some(at);
        own.push(Some(if valid { *id } else { ids.mint(arena) }));
    }
    assigned.push(own);
    (assigned, ids)
}
