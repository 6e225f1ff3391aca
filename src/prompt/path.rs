//! A path to an input of a prompt: `NODE.INPUT`.
//!
//! NODE is an id, a title or a class; the first of these kinds that matches decides. A title with dots stands in double
//! quotes. INPUT is an input's exact name, dots included; else its beginning is an input that is linked, and the rest is
//! a path in the node that the link comes from: `KSampler.positive.text`.

use crate::protocol::json::Raw;
use crate::text::nearest::nearest;

/// An input of a node of the prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputRef {
    pub node: String,
    pub input: String,
}

/// The input that a path leads to. The error says why there is not exactly one, and what there is.
pub fn resolve(prompt: Raw, path: &str) -> Result<InputRef, String> {
    let (name, rest) = split(path)?;
    let nodes = Nodes(prompt.entries());
    let node = nodes.named(&name)?;
    nodes.input(node, rest)
}

/// The nodes of a prompt, by their ids.
struct Nodes<'a>(Vec<(std::borrow::Cow<'a, str>, Raw<'a>)>);

/// How many nodes, titles or inputs an error lists.
const MOST_LISTED: usize = 30;

/// The node's name without quotes, and the path behind it.
fn split(path: &str) -> Result<(String, &str), String> {
    let parts = match path.strip_prefix('"') {
        Some(quoted) => quoted.split_once("\".").map(|(name, rest)| (name.replace("\\\"", "\""), rest)),
        None => path.split_once('.').map(|(name, rest)| (name.to_owned(), rest)),
    };
    parts.filter(|(name, rest)| !name.is_empty() && !rest.is_empty()).ok_or_else(|| {
        let form = "A path is NODE.INPUT, such as \"KSampler.seed\" or \"3.seed\": NODE is an id, a title (with dots: \
                    in double quotes) or a class.";
        format!("{path:?} is no path to an input. {form}")
    })
}

impl<'a> Nodes<'a> {
    fn named(&self, name: &str) -> Result<usize, String> {
        if let Some(found) = self.0.iter().position(|(id, _)| id == name) {
            return Ok(found);
        }
        for (what, key) in [("title", true), ("class", false)] {
            let is = |node: Raw| if key { title(node) == name } else { node.string_at("class_type") == name };
            let found: Vec<usize> = (0..self.0.len()).filter(|&index| is(self.0[index].1)).collect();
            match found[..] {
                [] => {}
                [only] => return Ok(only),
                _ => {
                    let list = listed(found.iter().map(|&index| self.describe(index)));
                    return Err(format!("Several nodes have the {what} {name:?}: {list}. Name one by its id."));
                }
            }
        }
        let names: Vec<String> = self
            .0
            .iter()
            .flat_map(|(id, node)| [id.to_string(), title(*node), node.string_at("class_type").into_owned()])
            .filter(|name| !name.is_empty())
            .collect();
        let meant = nearest(name, names.iter().map(String::as_str))
            .map_or_else(String::new, |meant| format!(" Did you mean {meant:?}?"));
        let list = listed((0..self.0.len()).map(|index| self.describe(index)));
        Err(format!("No node of the prompt has the id, title or class {name:?}.{meant} Its nodes: {list}."))
    }

    fn input(&self, node: usize, path: &str) -> Result<InputRef, String> {
        let (id, found) = &self.0[node];
        let inputs = found.get("inputs").entries();
        if inputs.iter().any(|(name, _)| name == path) {
            return Ok(InputRef { node: id.to_string(), input: path.to_owned() });
        }
        // The longest name that fits: an input's own name may hold dots.
        let mut linked: Vec<_> = inputs.iter().filter(|(name, _)| starts_with_name(path, name)).collect();
        linked.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        for (name, value) in linked {
            let origin = value.items().first().and_then(|id| id.id());
            if let Some(origin) = origin.and_then(|id| self.0.iter().position(|(other, _)| *other == id)) {
                // The rest is shorter each time, so that circles of links come to an end.
                return self.input(origin, &path[name.len() + 1..]);
            }
        }
        let first = path.split('.').next().unwrap_or_default();
        let meant = nearest(first, inputs.iter().map(|(name, _)| &**name))
            .map_or_else(String::new, |meant| format!(" Did you mean {meant:?}?"));
        let has = listed(inputs.iter().map(|(name, _)| name.to_string()));
        let has = if has.is_empty() { "none" } else { &has };
        Err(format!("Node {} has no input {path:?}.{meant} Its inputs: {has}.", self.describe(node)))
    }

