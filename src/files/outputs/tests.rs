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
        assert!(collect(&Raw::read(&text).unwrap().entries(), Raw::NULL).iter().any(|output| output.node_id == "2"));
    }
}
