//! Outputs of the nodes of a run, from `outputs` of the history and from `executed` frames.
//!
//! ComfyUI has no list of output kinds: nodes choose their own keys (`images`, `gifs`, `audio`, `3d`, `latents`, …). So each
//! object with a `filename` is a file, and each string a text that the node shows.

use std::borrow::Cow;

use crate::files::kind::{self, Kind};
use crate::files::loader;
use crate::protocol::json::Raw;
use crate::text::index::{Index, Numbers};

/// A file or text that a node made.
#[derive(Debug, Clone, PartialEq)]
pub struct Output {
    /// The node that made it.
    pub node_id: String,
    /// The key in the output of the node, such as `images`.
    pub key: String,
    /// Its kind, by its extension, else by the key.
    pub kind: Kind,
    /// The file or text.
    pub content: Content,
}

/// A file on the server, or text that came with the history.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// A file on the server.
    File(OutputFile),
    /// Text that a node shows.
    Text(String),
}

/// The location of a file on the server.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputFile {
    /// Its name, as the server gave it.
    pub filename: String,
    /// The folder below the one that `folder` names; empty for that one itself.
    pub subfolder: String,
    /// The wire's `type`: `output`, `temp` (previews, gone when the server restarts) or `input`.
    pub folder: String,
    /// Where an asset (Comfy API v2) has its content; empty where there is only the name.
    pub url: String,
}

impl OutputFile {
    /// The MIME type, by the extension.
    pub fn mime_type(&self) -> &'static str {
        kind::mime(kind::split(&self.filename).1)
    }
}

impl Output {
    /// Whether a caller who asks for these kinds wants it. A word is a key as the node wrote it (`gifs`), or a kind
    /// (`image`, `images`, `3d`).
    pub fn is_one_of<T: AsRef<str>>(&self, kinds: &[T]) -> bool {
        kinds.iter().any(|word| word.as_ref() == self.key || self.kind.is_called(word.as_ref()))
    }

    /// The fields that JavaScript sees: `filename`, `subfolder`, `type`, `mime_type` of a file, `text` of a text, and
    /// `kind`, `key`, `node_id` of both.
    pub fn fields(&self) -> Vec<(&'static str, &str)> {
        let mut fields = match &self.content {
            Content::File(file) => vec![
                ("filename", file.filename.as_str()),
                ("subfolder", &file.subfolder),
                ("type", &file.folder),
                ("mime_type", file.mime_type()),
            ],
            Content::Text(text) => vec![("text", text.as_str())],
        };
        fields.extend([("kind", self.kind.name()), ("key", &self.key), ("node_id", &self.node_id)]);
        fields
    }
}

/// All that the nodes made, each file once: in the order of the prompt's nodes, then as each node listed it. Nodes that
/// are not in the prompt were made while it ran, and come last. `nodes`: ids, and what each showed.
pub fn collect(nodes: &[(impl AsRef<str>, Raw)], prompt: Raw) -> Vec<Output> {
    let mut collected = Collected { models: loader::loaded_models(prompt), ..Collected::default() };
    let by_id = Index::new(nodes.iter().map(|(id, _)| id.as_ref()));
    let order = prompt.entries();
    let in_prompt = order.iter().filter_map(|(id, _)| by_id.first(id)).map(|at| &nodes[at]);
    for (node_id, output) in in_prompt.chain(nodes) {
        collected.node(node_id.as_ref(), *output);
    }
    collected.outputs
}

/// Limit of node ids and keys in bytes. Each file has a copy of both, so longer ones would multiply with the files.
const NAME: usize = 1000;

#[derive(Default)]
struct Collected {
    outputs: Vec<Output>,
    /// 3D models that the prompt loads, with their folders.
    models: Vec<(String, &'static str)>,
    /// Nodes and files that have been seen.
    nodes: Numbers,
    files: Numbers,
}

impl Collected {
    fn node(&mut self, node_id: &str, output: Raw) {
        if node_id.len() <= NAME && self.nodes.set(node_id, 0) {
            for (key, value) in output.entries() {
                if key.len() <= NAME {
                    self.take(node_id, &key, value, 0);
                }
            }
        }
    }

    fn take(&mut self, node_id: &str, key: &str, value: Raw, depth: usize) {
        if depth < 4 {
            for item in value.items() {
                self.take(node_id, key, item, depth + 1);
            }
        }
        let field = |field| value.string_at(field);
        let filename = field("filename");
        if !filename.is_empty() {
            let folder = field("type");
            let folder = if folder.is_empty() { "output" } else { &folder };
            let url = if field("asset").is_empty() { Cow::Borrowed("") } else { field("url") };
            self.file(node_id, key, [&filename, &field("subfolder"), folder, &url]);
        }
        if let Some(text) = value.string() {
            // Preview3D lists its model as a path, `{"result": ["3d/model.glb", …]}`: below the output folder, unless it
            // shows what a node of the prompt has loaded.
            let (path, folder) = loader::split_folder(&text);
            let (subfolder, filename) = path.rsplit_once(['/', '\\']).unwrap_or(("", path));
            let is_model = kind::of_extension(kind::split(filename).1) == Some(Kind::Model3d);
            if is_model && !text.contains('\n') {
                let loaded = self.models.iter().find(|(loaded, _)| loaded == path).map(|(_, folder)| *folder);
                self.file(node_id, key, [filename, subfolder, folder.or(loaded).unwrap_or("output"), ""]);
            } else if !text.is_empty() {
                self.add(node_id, key, Kind::Text, Content::Text(text.into_owned()));
            }
        }
    }

