//! The nodes of a prompt: their order in `nodes_total`, what each reads from, their titles and classes.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

use crate::protocol::json::Raw;
use crate::text::index::sorted;
use crate::text::substring::find;

/// A node id. Events and lists share it.
pub type Id = Rc<str>;

/// The nodes of one prompt.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    /// Node ids in topological order: a node comes after all that it depends on. Nodes that are free to come earlier
    /// or later keep the prompt's order; nodes of a cycle come last.
    pub ids: Rc<Vec<Id>>,
    /// Positions in `ids`, sorted by id.
    by_id: Vec<usize>,
    parents: Vec<Vec<usize>>,
    /// Whether another node reads from it.
    has_children: Vec<bool>,
    names: Vec<Names>,
}

/// Title and class of a node.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Names {
    /// The title that the editor gave it: `_meta.title` in the prompt.
    pub title: Option<Rc<str>>,
    /// Its class.
    pub class: Option<Rc<str>>,
}

impl Names {
    fn of(node: Raw) -> Names {
        let text = |value: Raw| value.string().map(|text| Rc::from(&*text));
        Names { title: text(node.get("_meta").get("title")), class: text(node.get("class_type")) }
    }
}

impl Graph {
    /// Reads the nodes out of a prompt, given as JSON text. What is no prompt has no nodes.
    pub fn new(prompt: &str) -> Graph {
        let nodes = Nodes::of(Raw::read(prompt).unwrap_or(Raw::NULL).entries());
        let parents: Vec<Vec<usize>> = nodes.list.iter().map(|(_, node)| nodes.parents(*node)).collect();
        let order = topological(&parents);
        let mut rank = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            rank[*old] = new;
        }
        let ranked = |old: &[usize]| -> Vec<usize> { old.iter().map(|old| rank[*old]).collect() };
        let parents: Vec<Vec<usize>> = order.iter().map(|old| ranked(&parents[*old])).collect();
        let mut has_children = vec![false; order.len()];
        parents.iter().flatten().for_each(|parent| has_children[*parent] = true);
        Graph {
            ids: Rc::new(order.iter().map(|old| Id::from(&*nodes.list[*old].0)).collect()),
            names: order.iter().map(|old| Names::of(nodes.list[*old].1)).collect(),
            by_id: ranked(&nodes.by_id),
            parents,
            has_children,
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

    /// A node's position in `ids`. Nodes created while running have none.
    pub fn find(&self, id: &str) -> Option<usize> {
        let found = self.by_id.binary_search_by(|position| (*self.ids[*position]).cmp(id)).ok()?;
        Some(self.by_id[found])
    }

    /// The node whose expansion made a node, by its id: `12:3.0.0.1` was made by `12:3`.
    pub fn find_origin(&self, id: &str) -> Option<usize> {
        // Ids of servers are short. Each dot of a very long one would cost a search.
        let mut dots = id.rmatch_indices('.').take(64);
        dots.find_map(|(dot, _)| self.find(&id[..dot]))
    }

    /// The title and class of a node.
    pub fn names(&self, node: usize) -> &Names {
        &self.names[node]
    }

    /// Whether the pictures that a node sends over the socket are its results: SaveImageWebsocket and custom nodes with
    /// such a name. Pictures of a node that another node reads from are previews.
    pub fn sends_results(&self, node: usize) -> bool {
        let class = self.names[node].class.as_deref().unwrap_or_default();
        !self.has_children[node] && find(&class.to_ascii_lowercase(), "websocket").is_some()
    }

    /// Nodes that no other node reads from: the ones that show or save something.
    pub fn leaves(&self) -> impl Iterator<Item = usize> {
        (0..self.len()).filter(|node| !self.has_children[*node])
    }

    /// The nodes that a node reads from.
    pub fn parents(&self, node: usize) -> &[usize] {
        &self.parents[node]
    }
}

/// The nodes of a prompt as they stand in it.
struct Nodes<'a> {
    list: Vec<(Cow<'a, str>, Raw<'a>)>,
    /// Positions in `list`, sorted by id.
    by_id: Vec<usize>,
}

