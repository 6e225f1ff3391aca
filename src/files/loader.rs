//! Which input of a prompt takes an uploaded file.

use crate::files::kind::{self, Kind};
use crate::protocol::json::Raw;
use crate::text::substring::{self, split_once};

/// An input that holds the name of a file on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loader {
    /// The node.
    pub node_id: String,
    /// Its class.
    pub class_type: String,
    /// The input.
    pub input: String,
}

/// The uploaded file as a loader node's input names it: with its subfolder and, where it is not among the inputs, its
/// folder in brackets.
pub fn reference(name: &str, subfolder: &str, folder: &str) -> String {
    let mut reference = if subfolder.is_empty() { name.to_owned() } else { format!("{subfolder}/{name}") };
    if !folder.is_empty() && folder != "input" {
        reference = format!("{reference} [{folder}]");
    }
    reference
}

/// A name that may carry its folder in brackets, as [`reference`] makes it: the name, and the folder.
pub fn split_folder(reference: &str) -> (&str, Option<&'static str>) {
    let folders = [(" [input]", "input"), (" [output]", "output"), (" [temp]", "temp")];
    let found = folders.iter().find_map(|(bracket, folder)| Some((reference.strip_suffix(bracket)?, *folder)));
    found.map_or((reference, None), |(name, folder)| (name, Some(folder)))
}

impl Loader {
    fn describe(&self) -> String {
        [&self.node_id, " (", &self.class_type, ", input ", &self.input, ")"].concat()
    }
}

/// Which input of a prompt a file goes into: the only one that loads files like it, or what `node` and `input` name.
/// The error is the message for the caller.
pub fn choose(prompt: Raw, filename: &str, node: Option<&str>, input: Option<&str>) -> Result<Loader, String> {
    let named = node.map_or(Raw::NULL, |id| prompt.get(id));
    let class_type = named.string_at("class_type");
    let id = node.unwrap_or_default();
    if node.is_some() && !named.get("inputs").is_object() {
        return Err(["The prompt has no node ", id, " with inputs. ", &all_loaders(prompt)].concat());
    }
    if let (Some(_), Some(input)) = (node, input) {
        let inputs = named.get("inputs").entries();
        if inputs.iter().any(|(name, _)| name == input) {
            return Ok(Loader { node_id: id.to_owned(), class_type: class_type.into_owned(), input: input.to_owned() });
        }
        let has = inputs.iter().map(|(name, _)| &**name).collect::<Vec<_>>().join(", ");
        let has = if has.is_empty() { "none" } else { &has };
        return Err(
            ["Node ", id, " (", &class_type, ") of the prompt has no input ", input, "; it has ", has, "."].concat()
        );
    }
    let mut loaders = find(prompt, filename);
    loaders
        .retain(|loader| node.is_none_or(|id| id == loader.node_id) && input.is_none_or(|input| input == loader.input));
    match loaders.len() {
        1 => Ok(loaders.remove(0)),
        0 => {
            let who = match node {
                Some(_) => ["Node ", id, " (", &class_type, ") of the prompt loads no file like "].concat(),
                None => "No node of the prompt loads a file like ".to_owned(),
            };
            let into = input.map_or_else(String::new, |input| [" into an input ", input].concat());
            let say = ". Say where it goes: upload(file, { node, input }). ";
            Err([&who, filename, &into, say, &all_loaders(prompt)].concat())
        }
        _ => {
            let list = listed(&loaders);
            Err(["Several nodes load a file like ", filename, ": ", &list, ". Say which: upload(file, { node })."]
                .concat())
        }
    }
}

fn listed(loaders: &[Loader]) -> String {
    loaders.iter().map(Loader::describe).collect::<Vec<_>>().join(", ")
}

/// The nodes that load files, whatever their kind, in a sentence.
fn all_loaders(prompt: Raw) -> String {
    let loaders = search(prompt, &|held, input| match held {
        // Models are files too, but are not uploaded into a prompt.
        Some(kind) => kind != Kind::File,
        None => Kind::of_key(input) != Kind::File,
    });
    match loaders.is_empty() {
        true => "None of its nodes loads a file.".to_owned(),
        false => ["Files are loaded by ", &listed(&loaders), "."].concat(),
    }
}

/// The inputs of a prompt that load a file of the same kind as `filename`, in the prompt's order.
///
/// A prompt does not say which inputs are files. A loader is a node whose class has "load" in it, with an input that
/// holds a file name of that kind, or is called after the kind (`image` of `LoadImage`) and holds a text.
pub fn find(prompt: Raw, filename: &str) -> Vec<Loader> {
    let wanted = kind::of_extension(kind::split(filename).1).unwrap_or(Kind::File);
    search(prompt, &|held, input| held == Some(wanted) || held.is_none() && wanted.is_called(input))
}

/// The 3D models that a prompt loads: their paths, and the folders that these are below.
pub fn loaded_models(prompt: Raw) -> Vec<(String, &'static str)> {
    let mut models = Vec::new();
    for (_, node) in prompt.entries().iter().filter(|(_, node)| is_loader(*node)) {
        for value in node.get("inputs").entries().iter().filter_map(|(_, value)| value.string()) {
            let (path, folder) = split_folder(&value);
            if kind::of_extension(kind::split(path).1) == Some(Kind::Model3d) {
                models.push((path.to_owned(), folder.unwrap_or("input")));
            }
        }
    }
    models
}

fn is_loader(node: Raw) -> bool {
    substring::find(&node.string_at("class_type").to_ascii_lowercase(), "load").is_some()
}