    /// `file`: name, subfolder, folder, URL. Two assets may have the same name: their URLs differ.
    fn file(&mut self, node_id: &str, key: &str, file: [&str; 4]) {
        if self.files.set(&file.join("\0"), 0) {
            let [filename, subfolder, folder, url] = file.map(str::to_owned);
            let kind = kind::of_extension(kind::split(&filename).1).unwrap_or(Kind::of_key(key));
            self.add(node_id, key, kind, Content::File(OutputFile { filename, subfolder, folder, url }));
        }
    }

    fn add(&mut self, node_id: &str, key: &str, kind: Kind, content: Content) {
        self.outputs.push(Output { node_id: node_id.to_owned(), key: key.to_owned(), kind, content });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn collected_of(outputs: &Value, prompt: &Value) -> Vec<Output> {
        let (outputs, prompt) = (outputs.to_string(), prompt.to_string());
        collect(&Raw::read(&outputs).unwrap().entries(), Raw::read(&prompt).unwrap())
    }

    fn collected(outputs: Value, order: &[&str]) -> Vec<Output> {
        let nodes = order.iter().map(|id| ((*id).to_owned(), json!({})));
        collected_of(&outputs, &Value::Object(nodes.collect()))
    }

    fn names(outputs: &[Output]) -> Vec<String> {
        let name = |output: &Output| match &output.content {
            Content::File(file) => format!("{}/{}/{}", file.folder, file.subfolder, file.filename),
            Content::Text(text) => format!("text:{text}"),
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
        assert_eq!(names(&all), ["output//b.png", "output//c.png", "output//a.png", "output//z.png", "output//y.png"]);
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
            "files": {"filename": "data.bin"},
            "nested": [[image("deep.webp")]],
        }});
        let all = collected(outputs, &["1"]);
        let kinds: Vec<_> = all
            .iter()
            .map(|output| match &output.content {
                Content::File(file) => (output.key.as_str(), output.kind.name(), file.folder.as_str()),
                Content::Text(text) => panic!("{text:?}"),
            })
            .collect();
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
                ("files", "file", "output"),
                ("nested", "image", "output"),
            ]
        );
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
    fn a_model_that_the_prompt_loads_is_where_it_was_loaded_from() {
        let prompt = json!({
            "1": {"class_type": "Load3D", "inputs": {"model_file": "3d/given.glb", "width": 8}},
            "2": {"class_type": "LoadMesh", "inputs": {"mesh": "earlier.obj [output]"}},
            "3": {"class_type": "Preview3D", "inputs": {"model_file": "3d/made.glb"}},
        });
        let models = ["3d/given.glb", "earlier.obj", "3d/made.glb", "named.glb [temp]"];
        let all = collected_of(&json!({"3": {"result": models}}), &prompt);
        assert_eq!(names(&all), ["input/3d/given.glb", "output//earlier.obj", "output/3d/made.glb", "temp//named.glb"]);
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
            all.iter().map(Output::fields).collect::<Vec<_>>(),
            [
                vec![
                    ("filename", "a.png"),
                    ("subfolder", ""),
                    ("type", "output"),
                    ("mime_type", "image/png"),
                    ("kind", "image"),
                    ("key", "images"),
                    ("node_id", "1"),
                ],
                vec![("text", "t"), ("kind", "text"), ("key", "text"), ("node_id", "1")],
            ]
        );
    }

    #[test]
    fn long_keys_and_ids_do_not_multiply_with_the_files() {
        let files = r#"{"filename": "a.png"}, "text", "#.repeat(1000);
        let long = "k".repeat(100_000);
        let size = |text: &str| -> usize {
            let outputs = collect(&Raw::read(text).unwrap().entries(), Raw::NULL);
            outputs.iter().map(|output| output.node_id.len() + output.key.len()).sum()
        };
        for (id, key) in [("1", &*long), (&*long, "images")] {
            let text = format!(
                r#"{{"{id}": {{"{key}": [{files} 0], "gifs": [{{"filename": "b.gif"}}]}}, "2": {{"images": [{{"filename": "c.png"}}]}}}}"#
            );
            assert!(size(&text) < text.len(), "{}", size(&text));
            assert!(
                collect(&Raw::read(&text).unwrap().entries(), Raw::NULL).iter().any(|output| output.node_id == "2")
            );
        }
    }
}
