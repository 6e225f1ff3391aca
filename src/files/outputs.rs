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
            if is_model && !text.as_bytes().contains(&b'\n') {
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
mod tests;
