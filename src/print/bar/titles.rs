//! Titles of nodes.

use crate::protocol::json::Raw;
use crate::text::columns::one_line;
use crate::text::index::sorted;
use crate::text::work;

/// The title of each node of a prompt, else its class. Sorted by id: the bar looks a title up for each redraw.
#[derive(Debug, Clone, Default)]
pub struct Titles(Vec<(String, String)>);

/// Limit of a title in characters: the bar has less room, and measures it for each redraw.
const LONGEST: usize = 200;

impl Titles {
    /// Reads the titles of a prompt (JSON text); none where the text is not a prompt.
    pub fn of(prompt: &str) -> Titles {
        let entries = Raw::read(prompt).unwrap_or(Raw::NULL).entries();
        let titles = entries.into_iter().map(|(id, node)| {
            let title = one_line(&node.get("_meta").string_at("title"));
            let title = if title.is_empty() { one_line(&node.string_at("class_type")) } else { title };
            (id.into_owned(), title.chars().take(LONGEST).collect())
        });
        let mut titles: Vec<(String, String)> = titles.collect();
        let order = sorted(titles.len(), &|a, b| titles[a].0 < titles[b].0);
        Titles(order.into_iter().map(|at| std::mem::take(&mut titles[at])).collect())
    }

    /// The title of a node; empty where the prompt gives it none.
    pub(super) fn get(&self, id: &str) -> Option<&str> {
        let at = self.0.partition_point(|(other, _)| {
            work::count(1);
            other.as_str() < id
        });
        self.0.get(at).filter(|(other, _)| other == id).map(|(_, title)| title.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::work::assert_linear;

    #[test]
    fn a_title_is_found_without_looking_at_all_of_them() {
        assert_linear("titles, n lookups in n nodes", 1000, &|n| {
            let nodes: Vec<String> = (0..n).map(|id| format!(r#""{id}":{{"class_type":"A{id}"}}"#)).collect();
            let titles = Titles::of(&format!("{{{}}}", nodes.join(",")));
            for id in 0..n {
                assert_eq!(titles.get(&id.to_string()), Some(&*format!("A{id}")));
            }
            assert_eq!(titles.get("x"), None);
        });
    }
}
