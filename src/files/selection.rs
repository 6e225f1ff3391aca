//! Which of the files of a run a caller wants, and in which order.

use crate::files::outputs::{Content, Output};

/// Which files are wanted. The default is all of them.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Kinds (`image`) or keys (`gifs`).
    pub kinds: Option<Vec<String>>,
    /// The folders of the server.
    pub folders: Folders,
    /// Ids of nodes; what a node expanded into belongs to it.
    pub nodes: Option<Vec<String>>,
}

/// Which folders of the server files are wanted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Folders {
    /// Any.
    #[default]
    All,
    /// `output`: what was saved.
    Output,
    /// `temp`: previews.
    Temp,
    /// `output`, and where that has none of the files that are wanted, any.
    OutputFirst,
}

impl Folders {
    /// By its name in the options.
    pub fn named(word: &str) -> Option<Folders> {
        Some(match word {
            "all" => Folders::All,
            "output" => Folders::Output,
            "temp" => Folders::Temp,
            _ => return None,
        })
    }
}

/// The outputs that are wanted: saved ones before others, else in the order that they have.
pub fn select(mut outputs: Vec<Output>, wanted: &Selection) -> Vec<Output> {
    let is_kind = |output: &Output| wanted.kinds.as_ref().is_none_or(|kinds| output.is_one_of(kinds));
    let is_node = |output: &Output| {
        wanted.nodes.as_ref().is_none_or(|nodes| nodes.iter().any(|node| is_of(&output.node_id, node)))
    };
    outputs.retain(|output| is_kind(output) && is_node(output));
    let saves = outputs.iter().any(|output| folder(output) == "output");
    outputs.retain(|output| match wanted.folders {
        Folders::All => true,
        Folders::Output => folder(output) == "output",
        Folders::Temp => folder(output) == "temp",
        Folders::OutputFirst => !saves || folder(output) == "output",
    });
    let (mut first, rest): (Vec<_>, Vec<_>) = outputs.into_iter().partition(|output| folder(output) == "output");
    first.extend(rest);
    first
}

/// The folder of a file. A text is a result like what was saved.
fn folder(output: &Output) -> &str {
    match &output.content {
        Content::File(file) => &file.folder,
        Content::Text(_) => "output",
    }
}

fn is_of(id: &str, node: &str) -> bool {
    id.strip_prefix(node).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::outputs::collect;
    use crate::protocol::json::Raw;
    use serde_json::json;

    /// Names of the chosen outputs of two savers, a preview, an input and a text.
    fn chosen(wanted: &Selection) -> String {
        let file = |filename: &str, folder: &str| json!({"images": [{"filename": filename, "type": folder}]});
        let outputs = json!({
            "1": file("look.png", "temp"),
            "2": file("a.png", "output"),
            "3.0.0.1": file("b.png", "output"),
            "30": file("c.mp4", "output"),
            "4": file("given.png", "input"),
            "5": {"text": ["words"]},
        });
        let outputs = outputs.to_string();
        let prompt = Raw::read(r#"{"1": {}, "2": {}, "3": {}, "30": {}, "4": {}, "5": {}}"#).unwrap();
        let all = collect(&Raw::read(&outputs).unwrap().entries(), prompt);
        let name = |output: Output| match output.content {
            Content::File(file) => file.filename,
            Content::Text(text) => text,
        };
        select(all, wanted).into_iter().map(name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn saved_files_come_before_temporary_ones() {
        assert_eq!(chosen(&Selection::default()), "a.png c.mp4 words b.png look.png given.png");
    }

    #[test]
    fn a_caller_chooses_by_folder_kind_and_node() {
        let of = |folders, kinds: &[&str], nodes: &[&str]| {
            let list = |list: &[&str]| {
                (!list.is_empty()).then(|| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
            };
            chosen(&Selection { folders, kinds: list(kinds), nodes: list(nodes) })
        };
        assert_eq!(of(Folders::Output, &["image"], &[]), "a.png b.png");
        assert_eq!(of(Folders::Temp, &[], &[]), "look.png");
        assert_eq!(of(Folders::OutputFirst, &["image"], &[]), "a.png b.png");
        assert_eq!(of(Folders::OutputFirst, &["image"], &["1", "4"]), "look.png given.png");
        assert_eq!(of(Folders::All, &[], &["3"]), "b.png");
        assert_eq!(of(Folders::All, &[], &["9"]), "");
    }
}
