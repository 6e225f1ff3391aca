//! The nodes of a prompt and what each depends on: the order of `nodes_total`, and who must be done before a node runs.

use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

use crate::protocol::json;

/// A node id. Events and lists share it.
pub type Id = Rc<str>;

/// The nodes of one prompt.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// Node ids in topological order: a node comes after all that it depends on. Nodes that are free to come earlier
    /// or later keep the prompt's order; nodes of a cycle come last.
    pub ids: Rc<Vec<Id>>,
    index: HashMap<Id, usize>,
    parents: Vec<Vec<usize>>,
}

impl Graph {
    /// Reads the nodes out of a prompt. What is no prompt has no nodes.
    pub fn new(prompt: &Value) -> Graph {
        let Some(nodes) = prompt.as_object() else { return Graph::default() };
        let position: HashMap<&str, usize> = nodes.keys().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
        let parents: Vec<Vec<usize>> = nodes.values().map(|node| parents(node, &position)).collect();
        let order = topological(&parents);
        let ids: Vec<Id> = nodes.keys().map(|id| Id::from(id.as_str())).collect();
        let mut rank = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            rank[*old] = new;
        }
        Graph {
            index: ids.iter().enumerate().map(|(old, id)| (id.clone(), rank[old])).collect(),
            parents: order.iter().map(|old| parents[*old].iter().map(|parent| rank[*parent]).collect()).collect(),
            ids: Rc::new(order.iter().map(|old| ids[*old].clone()).collect()),
        }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether nothing is known of the prompt.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// A node's place in `ids`. Nodes created while running have none.
    pub fn find(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }

    /// The nodes that a node reads from.
    pub fn parents(&self, node: usize) -> &[usize] {
        &self.parents[node]
    }
}

/// A link is a list of an existing node's id and an output slot; any other list is a value.
fn parents(node: &Value, position: &HashMap<&str, usize>) -> Vec<usize> {
    let inputs = node.get("inputs").and_then(Value::as_object);
    let link = |value: &Value| match value.as_array()?.as_slice() {
        [origin, slot] if slot.is_number() => position.get(json::id_text(origin)?.as_str()).copied(),
        _ => None,
    };
    inputs.into_iter().flatten().filter_map(|(_, value)| link(value)).collect()
}

fn topological(parents: &[Vec<usize>]) -> Vec<usize> {
    let mut missing: Vec<usize> = parents.iter().map(Vec::len).collect();
    let mut children = vec![Vec::new(); parents.len()];
    for (node, list) in parents.iter().enumerate() {
        list.iter().for_each(|parent| children[*parent].push(node));
    }
    let mut ready: std::collections::BTreeSet<usize> = (0..parents.len()).filter(|node| missing[*node] == 0).collect();
    let mut order = Vec::with_capacity(parents.len());
    while let Some(node) = ready.pop_first() {
        order.push(node);
        for child in &children[node] {
            missing[*child] -= 1;
            if missing[*child] == 0 {
                ready.insert(*child);
            }
        }
    }
    order.extend((0..parents.len()).filter(|node| missing[*node] > 0));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ids(prompt: Value) -> Vec<String> {
        Graph::new(&prompt).ids.iter().map(|id| id.to_string()).collect()
    }

    #[test]
    fn a_node_comes_after_what_it_reads_from() {
        let prompt = json!({
            "9": {"inputs": {"images": ["8", 0], "size": [1, 2, 3]}},
            "8": {"inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
            "3": {"inputs": {"model": ["4", 0]}},
            "4": {"inputs": {}},
        });
        assert_eq!(ids(prompt), ["4", "3", "8", "9"]);
    }

    #[test]
    fn cycles_links_to_nowhere_and_odd_nodes_lose_nothing() {
        let prompt = json!({
            "1": {"inputs": {"a": ["2", 0]}},
            "2": {"inputs": {"a": ["1", 0], "b": ["77", 0], "c": ["3", "x"]}},
            "3": null,
            "4": {"inputs": {"self": ["4", 0]}},
        });
        assert_eq!(ids(prompt), ["3", "1", "2", "4"]);
        assert!(ids(json!(["not a prompt"])).is_empty());
    }
}
