//! What the nodes of a prompt are called.

use crate::protocol::json::Raw;
use crate::text::columns::one_line;

/// For each node the title that the prompt gives it, else its class.
#[derive(Debug, Clone, Default)]
pub struct Titles(Vec<(String, String)>);

impl Titles {
    /// Reads the titles out of a prompt, given as JSON text; what is no prompt has none.
    pub fn of(prompt: &str) -> Titles {
        let entries = Raw::read(prompt).unwrap_or(Raw::NULL).entries();
        let titles = entries.into_iter().map(|(id, node)| {
            let title = one_line(&node.get("_meta").string_at("title"));
            (id.into_owned(), if title.is_empty() { one_line(&node.string_at("class_type")) } else { title })
        });
        Titles(titles.collect())
    }

    /// The title of a node; empty where the prompt gives it none.
    pub(super) fn get(&self, id: &str) -> Option<&str> {
        self.0.iter().find(|(other, _)| other == id).map(|(_, title)| title.as_str())
    }
}
