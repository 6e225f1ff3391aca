//! Formats whose workflow is in a JSON or XML text: GLB, safetensors, SVG, JSON itself.

use crate::metadata::tests::synthetic::*;

pub fn glb(json: &str) -> Vec<u8> {
    join(&[b"glTF", &le32(2), &le32(20 + json.len()), &le32(json.len()), b"JSON", json.as_bytes()])
}

pub fn safetensors(header: &str) -> Vec<u8> {
    join(&[&(header.len() as u64).to_le_bytes(), header.as_bytes(), b"tensors"])
}

fn text(json: &str) -> String {
    Value::from(json).to_string()
}

#[test]
fn models_latents_and_drawings_are_read() {
    let fields = format!(r#"{{"workflow": {}, "prompt": {}}}"#, text(WORKFLOW), text(PROMPT));
    assert_both(&glb(&format!(r#"{{"asset": {{"version": "2.0", "extras": {fields}}}}}   "#)), "GLB");
    assert_both(&safetensors(&format!(r#"{{"__metadata__": {fields}, "latent": {{}}}}"#)), "safetensors file");
    for svg in [
        format!("<?xml version=\"1.0\"?>\n<svg><metadata><![CDATA[{fields}]]></metadata><path/></svg>"),
        format!("<SVG>\n<Metadata id='x'>\n <![CDATA[ {fields} ]]>\n</Metadata></SVG>"),
        format!("<svg><metadata>no</metadata><metadata><![CDATA[{fields}]]></metadata></svg>"),
    ] {
        assert_both(svg.as_bytes(), "SVG");
    }
}

#[test]
fn objects_are_taken_as_well_as_texts() {
    let embedded = read(&glb(r#"{"asset": {"extras": {"workflow": {"nodes": [1.5]}}}}"#)).unwrap();
    assert_eq!(embedded.workflow.as_deref(), Some(r#"{"nodes": [1.5]}"#));
}

#[test]
fn json_is_told_apart_by_its_form() {
    let embedded = |text: &str| read(text.as_bytes()).unwrap();
    assert_eq!(embedded(WORKFLOW).workflow.as_deref(), Some(WORKFLOW));
    assert_eq!(embedded(PROMPT).prompt.as_deref(), Some(PROMPT));
    assert_eq!(embedded(&format!("\u{feff}\n {WORKFLOW}\n")).format, "JSON");
    let request = embedded(r#"{"client_id": "x", "prompt": {"1": {"class_type": "A"}}}"#);
    assert_eq!((request.workflow, request.prompt.as_deref()), (None, Some(r#"{"1": {"class_type": "A"}}"#)));
    // A workflow keeps its own fields of these names.
    assert!(embedded(r#"{"nodes": [], "prompt": {}}"#).workflow.unwrap().contains("nodes"));
}

#[test]
fn utf_16_with_its_mark_is_read() {
    let units = || WORKFLOW.encode_utf16();
    let little = join(&[b"\xff\xfe", &units().flat_map(u16::to_le_bytes).collect::<Vec<_>>()]);
    let big = join(&[b"\xfe\xff", &units().flat_map(u16::to_be_bytes).collect::<Vec<_>>()]);
    for bytes in [little, big] {
        assert_eq!(read(&bytes).unwrap().workflow.as_deref(), Some(WORKFLOW));
    }
}