    fn describe(&self, index: usize) -> String {
        let (id, node) = &self.0[index];
        let (title, class_type) = (title(*node), node.string_at("class_type"));
        match title.is_empty() || title == class_type {
            true => format!("{id} ({class_type})"),
            false => format!("{id} ({class_type} {title:?})"),
        }
    }
}

fn title(node: Raw) -> String {
    node.get("_meta").string_at("title").into_owned()
}

fn starts_with_name(path: &str, name: &str) -> bool {
    path.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
}

fn listed(items: impl ExactSizeIterator<Item = String>) -> String {
    let more = items.len().saturating_sub(MOST_LISTED);
    let mut list = items.take(MOST_LISTED).collect::<Vec<_>>().join(", ");
    if more > 0 {
        list.push_str(&format!(" and {more} more"));
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMPT: &str = r#"{
        "3": {"class_type": "KSampler", "inputs": {"seed": 1, "positive": ["6", 0], "negative": ["57:7", 0], "model.a": 2},
              "_meta": {"title": "Sampler"}},
        "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "a", "clip": ["4", 1]}, "_meta": {"title": "Positive prompt"}},
        "57:7": {"class_type": "CLIPTextEncode", "inputs": {"text": "b", "clip": ["3", 0]}, "_meta": {"title": "v1.5 prompt"}},
        "KSampler": {"class_type": "Note", "inputs": {}}
    }"#;

    fn found(path: &str) -> Result<String, String> {
        resolve(Raw::read(PROMPT).unwrap(), path).map(|found| format!("{} {}", found.node, found.input))
    }

    #[test]
    fn a_node_is_named_by_id_then_title_then_class() {
        assert_eq!(found("3.seed").unwrap(), "3 seed");
        assert_eq!(found("57:7.text").unwrap(), "57:7 text");
        assert_eq!(found("Sampler.seed").unwrap(), "3 seed");
        assert_eq!(found("Positive prompt.text").unwrap(), "6 text");
        // A node whose id is the name goes before one whose class it is.
        assert!(found("KSampler.seed").unwrap_err().starts_with("Node KSampler (Note) has no input"));
    }

    #[test]
    fn an_input_has_its_exact_name_first_and_then_follows_links() {
        assert_eq!(found("3.positive").unwrap(), "3 positive");
        assert_eq!(found("3.positive.text").unwrap(), "6 text");
        assert_eq!(found("3.negative.clip.positive.text").unwrap(), "6 text");
        assert_eq!(found("3.model.a").unwrap(), "3 model.a");
    }

    #[test]
    fn a_title_with_dots_stands_in_quotes() {
        assert_eq!(found("\"v1.5 prompt\".text").unwrap(), "57:7 text");
        assert!(found("v1.5 prompt.text").is_err());
    }

    #[test]
    fn what_is_not_there_or_not_alone_is_listed() {
        let several = found("CLIPTextEncode.text").unwrap_err();
        assert!(several.contains("6 (CLIPTextEncode \"Positive prompt\"), 57:7"), "{several}");
        let none = found("Samplr.seed").unwrap_err();
        assert!(none.contains("Did you mean \"Sampler\"?") && none.contains("3 (KSampler \"Sampler\")"), "{none}");
        let input = found("3.sead").unwrap_err();
        assert!(
            input.contains("Did you mean \"seed\"?") && input.contains("seed, positive, negative, model.a"),
            "{input}"
        );
    }

    #[test]
    fn what_is_no_path_is_refused() {
        for path in ["", "3", ".seed", "3.", "\"Sampler.seed"] {
            assert!(found(path).unwrap_err().contains("is no path to an input"), "{path}");
        }
        assert!(resolve(Raw::NULL, "3.seed").is_err());
    }
}
