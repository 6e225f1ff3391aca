//! What the nodes of a run have shown.

use std::fmt::Write;

use crate::protocol::json::quoted;
use crate::text::index::Numbers;

/// The outputs of a run, in the order in which they came.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    list: Vec<NodeOutput>,
    /// Positions in the list, by node.
    positions: Numbers,
}

#[derive(Debug, Clone)]
struct NodeOutput {
    node: String,
    /// As JSON text; none where the server had nothing to show.
    output: Option<String>,
    /// How many pictures the node sent over the socket as its results.
    pictures: usize,
}

impl Outputs {
    /// Takes an output in; a later one of the same node replaces it, unless it is empty. Pictures that came over the
    /// socket stay, because the output of such a node names no files.
    pub fn keep(&mut self, node: &str, output: Option<&str>) {
        let known = self.of(node);
        if let Some(output) = output.filter(|_| known.pictures == 0) {
            known.output = Some(output.to_owned());
        }
    }

    /// Takes a picture in that came over the socket as a result. Returns the name of its file.
    pub fn add_picture(&mut self, node: &str, extension: &str) -> String {
        let known = self.of(node);
        let filename = [node, "_", &known.pictures.to_string(), ".", extension].concat();
        let images = match known.output.take() {
            Some(mut images) if known.pictures > 0 => {
                images.truncate(images.len() - PICTURES_END.len());
                images.push(',');
                images
            }
            _ => PICTURES_BEGIN.to_owned(),
        };
        known.pictures += 1;
        known.output = Some(picture(images, &filename));
        filename
    }

    /// Takes over the pictures of another client of the same run: the server does not have them.
    pub fn adopt_pictures(&mut self, other: &Outputs) {
        for known in other.list.iter().filter(|known| known.pictures > 0) {
            let own = self.of(&known.node);
            (own.output, own.pictures) = (known.output.clone(), known.pictures);
        }
    }

    /// Whether the node has shown something.
    pub fn has(&self, node: &str) -> bool {
        self.positions.get(node).is_some_and(|position| self.list[position].output.is_some())
    }

    /// Node ids and outputs as JSON text.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.list.iter().filter_map(|known| Some((known.node.as_str(), known.output.as_deref()?)))
    }

    fn of(&mut self, node: &str) -> &mut NodeOutput {
        let position = self.positions.get(node).unwrap_or_else(|| {
            self.positions.set(node, self.list.len());
            self.list.push(NodeOutput { node: node.to_owned(), output: None, pictures: 0 });
            self.list.len() - 1
        });
        &mut self.list[position]
    }
}

const PICTURES_BEGIN: &str = "{\"images\":[";
const PICTURES_END: &str = "]}";

fn picture(mut images: String, filename: &str) -> String {
    let _ = write!(images, r#"{{"filename":{},"subfolder":"","type":"output"}}"#, quoted(filename));
    images + PICTURES_END
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(outputs: &Outputs) -> Vec<String> {
        outputs.iter().map(|(node, output)| [node, ": ", output].concat()).collect()
    }

    #[test]
    fn the_last_output_of_a_node_counts_unless_it_is_empty() {
        let mut outputs = Outputs::default();
        outputs.keep("9", None);
        outputs.keep("3", Some("1"));
        outputs.keep("9", Some("2"));
        outputs.keep("9", None);
        assert_eq!(all(&outputs), ["9: 2", "3: 1"]);
    }

    #[test]
    fn pictures_that_came_over_the_socket_are_files_of_their_node() {
        let mut outputs = Outputs::default();
        assert_eq!(outputs.add_picture("12:3", "png"), "12:3_0.png");
        assert_eq!(outputs.add_picture("12:3", "jpg"), "12:3_1.jpg");
        outputs.keep("12:3", Some(r#"{"images": [{"source": "websocket"}]}"#));
        let file = |name: &str| format!(r#"{{"filename":"{name}","subfolder":"","type":"output"}}"#);
        let expected = format!(r#"12:3: {{"images":[{},{}]}}"#, file("12:3_0.png"), file("12:3_1.jpg"));
        assert_eq!(all(&outputs), [expected.as_str()]);
        let mut next = Outputs::default();
        next.adopt_pictures(&outputs);
        assert_eq!((all(&next), next.add_picture("12:3", "png").as_str()), (vec![expected], "12:3_2.png"));
    }
}