impl<'a> Nodes<'a> {
    fn of(mut list: Vec<(Cow<'a, str>, Raw<'a>)>) -> Self {
        let by_id = sorted(list.len(), &|a, b| list[a].0 < list[b].0);
        // Where an id is repeated the last one counts.
        let mut counts = vec![true; list.len()];
        for pair in by_id.windows(2) {
            counts[pair[0]] = list[pair[0]].0 != list[pair[1]].0;
        }
        if counts.contains(&false) {
            let mut counts = counts.into_iter();
            list.retain(|_| counts.next() == Some(true));
            return Self::of(list);
        }
        Nodes { list, by_id }
    }

    /// A link is a list of an existing node's id and an output slot; any other list is a value.
    fn parents(&self, node: Raw) -> Vec<usize> {
        let link = |value: Raw| match value.items()[..] {
            [origin, slot] if slot.is_number() => {
                let origin = origin.id()?;
                let found = self.by_id.binary_search_by(|position| self.list[*position].0.cmp(&origin)).ok()?;
                Some(self.by_id[found])
            }
            _ => None,
        };
        node.get("inputs").entries().into_iter().filter_map(|(_, value)| link(value)).collect()
    }
}

fn topological(parents: &[Vec<usize>]) -> Vec<usize> {
    let mut missing: Vec<usize> = parents.iter().map(Vec::len).collect();
    let mut children = vec![Vec::new(); parents.len()];
    for (node, list) in parents.iter().enumerate() {
        list.iter().for_each(|parent| children[*parent].push(node));
    }
    let mut ready: BinaryHeap<Reverse<usize>> =
        (0..parents.len()).filter(|node| missing[*node] == 0).map(Reverse).collect();
    let mut order = Vec::with_capacity(parents.len());
    while let Some(Reverse(node)) = ready.pop() {
        order.push(node);
        for child in &children[node] {
            missing[*child] -= 1;
            if missing[*child] == 0 {
                ready.push(Reverse(*child));
            }
        }
    }
    order.extend((0..parents.len()).filter(|node| missing[*node] > 0));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn ids(prompt: Value) -> Vec<String> {
        Graph::new(&prompt.to_string()).ids.iter().map(|id| id.to_string()).collect()
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

    #[test]
    fn a_node_made_while_running_is_found_by_the_node_that_made_it() {
        let graph = Graph::new(r#"{"12:3": {}, "4": {}}"#);
        let at = |id| graph.find_origin(id);
        assert_eq!(
            (at("12:3.0.0.1"), at("4.1"), at("5.0.0.1"), at("4")),
            (graph.find("12:3"), graph.find("4"), None, None)
        );
        assert_eq!(at(&format!("4{}", ".".repeat(100_000))), None);
    }

    #[test]
    fn titles_and_classes_are_read_where_there_are_any() {
        let graph = Graph::new(r#"{"1": {"class_type": "KSampler", "_meta": {"title": "Paint"}}, "2": {"_meta": 7}}"#);
        let names = graph.names(0);
        assert_eq!((names.title.as_deref(), names.class.as_deref()), (Some("Paint"), Some("KSampler")));
        assert_eq!(*graph.names(1), Names::default());
    }

    #[test]
    fn results_that_are_sent_over_the_socket_are_told_by_the_class() {
        let prompt = json!({
            "1": {"class_type": "KSampler"},
            "2": {"class_type": "SaveImageWebsocket", "inputs": {"images": ["1", 0]}},
            "3": {"class_type": "ETN_SendImageWebSocket", "inputs": {"images": ["1", 0]}},
            "4": {"class_type": "ReadWebsocket", "inputs": {"x": ["1", 0]}},
            "5": {"class_type": "SaveImage", "inputs": {"images": ["4", 0]}},
        });
        let graph = Graph::new(&prompt.to_string());
        let sends = (0..graph.len()).filter(|node| graph.sends_results(*node)).map(|node| &*graph.ids[node]);
        assert_eq!(sends.collect::<Vec<_>>(), ["2", "3"]);
    }

    #[test]
    fn of_a_repeated_id_the_last_node_counts() {
        let graph =
            Graph::new(r#"{"1": {"inputs": {"a": ["2", 0]}}, "2": {}, "1": {}, "0": {"inputs": {"a": ["1", 0]}}}"#);
        assert_eq!((graph.ids.len(), graph.find("2"), graph.find("1")), (3, Some(0), Some(1)));
        assert_eq!((graph.parents(1), graph.parents(2)), (&[][..], &[1][..]));
    }
}
