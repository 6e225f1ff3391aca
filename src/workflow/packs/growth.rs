//! The rules of each pack cost no more than linear work: in nodes, and in what one node holds.

use crate::text::work;
use crate::workflow::{ConvertOptions, ObjectInfo, convert};

/// Texts in a row, each made of its number.
fn list(size: usize, text: &dyn Fn(usize) -> String) -> String {
    (0..size).map(text).collect::<Vec<_>>().join(",")
}

/// A class of a pack with these inputs, as JSON text.
fn class(inputs: &str) -> String {
    format!(r#"{{"input":{{"required":{{{inputs}}}}},"output":["*"],"python_module":"custom_nodes.x"}}"#)
}

/// A node with these fields.
fn node(id: usize, class_type: &str, fields: &str) -> String {
    format!(r#"{{"id":{id},"type":"{class_type}","pos":[{id},0],"size":[9,9]{fields}}}"#)
}

/// Converts a workflow with these nodes, links and groups.
fn run(classes: &[(&str, String)], nodes: &str, rest: &str) {
    let classes: Vec<String> = classes.iter().map(|(name, class)| format!("\"{name}\":{class}")).collect();
    let object_info = ObjectInfo::parse(&format!("{{{}}}", classes.join(","))).expect("an object info");
    let workflow = format!(r#"{{"version":0.4,"nodes":[{nodes}]{rest}}}"#);
    convert(&workflow, &object_info, &ConvertOptions::default()).expect("a prompt");
}

/// One node whose class and fields grow.
fn grows(class_type: &str, inputs: &dyn Fn(usize) -> String, fields: &dyn Fn(usize) -> String) {
    work::assert_linear(class_type, 400, &|size| {
        run(&[(class_type, class(&inputs(size)))], &node(1, class_type, &fields(size)), "");
    });
}

fn texts(size: usize) -> String {
    list(size, &|at| format!(r#""text{at}":["STRING",{{"multiline":true}}]"#))
}

fn nothing(_: usize) -> String {
    String::new()
}

fn values(text: &'static dyn Fn(usize) -> String) -> impl Fn(usize) -> String {
    move |size| format!(r#","widgets_values":[{}]"#, list(size, text))
}

#[test]
fn of_one_node_with_many_values() {
    grows(
        "Power Lora Loader (rgthree)",
        &nothing,
        &values(&|at| format!(r#"{{"on":true,"lora":"{at}","strength":1,"strengthTwo":null}}"#)),
    );
    grows("Image Comparer (rgthree)", &nothing, &|size| {
        format!(r#","widgets_values":[[{}]]"#, list(size, &|at| format!(r#"{{"name":"{at}","url":"u"}}"#)))
    });
    grows("Power Puter (rgthree)", &nothing, &|size| {
        format!(r#","widgets_values":[{{"outputs":[{}]}}]"#, list(size, &|_| "\"INT\"".into()))
    });
    grows("ShowText|pysssss", &nothing, &values(&|at| format!("\"{at}\"")));
    grows("easy showAnything", &nothing, &values(&|at| format!("\"{at}\"")));
    grows("Lora Loader (LoraManager)", &|_| r#""loras":["LORAS"]"#.into(), &|size| {
        format!(r#","widgets_values":[[{}]]"#, list(size, &|at| format!(r#"{{"name":"{at}","strength":1}}"#)))
    });
    grows("Lora Loader (LoraManager)", &|_| r#""loras":["LORAS"]"#.into(), &|size| {
        format!(r#","widgets_values":[[{}]]"#, list(size, &|_| r#"{"name":"same","strength":1}"#.into()))
    });
    grows(
        "SplineEditor",
        &|_| r#""points_store":["STRING",{}],"coordinates":["STRING",{}],"sampling_method":[["path"]]"#.into(),
        &|size| {
            let points = list(size, &|at| format!(r#"{{\"x\":{at},\"y\":1}}"#));
            format!(r#","widgets_values":["[{points}]","[{points}]","path"]"#)
        },
    );
    grows("VHS_LoadVideo", &|_| r#""video":["STRING",{}]"#.into(), &|size| {
        format!(r#","widgets_values":{{{}}}"#, list(size + 2, &|at| format!(r#""v{at}":{at}"#)))
    });
    grows("mxSlider", &|_| r#""Xi":["INT"],"Xf":["FLOAT"],"isfloatX":["INT"]"#.into(), &|size| {
        format!(r#","properties":{{{}}}"#, list(size, &|at| format!(r#""p{at}":{at}"#)))
    });
    grows("Unlisted", &nothing, &|size| {
        format!(r#","widgets_values_named":{{{}}}"#, list(size, &|at| format!(r#""w{at}":{at}"#)))
    });
}

#[test]
fn of_one_class_with_many_inputs() {
    let seeds = |size: usize| list(size, &|at| format!(r#""seed{at}":["INT",{{"default":-1}}]"#));
    for class_type in ["ToDetailerPipe", "WildcardEncode //Inspire", "easy prompt", "VRGDG_ShowText", "JoinStringMulti"]
    {
        grows(class_type, &texts, &values(&|at| format!("\"{at}\"")));
    }
    for class_type in ["Seed (rgthree)", "KSampler (Efficient)", "easy forLoopStart", "SDParameterGenerator"] {
        grows(class_type, &|size| format!(r#""seed":["INT",{{}}],{}"#, seeds(size)), &values(&|_| "-1".into()));
    }
    grows("Power Prompt (rgthree)", &|size| list(size, &|at| format!(r#""insert_{at}":[["a","b","c"]]"#)), &nothing);
    grows(
        "Text (LoraManager)",
        &|size| list(size, &|at| format!(r#""t{at}":["AUTOCOMPLETE_TEXT_PROMPT"]"#)),
        &values(&|at| format!("\"{at}\"")),
    );
    grows(
        "VHS_VideoCombine",
        &|size| {
            let widgets = list(size, &|at| format!(r#"["w{at}","INT",{{"default":{at}}}]"#));
            format!(r#""format":[["f"],{{"formats":{{"f":[{widgets}]}}}}]"#)
        },
        &|size| format!(r#","widgets_values":{{"format":"f",{}}}"#, list(size + 2, &|at| format!(r#""w{at}":{at}"#))),
    );
    grows("Unlisted", &|size| list(size, &|at| format!(r#""c{at}":["COLORCODE"],"u{at}":["X"]"#)), &|size| {
        let inputs = list(size, &|at| format!(r#"{{"name":"u{at}","type":"X","widget":{{"name":"u{at}"}}}}"#));
        format!(r#","inputs":[{inputs}]"#)
    });
}

/// Half of the nodes send, each to nodes of its own group or title, the other half receive.
fn broadcasts(properties: &'static dyn Fn(usize) -> String) -> impl Fn(usize) {
    move |size| {
        let nodes = list(size, &|at| {
            let sends = format!(
                r#","outputs":[{{"name":"VAE","type":"T{at}"}}],"properties":{{"ue_convert":true,"ue_properties":{{"version":"7.8"{}}}}}"#,
                properties(at)
            );
            let receives =
                format!(r#","inputs":[{{"name":"x","type":"T{}","link":null}}],"properties":{{}}"#, at / 2 * 2);
            [node(2 * at, "Sends", &sends), node(2 * at + 1, "Receives", &receives)].join(",")
        });
        let classes = [("Sends", class("")), ("Receives", class(""))];
        run(&classes, &nodes, "");
    }
}

#[test]
fn of_many_broadcasts() {
    work::assert_linear("broadcasts", 400, &broadcasts(&nothing));
    work::assert_linear("broadcasts with titles", 400, &broadcasts(&|at| format!(r#","title_regex":"^Rec|{at}""#)));
    work::assert_linear("broadcasts with priorities", 400, &broadcasts(&|at| format!(r#","priority":{at}"#)));
    work::assert_linear("broadcasts with colours", 400, &broadcasts(&|_| r#","color_restricted":1"#.into()));
    work::assert_linear("broadcasts to one node", 400, &|size| {
        let inputs = list(size, &|at| format!(r#"{{"name":"x{at}","type":"V","link":null}}"#));
        let sends = node(1, "Sends", r#","outputs":[{"name":"V","type":"V"}],"properties":{"ue_convert":true}"#);
        let receives = node(2, "Receives", &format!(r#","inputs":[{inputs}],"properties":{{}}"#));
        run(&[("Sends", class("")), ("Receives", class(&texts(size)))], &[sends, receives].join(","), "");
    });
    // One type for all: of broadcasts without restrictions the first two decide.
    work::assert_linear("broadcasts of one type", 400, &|size| {
        let nodes = list(size, &|at| {
            let sends = r#","outputs":[{"name":"V","type":"V"}],"properties":{"ue_convert":true}"#;
            let receives = r#","inputs":[{"name":"x","type":"V","link":null}],"properties":{}"#;
            [node(2 * at, "Sends", sends), node(2 * at + 1, "Receives", receives)].join(",")
        });
        run(&[("Sends", class("")), ("Receives", class(""))], &nodes, "");
    });
}
