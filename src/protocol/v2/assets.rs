//! The assets of a job as outputs of ComfyUI's nodes.

use crate::protocol::json::{Raw, write_string};
use crate::text::index::Numbers;
use crate::text::work;

/// Above this number a node's output, which is written whole each time, is passed on only when it has doubled and at
/// the end.
const MANY: usize = 64;

/// The assets that are known of a job, by node.
#[derive(Debug, Default)]
pub struct Assets {
    nodes: Vec<Node>,
    node_index: Numbers,
    /// Ids of all assets.
    known: Numbers,
    /// The node of the last asset.
    current: Option<usize>,
}

/// A node's output as JSON text, under its id.
pub type Output = (String, String);

#[derive(Debug)]
struct Node {
    id: String,
    /// The keys of the output, each with its items as JSON text, separated by commas.
    lists: Vec<(&'static str, String)>,
    assets: usize,
    /// The number of assets that have been passed on.
    taken: usize,
}

impl Assets {
    /// Adds an asset, unless it is known.
    pub fn add(&mut self, asset: Raw) {
        let (Some(node_id), id) = (asset.get("node_id").id(), asset.string_at("id")) else { return };
        let at = self.node_index.get(&node_id).unwrap_or_else(|| {
            self.node_index.set(&node_id, self.nodes.len());
            self.nodes.push(Node { id: node_id.clone().into_owned(), lists: Vec::new(), assets: 0, taken: 0 });
            self.nodes.len() - 1
        });
        self.current = Some(at);
        let known = format!("{at} {id}");
        if !self.known.set(&known, at) {
            return;
        }
        let key = match &*asset.string_at("type") {
            "image" => "images",
            "video" => "video",
            "audio" => "audio",
            "text" => "text",
            "latent" => "latents",
            _ => "files",
        };
        let node = &mut self.nodes[at];
        node.assets += 1;
        let list = match node.lists.iter().position(|(known, _)| *known == key) {
            Some(at) => &mut node.lists[at].1,
            None => {
                node.lists.push((key, String::new()));
                &mut node.lists.last_mut().expect("just pushed").1
            }
        };
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str("{\"subfolder\":\"\",\"type\":\"output\"");
        for (name, value) in [("filename", "name"), ("asset", "id"), ("url", "url")] {
            [",\"", name, "\":"].iter().for_each(|part| list.push_str(part));
            write_string(&asset.string_at(value), list);
        }
        list.push('}');
    }

    /// Whether an asset belongs to the same node as the one before it.
    pub fn is_of_current(&self, asset: Raw) -> bool {
        let current = self.current.map(|at| &*self.nodes[at].id);
        current.is_some() && current == asset.get("node_id").id().as_deref()
    }

    /// The output of the node whose assets came last, where it is due.
    pub fn take_current(&mut self) -> Option<Output> {
        let node = &mut self.nodes[self.current.take()?];
        if node.assets > MANY && node.assets < 2 * node.taken { None } else { node.take() }
    }

    /// The outputs of all nodes with assets that have not been passed on.
    pub fn take_all(&mut self) -> Vec<Output> {
        self.current = None;
        self.nodes.iter_mut().filter_map(Node::take).collect()
    }
}

impl Node {
    /// The whole output, where something in it is new.
    fn take(&mut self) -> Option<Output> {
        if self.taken == self.assets {
            return None;
        }
        self.taken = self.assets;
        work::count(self.lists.iter().map(|(_, items)| items.len()).sum());
        let mut output = String::from("{");
        for (at, (key, items)) in self.lists.iter().enumerate() {
            [if at > 0 { ",\"" } else { "\"" }, key, "\":[", items, "]"].iter().for_each(|part| output.push_str(part));
        }
        output.push('}');
        Some((self.id.clone(), output))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asset(node: usize, id: usize) -> String {
        format!(r#"{{"node_id": "{node}", "id": "{id}", "name": "{id}.png", "type": "image"}}"#)
    }

    /// Bytes that are passed on of `count` assets of two nodes that take turns.
    fn bytes_of_alternating_nodes(count: usize) -> usize {
        let mut assets = Assets::default();
        let mut bytes = 0;
        for at in 0..count {
            let text = asset(at % 2, at);
            assets.add(Raw::read(&text).unwrap());
            bytes += assets.take_current().map_or(0, |(_, output)| output.len());
        }
        bytes + assets.take_all().iter().map(|(_, output)| output.len()).sum::<usize>()
    }

    #[test]
    fn output_of_nodes_that_take_turns_grows_linearly_with_their_assets() {
        let [once, twice, four] = [1, 2, 4].map(|times| bytes_of_alternating_nodes(times * 4000));
        assert!(twice < once * 3 && four < twice * 3, "{once} {twice} {four}");
    }

    #[test]
    fn every_asset_is_passed_on_at_the_end() {
        let mut assets = Assets::default();
        for at in 0..100 {
            assets.add(Raw::read(&asset(at % 2, at / 2)).unwrap());
            assets.take_current();
        }
        assets.add(Raw::read(&asset(0, 3)).unwrap());
        let mut two = Assets::default();
        (0..300).for_each(|at| two.add(Raw::read(&asset(at % 2, at / 2)).unwrap()));
        let outputs = two.take_all();
        assert_eq!(
            outputs.iter().map(|(_, output)| output.matches("filename").count()).collect::<Vec<_>>(),
            [150, 150]
        );
        assert!(two.take_all().is_empty());
    }
}
