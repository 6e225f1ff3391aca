//! What the nodes of a run made, from history's `outputs` and from `executed` frames.
//!
//! ComfyUI has no list of output kinds: each node names its own (`images`, `gifs`, `audio`, `3d`, `latents`, …), so
//! whatever has the shape of a file is one, and a text is what a node shows.

use super::kind::{self, Kind};
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Something that a node made.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Output {
    /// A file on the server.
    File(OutputFile),
    /// Text that came with the history.
    Text(OutputText),
}

/// A file that a node wrote.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutputFile {
    /// Its name, as the server gave it.
    pub filename: String,
    /// The folder below the one that `type` names; empty for that one itself.
    pub subfolder: String,
    /// `output`, `temp` (previews, gone when the server restarts) or `input`.
    #[serde(rename = "type")]
    pub folder: String,
    /// What it is, by its extension, else by the node's key.
    pub kind: Kind,
    /// By the extension.
    pub mime_type: &'static str,
    /// The node that made it.
    pub node_id: String,
    /// What the node listed it under, such as `images`.
    pub key: String,
    /// Other things that the node said of it, such as a film's `frame_rate`.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub details: Map<String, Value>,
}

/// A text that a node shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OutputText {
    /// The text.
    pub text: String,
    /// Always [`Kind::Text`].
    pub kind: Kind,
    /// The node that made it.
    pub node_id: String,
    /// What the node listed it under, such as `text`.
    pub key: String,
}

impl OutputFile {
    /// A file of no known node.
    pub fn new(filename: &str, subfolder: &str, folder: &str) -> Self {
        let extension = kind::split(filename).1;
        Self {
            filename: filename.to_owned(),
            subfolder: subfolder.to_owned(),
            folder: folder.to_owned(),
            kind: kind::of_extension(extension).unwrap_or(Kind::File),
            mime_type: kind::mime(extension),
            node_id: String::new(),
            key: String::new(),
            details: Map::new(),
        }
    }
}

impl Output {
    /// Whether a caller who asks for these kinds wants it. A word is a key as the node wrote it (`gifs`), or a kind
    /// (`image`, `images`, `3d`).
    pub fn is_one_of<T: AsRef<str>>(&self, kinds: &[T]) -> bool {
        let (key, kind) = match self {
            Output::File(file) => (&file.key, file.kind),
            Output::Text(text) => (&text.key, text.kind),
        };
        kinds.iter().any(|word| word.as_ref() == key || kind.is_called(word.as_ref()))
    }
}

/// All that the nodes made, each file once: in the order of the prompt's nodes, then as each node listed it.
///
/// Nodes that are not in the prompt were made while it ran: one such as `12.0.0.1` stands with `12`, another at the
/// end.
pub fn collect<'a>(outputs: &'a Map<String, Value>, prompt_order: impl IntoIterator<Item = &'a str>) -> Vec<Output> {
    let places: BTreeMap<&str, usize> = prompt_order.into_iter().enumerate().map(|(place, id)| (id, place)).collect();
    let place = |id: &str| {
        let maker = id.split('.').next().unwrap_or(id);
        places.get(id).or_else(|| places.get(maker)).copied().unwrap_or(usize::MAX)
    };
    let mut nodes: Vec<_> = outputs.iter().collect();
    nodes.sort_by_key(|(id, _)| place(id));

    let mut collected = Collected::default();
    for (node_id, output) in nodes {
        for (key, value) in output.as_object().into_iter().flatten() {
            collected.take(node_id, key, value, 0);
        }
    }
    collected.outputs
}

#[derive(Default)]
struct Collected {
    outputs: Vec<Output>,
    seen: BTreeSet<(String, String, String)>,
}

