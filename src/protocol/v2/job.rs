//! Jobs of the Comfy API v2 and their assets, in ComfyUI's own words: history items, and the outputs of nodes.

use std::borrow::Cow;

use crate::protocol::json::{Raw, quoted, without_nan, write_string};

/// The answer to `GET /api/v2/jobs/{id}` as that to `GET /history/{prompt_id}`: `{}` where the job has not ended, or is
/// gone. What is no job stays as it is.
pub fn as_history<'a>(text: &'a str, prompt_id: &str) -> Cow<'a, str> {
    let clean = without_nan(text);
    let Ok(job) = Raw::read(&clean) else { return Cow::Borrowed(text) };
    if !job.get("status").is_string() {
        return Cow::Borrowed(text);
    }
    let Some((kind, fields)) = end(job) else { return Cow::Borrowed("{}") };
    let mut assets = Assets::default();
    job.get("outputs").items().into_iter().for_each(|asset| assets.take(asset));
    let outputs: Vec<String> =
        assets.untold().into_iter().map(|(node, output)| [&quoted(&node), ":", &output].concat()).collect();
    let status = match kind {
        "executing" => "\"success\",\"completed\":true,\"messages\":[]".to_owned(),
        _ => ["\"error\",\"completed\":false,\"messages\":[[\"", kind, "\",{", &fields, "}]]"].concat(),
    };
    let id = quoted(prompt_id);
    let parts = ["{", &id, ":{\"outputs\":{", &outputs.join(","), "},\"status\":{\"status_str\":", &status];
    Cow::Owned([&parts.concat(), "},\"job\":", job.text(), "}}"].concat())
}

/// How a job has ended: the frame that ComfyUI would have sent, by its type, and the fields of it. None where it goes on.
/// An expired one is not at its end but gone: nobody knows how it was.
pub fn end(job: Raw) -> Option<(&'static str, String)> {
    let error = job.get("error");
    match &*job.string_at("status") {
        "succeeded" => Some(("executing", "\"node\":null".to_owned())),
        "canceled" => Some(("execution_interrupted", "\"executed\":[]".to_owned())),
        "failed" => {
            let mut fields = "\"executed\":[],\"traceback\":[]".to_owned();
            for (name, key) in [
                ("node_id", "node_id"),
                ("node_type", "class_type"),
                ("exception_message", "message"),
                ("exception_type", "code"),
            ] {
                if let Some(said) = error.get(key).id() {
                    [",\"", name, "\":"].iter().for_each(|part| fields.push_str(part));
                    write_string(&said, &mut fields);
                }
            }
            Some(("execution_error", fields))
        }
        _ => None,
    }
}

/// The assets that nodes have made, by node.
#[derive(Debug, Default)]
pub struct Assets {
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    id: String,
    /// Ids, and entries as a node's output has them: key and item.
    assets: Vec<(String, &'static str, String)>,
    told: usize,
}

impl Assets {
    /// Takes an asset in, once.
    pub fn take(&mut self, asset: Raw) {
        let (Some(node_id), id) = (asset.get("node_id").id(), asset.string_at("id")) else { return };
        let at = self.nodes.iter().position(|node| node.id == *node_id).unwrap_or_else(|| {
            self.nodes.push(Node { id: node_id.into_owned(), assets: Vec::new(), told: 0 });
            self.nodes.len() - 1
        });
        let assets = &mut self.nodes[at].assets;
        if assets.iter().all(|(known, ..)| *known != *id) {
            let key = match &*asset.string_at("type") {
                "image" => "images",
                "video" => "video",
                "audio" => "audio",
                "text" => "text",
                "latent" => "latents",
                _ => "files",
            };
            let mut item = "{\"subfolder\":\"\",\"type\":\"output\"".to_owned();
            for (name, value) in [("filename", "name"), ("asset", "id"), ("url", "url")] {
                [",\"", name, "\":"].iter().for_each(|part| item.push_str(part));
                write_string(&asset.string_at(value), &mut item);
            }
            item.push('}');
            assets.push((id.into_owned(), key, item));
        }
    }

    /// Whether an asset is of the node that is being gathered: one with something untold.
    pub fn continues(&self, asset: Raw) -> bool {
        let untold = |node: &&Node| node.told < node.assets.len();
        let id = asset.get("node_id").id();
        self.nodes.iter().find(untold).is_some_and(|node| Some(&*node.id) == id.as_deref())
    }

    /// Nodes of which there is something new, with their whole outputs as JSON text.
    pub fn untold(&mut self) -> Vec<(String, String)> {
        let mut outputs = Vec::new();
        for node in &mut self.nodes {
            if node.told == node.assets.len() {
                continue;
            }
            node.told = node.assets.len();
            let mut keys: Vec<(&str, String)> = Vec::new();
            for (_, key, item) in &node.assets {
                match keys.iter_mut().find(|(known, _)| known == key) {
                    Some((_, items)) => [",", item].iter().for_each(|part| items.push_str(part)),
                    None => keys.push((key, item.clone())),
                }
            }
            let lists: Vec<String> = keys.iter().map(|(key, items)| ["\"", key, "\":[", items, "]"].concat()).collect();
            outputs.push((node.id.clone(), ["{", &lists.join(","), "}"].concat()));
        }
        outputs
    }
}
