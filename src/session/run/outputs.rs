//! What the nodes of a run have shown.

use crate::text::index::Numbers;

/// Outputs told so far, in the order in which they came.
#[derive(Debug, Default)]
pub struct Outputs {
    /// Node id and output as JSON text; no text where the server had nothing to show.
    list: Vec<(String, Option<String>)>,
    places: Numbers,
}

impl Outputs {
    /// Takes an output in; a later one of the same node replaces it, unless it is empty.
    pub fn keep(&mut self, node: &str, output: Option<&str>) {
        match self.places.get(node) {
            Some(place) => {
                if let Some(output) = output {
                    self.list[place].1 = Some(output.to_owned());
                }
            }
            None => {
                self.places.set(node, self.list.len());
                self.list.push((node.to_owned(), output.map(str::to_owned)));
            }
        }
    }

    /// Whether something that the node showed has been told.
    pub fn has(&self, node: &str) -> bool {
        self.places.get(node).is_some_and(|place| self.list[place].1.is_some())
    }

    /// Node ids and outputs as JSON text.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.list.iter().filter_map(|(node, output)| Some((node.as_str(), output.as_deref()?)))
    }
}
