//! Ids of nodes.
//!
//! Rule P2: ids are unique across the root and all subgraph definitions. In definition order, an id that is taken is
//! replaced by the next after the highest ever given (`last_node_id`), and the definition's links and the promoted
//! widgets that name it follow. At the root a repeated id, an empty one and -1 get a
//! new one; anything else is an id by its text (`null`, `1.5`); of repeated ids inside one definition only the first node stays.

use std::borrow::Cow;
use std::collections::HashSet;

use super::file::{Document, id_text};
use super::json::Json;

/// Gives out ids.
pub(crate) struct Ids<'d> {
    used: HashSet<Cow<'d, str>>,
    last: u64,
}

impl<'d> Ids<'d> {
    /// The next id that is free.
    pub fn mint(&mut self) -> Cow<'d, str> {
        loop {
            self.last += 1;
            let id: Cow<str> = Cow::Owned(self.last.to_string());
            if self.used.insert(id.clone()) {
                return id;
            }
        }
    }

    /// Takes an id that is free; false where it is taken.
    fn take(&mut self, id: &Cow<'d, str>) -> bool {
        if !self.used.insert(id.clone()) {
            return false;
        }
        if let Ok(number) = id.parse::<u64>() {
            // Beyond this JavaScript's numbers have gaps.
            if number < 1 << 53 {
                self.last = self.last.max(number);
            }
        }
        true
    }
}

impl Ids<'static> {
    /// Where a loaded file leaves off.
    pub fn after(document: &Document) -> Self {
        let (ids, _) = assign_all(document);
        let used = ids.used.into_iter().map(|id| Cow::Owned(id.into_owned())).collect();
        Ids { used, last: ids.last }
    }
}

/// The id of every node of every graph; `None` where the node does not count.
pub(crate) fn assign<'d>(document: &Document<'d>) -> Assigned<'d> {
    assign_all(document).1
}

type Assigned<'d> = Vec<Vec<Option<Cow<'d, str>>>>;

fn assign_all<'d>(document: &Document<'d>) -> (Ids<'d>, Assigned<'d>) {
    let mut ids = Ids { used: HashSet::new(), last: document.last_node_id };
    let Some((root, definitions)) = document.graphs.split_last() else {
        return (ids, Vec::new());
    };
    let root_nodes = root.get("nodes").items();
    ids.used.extend(root_nodes.iter().map(|node| id_text(node.get("id"))));

    let mut assigned = Vec::with_capacity(document.graphs.len());
    for definition in definitions {
        let nodes = definition.get("nodes").items();
        let mut own = HashSet::with_capacity(nodes.len());
        let assign = |node: &'d Json<'d>| {
            let id = id_text(node.get("id"));
            if !own.insert(id.clone()) {
                return None;
            }
            Some(if ids.take(&id) { id } else { ids.mint() })
        };
        assigned.push(nodes.iter().map(assign).collect());
    }

    let mut own = HashSet::with_capacity(root_nodes.len());
    let assign = |node: &'d Json<'d>| {
        let id = id_text(node.get("id"));
        let valid = !id.is_empty() && id != "-1";
        Some(if valid && own.insert(id.clone()) { id } else { ids.mint() })
    };
    assigned.push(root_nodes.iter().map(assign).collect());
    (ids, assigned)
}