impl Collected {
    fn take(&mut self, node_id: &str, key: &str, value: &Value, depth: usize) {
        match value {
            Value::Array(items) if depth < 4 => items.iter().for_each(|item| self.take(node_id, key, item, depth + 1)),
            Value::Object(fields) => self.file(node_id, key, fields),
            Value::String(text) => self.text(node_id, key, text),
            Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn file(&mut self, node_id: &str, key: &str, fields: &Map<String, Value>) {
        let text = |field: &str| fields.get(field).and_then(Value::as_str).filter(|text| !text.is_empty());
        let Some(filename) = text("filename") else { return };
        let mut file =
            OutputFile::new(filename, text("subfolder").unwrap_or_default(), text("type").unwrap_or("output"));
        let described = |field: &str| matches!(field, "filename" | "subfolder" | "type");
        file.details =
            fields.iter().filter(|(field, _)| !described(field)).map(|(f, v)| (f.clone(), v.clone())).collect();
        self.add(node_id, key, file);
    }

    fn text(&mut self, node_id: &str, key: &str, text: &str) {
        // Preview3D lists its model as a path below the output folder, `{"result": ["3d/model.glb", …]}`.
        let (subfolder, filename) = text.rsplit_once(['/', '\\']).unwrap_or(("", text));
        if !text.contains('\n') && kind::of_extension(kind::split(filename).1) == Some(Kind::Model3d) {
            self.add(node_id, key, OutputFile::new(filename, subfolder, "output"));
        } else if !text.is_empty() {
            let (node_id, key) = (node_id.to_owned(), key.to_owned());
            self.outputs.push(Output::Text(OutputText { text: text.to_owned(), kind: Kind::Text, node_id, key }));
        }
    }

    fn add(&mut self, node_id: &str, key: &str, mut file: OutputFile) {
        if self.seen.insert((file.filename.clone(), file.subfolder.clone(), file.folder.clone())) {
            file.node_id = node_id.to_owned();
            file.key = key.to_owned();
            if file.kind == Kind::File {
                file.kind = Kind::of_key(key);
            }
            self.outputs.push(Output::File(file));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn collected(outputs: Value, order: &[&str]) -> Vec<Output> {
        collect(outputs.as_object().unwrap(), order.iter().copied())
    }

    fn names(outputs: &[Output]) -> Vec<String> {
        let name = |output: &Output| match output {
            Output::File(file) => format!("{}/{}/{}", file.folder, file.subfolder, file.filename),
            Output::Text(text) => format!("text:{}", text.text),
        };
        outputs.iter().map(name).collect()
    }

    fn image(filename: &str) -> Value {
        json!({"filename": filename, "subfolder": "", "type": "output"})
    }

    #[test]
    fn files_come_in_the_order_of_the_prompts_nodes_then_of_the_list() {
        let outputs = json!({
            "9": {"images": [image("c.png"), image("a.png")]},
            "made_elsewhere": {"images": [image("z.png")]},
            "3.0.0.1": {"images": [image("y.png")]},
            "3": {"images": [image("b.png")]},
        });
        let all = collected(outputs, &["3", "4", "9"]);
        assert_eq!(names(&all), ["output//y.png", "output//b.png", "output//c.png", "output//a.png", "output//z.png"]);
    }

    #[test]
    fn every_key_that_lists_files_counts_and_the_extension_tells_the_kind() {
        let outputs = json!({"1": {
            "images": [image("a.png"), image("film.mp4")],
            "animated": [true],
            "gifs": [{"filename": "v.webm", "subfolder": "x", "type": "temp", "format": "video/webm"}],
            "audio": [image("s.flac")],
            "3d": [image("m.glb")],
            "latents": [image("l.latent")],
            "videos": [image("unknown")],
            "anything": {"filename": "data.bin"},
            "nested": [[image("deep.webp")]],
        }});
        let kinds: Vec<_> = collected(outputs, &["1"])
            .into_iter()
            .map(|output| match output {
                Output::File(file) => (file.key, file.kind.name(), file.folder),
                Output::Text(text) => panic!("{text:?}"),
            })
            .collect();
        let kinds: Vec<_> = kinds.iter().map(|(key, kind, folder)| (key.as_str(), *kind, folder.as_str())).collect();
        assert_eq!(
            kinds,
            [
                ("images", "image", "output"),
                ("images", "video", "output"),
                ("gifs", "video", "temp"),
                ("audio", "audio", "output"),
                ("3d", "3d", "output"),
                ("latents", "latent", "output"),
                ("videos", "video", "output"),
                ("anything", "file", "output"),
                ("nested", "image", "output"),
            ]
        );
    }

    #[test]
    fn what_a_node_says_of_a_file_is_kept() {
        let outputs = json!({"1": {"gifs": [{"filename": "v.mp4", "type": "output", "frame_rate": 8.0}]}});
        let all = collected(outputs, &[]);
        let Output::File(file) = &all[0] else { panic!() };
        assert_eq!(Value::Object(file.details.clone()), json!({"frame_rate": 8.0}));
        assert_eq!(file.mime_type, "video/mp4");
    }

    #[test]
    fn text_is_taken_as_it_is_and_a_path_of_a_model_as_the_file() {
        let outputs = json!({
            "1": {"text": ["hello", "", "two\nlines.glb"]},
            "2": {"result": ["3d/sub/m.glb", null, {}]},
            "3": {"string": "x"},
        });
        let all = collected(outputs, &["1", "2", "3"]);
        assert_eq!(names(&all), ["text:hello", "text:two\nlines.glb", "output/3d/sub/m.glb", "text:x"]);
    }

    #[test]
    fn a_file_that_is_listed_twice_comes_once_but_temp_and_output_are_two() {
        let temp = json!({"filename": "a.png", "subfolder": "", "type": "temp"});
        let twice = json!({"images": [image("a.png"), image("a.png")], "gifs": [image("a.png")]});
        let outputs = json!({"1": twice, "2": {"images": [temp]}});
        assert_eq!(names(&collected(outputs, &["1", "2"])), ["output//a.png", "temp//a.png"]);
    }

    #[test]
    fn a_caller_asks_by_key_or_by_kind() {
        let outputs = json!({"1": {"images": [image("a.png"), image("b.mp4")], "text": ["t"]}});
        let all = collected(outputs, &["1"]);
        let asked = |kinds: &[&str]| all.iter().filter(|output| output.is_one_of(kinds)).count();
        assert_eq!(asked(&["images"]), 2);
        assert_eq!(asked(&["image"]), 1);
        assert_eq!(asked(&["video", "text"]), 2);
        assert_eq!(asked(&["gifs"]), 0);
    }

    #[test]
    fn outputs_of_any_other_shape_are_passed_over() {
        let list = json!([1, null, {"filename": 3}, {"filename": ""}]);
        let outputs = json!({"1": null, "2": [], "3": "x", "4": {"images": null, "n": 3, "list": list}});
        assert_eq!(collected(outputs, &["1"]), []);
        let mut deep = json!("x");
        for _ in 0..100 {
            deep = json!([deep]);
        }
        assert_eq!(collected(json!({"1": {"images": deep}}), &[]), []);
    }

    #[test]
    fn javascript_gets_the_names_of_the_wire() {
        let all = collected(json!({"1": {"images": [image("a.png")], "text": ["t"]}}), &[]);
        assert_eq!(
            serde_json::to_value(&all).unwrap(),
            json!([
                {"filename": "a.png", "subfolder": "", "type": "output", "kind": "image", "mime_type": "image/png",
                    "node_id": "1", "key": "images"},
                {"text": "t", "kind": "text", "node_id": "1", "key": "text"},
            ])
        );
    }
}