/// The loaders whose input fits, by the kind of the file that it holds, if any, and by its name.
fn search(prompt: Raw, fits: &dyn Fn(Option<Kind>, &str) -> bool) -> Vec<Loader> {
    let mut loaders = Vec::new();
    for (node_id, node) in prompt.entries() {
        if !is_loader(node) {
            continue;
        }
        let input = node.get("inputs").entries().into_iter().find_map(|(input, value)| {
            let value = value.string()?;
            let value = split_once(&value, " [").map_or(&*value, |(name, _)| name);
            let held = kind::of_extension(kind::split(value).1);
            fits(held, &input).then(|| input.into_owned())
        });
        if let Some(input) = input {
            let (node_id, class_type) = (node_id.into_owned(), node.string_at("class_type").into_owned());
            loaders.push(Loader { node_id, class_type, input });
        }
    }
    loaders
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn found(prompt: Value, filename: &str) -> Vec<String> {
        let prompt = prompt.to_string();
        let found = find(Raw::read(&prompt).unwrap(), filename);
        found.iter().map(|loader| format!("{}.{}", loader.node_id, loader.input)).collect()
    }

    #[test]
    fn a_loader_holds_a_file_of_the_same_kind() {
        let prompt = json!({
            "1": {"class_type": "LoadImage", "inputs": {"image": "example.png", "upload": "image"}},
            "2": {"class_type": "VHS_LoadVideo", "inputs": {"video": "clip.mp4", "frame_rate": 8}},
            "3": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "model.safetensors"}},
            "4": {"class_type": "LoadAudio", "inputs": {"audio": "sound.flac"}},
            "5": {"class_type": "SaveImage", "inputs": {"filename_prefix": "out.png"}},
        });
        assert_eq!(found(prompt.clone(), "cat.jpg"), ["1.image"]);
        assert_eq!(found(prompt.clone(), "cat.webm"), ["2.video"]);
        assert_eq!(found(prompt.clone(), "cat.mp3"), ["4.audio"]);
        assert!(found(prompt, "cat.obj").is_empty());
    }

    #[test]
    fn an_input_called_after_the_kind_counts_while_it_names_no_file() {
        let prompt = json!({"1": {"class_type": "LoadImage", "inputs": {"image": ""}}});
        assert_eq!(found(prompt, "cat.png"), ["1.image"]);
        let linked = json!({"1": {"class_type": "LoadImage", "inputs": {"image": ["2", 0]}}});
        assert!(found(linked, "cat.png").is_empty());
    }

    #[test]
    fn a_file_goes_where_it_is_said_or_into_the_only_loader() {
        let prompt = json!({
            "1": {"class_type": "LoadImage", "inputs": {"image": "example.png", "upload": "image"}},
            "2": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "model.safetensors"}},
            "3": {"class_type": "SaveImage", "inputs": {"filename_prefix": "out", "images": ["1", 0]}},
            "4": {"class_type": "LoadAudio", "inputs": {"audio": "sound.flac"}},
        })
        .to_string();
        let prompt = Raw::read(&prompt).unwrap();
        let chosen = |file, node, input| choose(prompt, file, node, input).map(|loader| loader.describe());
        for (node, input) in [(None, None), (Some("1"), None), (None, Some("image")), (Some("1"), Some("image"))] {
            assert_eq!(chosen("q.png", node, input).unwrap(), "1 (LoadImage, input image)");
        }
        assert_eq!(chosen("q.png", Some("3"), Some("images")).unwrap(), "3 (SaveImage, input images)");
        let all = "Files are loaded by 1 (LoadImage, input image), 4 (LoadAudio, input audio).";
        let say = "upload(file, { node, input })";
        for (file, node, input, error) in [
            ("q.png", Some("99"), None, format!("The prompt has no node 99 with inputs. {all}")),
            ("q.png", Some("99"), Some("image"), format!("The prompt has no node 99 with inputs. {all}")),
            (
                "q.png",
                Some("1"),
                Some("foo"),
                "Node 1 (LoadImage) of the prompt has no input foo; it has image, upload.".to_owned(),
            ),
            (
                "q.png",
                Some("3"),
                None,
                format!("Node 3 (SaveImage) of the prompt loads no file like q.png. Say where it goes: {say}. {all}"),
            ),
            (
                "q.png",
                None,
                Some("foo"),
                format!(
                    "No node of the prompt loads a file like q.png into an input foo. Say where it goes: {say}. {all}"
                ),
            ),
            (
                "q.obj",
                None,
                None,
                format!("No node of the prompt loads a file like q.obj. Say where it goes: {say}. {all}"),
            ),
        ] {
            assert_eq!(chosen(file, node, input), Err(error));
        }
        let none = choose(Raw::NULL, "q.png", Some("1"), None).unwrap_err();
        assert_eq!(none, "The prompt has no node 1 with inputs. None of its nodes loads a file.");
    }

    #[test]
    fn a_reference_names_subfolder_and_folder() {
        assert_eq!(reference("a.png", "", "input"), "a.png");
        assert_eq!(reference("a.png", "sub", ""), "sub/a.png");
        assert_eq!(reference("a.png", "", "temp"), "a.png [temp]");
    }

    #[test]
    fn odd_prompts_have_no_loaders() {
        for prompt in [json!(null), json!([]), json!({"1": 3}), json!({"1": {"class_type": "LoadImage", "inputs": 1}})]
        {
            assert!(found(prompt, "a.png").is_empty());
        }
    }
}
