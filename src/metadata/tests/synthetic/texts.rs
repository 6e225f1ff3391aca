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
        format!("<svg><desc>{}</desc></svg>", fields.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;")),
        format!("<svg><title>x</title><desc id='a'><![CDATA[{fields}]]></desc></svg>"),
        format!("\u{feff}<svg><desc>workflow:{WORKFLOW}</desc><desc>prompt: {PROMPT}</desc></svg>")
            .replace('"', "&#34;"),
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
fn a_request_keeps_its_workflow() {
    let request = format!(
        r#"{{"client_id": "c", "prompt": {PROMPT}, "extra_data": {{"extra_pnginfo": {{"workflow": {WORKFLOW}}}}}}}"#
    );
    assert_both(request.as_bytes(), "JSON");
    assert_both(
        format!("\u{feff}{}", format_args!(r#"{{"workflow": {WORKFLOW}, "output": {PROMPT}}}"#)).as_bytes(),
        "JSON",
    );
}

#[test]
fn what_stands_under_the_wrong_key_is_recognised_by_its_form() {
    let chunk = |key: &str, text: &str| png::chunk(b"tEXt", format!("{key}\0{text}").as_bytes());
    assert_both(&png::file(&[chunk("workflow", PROMPT), chunk("prompt", WORKFLOW)]), "PNG");
    let prompt_only = read(&png::file(&[chunk("workflow", PROMPT)])).unwrap();
    assert_eq!((prompt_only.workflow, prompt_only.prompt.as_deref()), (None, Some(PROMPT)));
    let workflow_only = read(&png::file(&[chunk("prompt", WORKFLOW)])).unwrap();
    assert_eq!((workflow_only.workflow.as_deref(), workflow_only.prompt), (Some(WORKFLOW), None));
    // The right key counts for more, in either order, and an object of neither form for nothing.
    let other = r#"{"9": {"class_type": "Other"}}"#;
    for chunks in
        [[chunk("workflow", other), chunk("prompt", PROMPT)], [chunk("prompt", PROMPT), chunk("workflow", other)]]
    {
        let embedded = read(&png::file(&chunks)).unwrap();
        assert_eq!((embedded.workflow, embedded.prompt.as_deref()), (None, Some(PROMPT)));
    }
    let embedded = read(&png::file(&[chunk("workflow", r#"{"version": 1}"#), chunk("prompt", PROMPT)])).unwrap();
    assert_eq!((embedded.workflow, embedded.prompt.as_deref()), (None, Some(PROMPT)));
    let request = format!(r#"{{"prompt": {PROMPT}, "extra_data": {{"extra_pnginfo": {{"workflow": {WORKFLOW}}}}}}}"#);
    assert_both(&png::file(&[chunk("prompt", &request)]), "PNG");
    assert_both(
        &png::file(&[chunk("workflow", &format!("\u{feff}{}", text(WORKFLOW))), chunk("prompt", PROMPT)]),
        "PNG",
    );
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
