//! Which input of a prompt an uploaded file belongs into.

use super::kind::{self, Kind};
use crate::protocol::json::Raw;

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

/// The inputs of a prompt that load a file of the same kind as `filename`, in the prompt's order.
///
/// A prompt does not say which inputs are files. A loader is a node whose class has "load" in it, with an input that
/// holds a file name of that kind, or is called after the kind (`image` of `LoadImage`) and holds a text.
pub fn find(prompt: Raw, filename: &str) -> Vec<Loader> {
    let wanted = kind::of_extension(kind::split(filename).1).unwrap_or(Kind::File);
    let mut loaders = Vec::new();
    for (node_id, node) in prompt.entries() {
        let class_type = node.string_at("class_type");
        if !class_type.to_ascii_lowercase().contains("load") {
            continue;
        }
        let input = node.get("inputs").entries().into_iter().find_map(|(input, value)| {
            let value = value.string()?;
            let value = value.split(" [").next().unwrap_or_default();
            let held = kind::of_extension(kind::split(value).1);
            (held == Some(wanted) || held.is_none() && wanted.is_called(&input)).then(|| input.into_owned())
        });
        if let Some(input) = input {
            let (node_id, class_type) = (node_id.into_owned(), class_type.into_owned());
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
